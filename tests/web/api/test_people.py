"""Does a program learn who it speaks for, and can a person manage their tokens?"""

import pytest

from keysteward.rules.access import READ_KEYS
from tests.cast import ACME, ADA, BO, COUNCIL, ORGANIZATION, SAM, SMALL, UNKNOWN
from tests.web.api.program import House, Program

TOKENS = "/personal-access-tokens"
NEW = {"name": "Build server", "permissions": [READ_KEYS], "days": 7}


def test_a_program_learns_its_standing(house: House) -> None:
    """Who it speaks for, what it may do, and the standing in each account, the default one first."""
    me = house.program(permissions=frozenset({READ_KEYS})).get("/me")
    standings = [(each["id"], each["profile"], each["is_admin"], each["is_default"]) for each in me["accounts"]]

    assert (me["environment"], me["now"]) == ("demo", "2026-11-20T09:30:00Z")
    assert me["user"] == {"id": ADA.demo, "email": ADA.email, "first_name": "Ada", "last_name": "Admin"}
    assert me["permissions"] == [READ_KEYS]
    assert standings == [
        (ACME.demo, "DS Admin", True, True),
        (SMALL.demo, "DS Admin", True, False),
        (COUNCIL.demo, "DS Sender", False, False),
    ]
    assert [each["organization"] for each in me["accounts"]] == [ORGANIZATION["demo"], None, ORGANIZATION["demo"]]


def test_a_console_is_not_narrowed(house: House) -> None:
    """A session has no list of permissions: the standing alone decides."""
    assert house.console().get("/me")["permissions"] is None


def test_a_token_is_made_shown_once_and_works(house: House) -> None:
    """Its value stands in the answer that made it and nowhere else."""
    console = house.console()
    made = console.make(TOKENS, NEW)
    value = made.pop("value")
    program = Program(house.address_of(house.town.demo), Authorization=f"Bearer {value}")

    assert (made["name"], made["permissions"]) == ("Build server", [READ_KEYS])
    assert (made["created_at"], made["expires_at"]) == ("2026-11-20T09:30:00Z", "2026-11-27T09:30:00Z")
    assert console.get(TOKENS) == {"personal_access_tokens": [made]}
    assert value not in console.ask("GET", TOKENS).text
    assert program.get("/me")["permissions"] == [READ_KEYS]


def test_a_revoked_token_stops_working_at_once(house: House) -> None:
    """It leaves the list, and it cannot be revoked again."""
    console = house.console()
    made = console.make(TOKENS, NEW)
    program = Program(house.address_of(house.town.demo), Authorization=f"Bearer {made['value']}")
    assert console.ask("DELETE", f"{TOKENS}/{made['id']}").status_code == 204

    assert program.refused("GET", "/me") == (401, "not-signed-in", "")
    assert console.get(TOKENS) == {"personal_access_tokens": []}
    assert console.refused("DELETE", f"{TOKENS}/{made['id']}") == (404, "no-such-object", "")


def test_a_person_signs_in_again_before_what_is_dangerous(house: House) -> None:
    """In the console, and not a program: whoever made its token had just signed in."""
    console, program = house.console(), house.program()
    house.town.clock.advance(minutes=11)
    for method, path, body in (
        ("POST", TOKENS, NEW),
        ("POST", f"/keys/{house.made.key}/token-revocations", {}),
        ("DELETE", f"/keys/{house.made.key}", None),
    ):
        assert console.refused(method, path, body) == (403, "fresh-sign-in-needed", "")

    assert program.ask("DELETE", f"/keys/{house.made.key}").status_code == 200


def test_a_token_makes_no_tokens(house: House) -> None:
    """What a person decides in the console no program decides for them."""
    program = house.program()

    assert program.refused("POST", TOKENS, NEW) == (403, "session-needed", "")
    assert program.refused("GET", TOKENS) == (403, "session-needed", "")
    assert program.refused("DELETE", f"{TOKENS}/{UNKNOWN}") == (403, "session-needed", "")


def test_everybody_has_their_own_tokens(house: House) -> None:
    """Another admin of the same account neither sees nor revokes them."""
    made = house.console().make(TOKENS, NEW)

    for person in (BO, SAM):
        assert house.console(person).get(TOKENS) == {"personal_access_tokens": []}
        assert house.console(person).refused("DELETE", f"{TOKENS}/{made['id']}") == (404, "no-such-object", "")


@pytest.mark.parametrize("days", [0, 91, 1.5, "7", True, -1, 10**30])
def test_a_token_lives_between_one_and_ninety_days(house: House, days: object) -> None:
    """Anything else is refused, and no token is made."""
    console = house.console()

    assert console.refused("POST", TOKENS, NEW | {"days": days}) == (400, "malformed", "")
    assert console.get(TOKENS) == {"personal_access_tokens": []}


@pytest.mark.parametrize("permissions", [[], ["everything"], "account:key:read", None])
def test_a_token_is_made_for_something_that_exists(house: House, permissions: object) -> None:
    """A token needs at least one known permission."""
    refused = house.console().refused("POST", TOKENS, NEW | {"permissions": permissions})

    assert refused == (400, "malformed", "")
