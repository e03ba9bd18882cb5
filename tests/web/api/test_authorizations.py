"""Can an organization's admin see what it authorizes, authorize an app and end that, as a person and by a program?"""

import pytest

from keysteward.actions import callers, tokens
from keysteward.rules.refusals import BAD_TOKEN
from tests.cast import ADA, CY, MALLORY, ORGANIZATION, STRANGE, UNKNOWN, refused
from tests.web.api.program import House

AUTHORIZED = f"/organizations/{ORGANIZATION['demo']}/authorizations"
SCOPES = {"scopes": ["signature", "organization_read"]}


def test_an_app_is_authorized_seen_and_ended(house: House) -> None:
    """A person authorizes it; their program sees it and ends it, and its tokens die."""
    made, ctx = house.made, house.town.demo
    console, program, one = house.console(CY), house.program(CY), f"{AUTHORIZED}/{house.made.key}"
    authorized = console.ask("PUT", one.upper().replace("/ORGANIZATIONS/", "/organizations/").replace(
        "/AUTHORIZATIONS/", "/authorizations/"), SCOPES)  # fmt: skip
    listed = program.get(AUTHORIZED)
    token = tokens.grant_assertion(ctx, house.town.assertion(ctx, made, None)).access_token

    assert (authorized.status_code, listed) == (200, {"authorizations": [authorized.json()]})
    assert authorized.json() == {
        "key": made.key, "name": "Lease signer", "publisher": "Acme", "scopes": ["organization_read", "signature"],
        "given_at": "2026-11-20T09:30:00Z", "given_by": CY.demo,
    }  # fmt: skip
    assert callers.recognize(ctx, token).app.key == made.key
    assert program.ask("DELETE", one).status_code == 204
    with refused(BAD_TOKEN):
        callers.recognize(ctx, token)
    assert program.get(AUTHORIZED) == {"authorizations": []}
    assert program.refused("DELETE", one) == (404, "no-such-object", "")


def test_only_a_person_who_just_signed_in_authorizes(house: House) -> None:
    """No program does, and nobody whose sign-in is old; what programs end, such a person does not either."""
    console, program, one = house.console(CY), house.program(CY), f"{AUTHORIZED}/{house.made.key}"
    assert program.refused("PUT", one, SCOPES) == (403, "session-needed", "")
    house.town.clock.advance(minutes=11)

    assert console.refused("PUT", one, SCOPES) == (403, "fresh-sign-in-needed", "")
    assert console.refused("DELETE", one) == (403, "fresh-sign-in-needed", "")
    assert program.refused("DELETE", one) == (404, "no-such-object", "")


def test_who_may_not(house: House) -> None:
    """Members and strangers, for whom it is as absent as one that does not exist; programs without the permission."""
    one = f"{AUTHORIZED}/{house.made.key}"
    for person in (ADA, MALLORY):
        for path in (AUTHORIZED, AUTHORIZED.replace(ORGANIZATION["demo"], UNKNOWN), "/organizations/x/authorizations"):
            assert house.program(person).refused("GET", path) == (404, "no-such-organization", "")
        assert house.console(person).refused("PUT", one, SCOPES) == (404, "no-such-organization", "")
        assert house.program(person).refused("DELETE", one) == (404, "no-such-organization", "")
    reading = house.program(CY, permissions=frozenset({"organization:app:read"}))
    ending = house.program(CY, permissions=frozenset({"organization:app:revoke"}))
    assert reading.get(AUTHORIZED) == {"authorizations": []}
    assert reading.refused("DELETE", one) == (403, "token-lacks-permission", "")
    assert ending.refused("GET", AUTHORIZED) == (403, "token-lacks-permission", "")


@pytest.mark.parametrize("scopes", [[], [""], ["two words"], ["x"] * 21, ['"']])
def test_scopes_are_names(house: House, scopes: list[str]) -> None:
    """One to twenty, as RFC 6749 has them."""
    answer = house.console(CY).refused("PUT", f"{AUTHORIZED}/{house.made.key}", {"scopes": scopes})

    assert (answer.status, answer.code) == (400, "malformed")


def test_only_apps_of_its_own_accounts(house: House) -> None:
    """Those of others ask by a link, whose page says what they want."""
    foreign = house.town.create_app(by=MALLORY, firm=STRANGE, name="Stranger's helper")
    for key in (foreign.key, UNKNOWN, "x"):
        answer = house.console(CY).refused("PUT", f"{AUTHORIZED}/{key}", SCOPES)
        assert answer == (404, "no-such-key", "")
