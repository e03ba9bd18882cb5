"""Does an identity provider see and change its organization's people, and nobody and nothing else?"""

from typing import Any

import pytest

from keysteward.actions import accounts, callers, leavers, operators, people, recovery, scim_tokens, scim_users, signin
from keysteward.actions.scim_users import Shown
from keysteward.rules.accounts import ADMIN, SENDER, NewUser
from keysteward.rules.provisioning.filters import read_filter
from keysteward.rules.provisioning.patches import Change, patching, read_operations
from keysteward.rules.provisioning.tokens import Token
from keysteward.rules.refusals import (
    ADMIN_KEEPS_ADDRESS,
    BAD_TOKEN,
    CLOSED_BY_OTHERS,
    CONFLICT,
    NO_SUCH_USER,
    NOT_SIGNED_IN,
    OUTSIDE_CLAIMED_DOMAINS,
    SCIM_NOT_SET_UP,
    SCIM_TOO_MANY,
    SCIM_USER_TAKEN,
    WRONG_CREDENTIALS,
)
from keysteward.store import accounts as stored
from keysteward.store import bearers
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    PASSWORD,
    ROBIN,
    SAM,
    STRANGE,
    UNKNOWN,
    VERA,
    Made,
    Person,
    Town,
    refused,
)
from tests.directory import NELL, described, group, token_of
from tests.mails import letters_to
from tests.peers.databases import rows

OLGA = leavers.Operating("Olga")


def changing(*operations: dict[str, Any]) -> Change:
    """What a PATCH asks."""
    return patching(read_operations(operations))


def setting(path: str, value: object) -> Change:
    """One attribute takes another value."""
    return changing({"op": "replace", "path": path, "value": value})


GONE, BACK = setting("active", value=False), setting("active", value=True)


def patch(town: Town, token: Token, user: str, wish: Change, *versions: str) -> Shown:
    """Change somebody in demo."""
    return scim_users.change(town.demo, token, user, wish, versions)


def names(town: Town, token: Token, text: str = "") -> list[str]:
    """Whom a filter finds."""
    wanted = read_filter(text) if text else None
    return [each.document["userName"] for each in scim_users.search(town.demo, token, wanted, 0, 100).users]


def standing(town: Town, user: str, account: str = ACME.demo) -> tuple[str, str]:
    """What somebody is in an account: the profile's name, and the membership's state."""
    with town.demo.database.reading() as tx:
        found = stored.find_standing(tx, user, account)
    assert found is not None
    return found.membership.profile.name, found.membership.state


def told(town: Town) -> list[str]:
    """The events of SCIM, and of who left."""
    found = rows(town.demo.database, "SELECT name FROM events ORDER BY sequence")
    return [name for (name,) in found if name.startswith(("ScimUser", "Leaver", "AddressChanged"))]


# ── who is seen ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_provider_sees_its_people(town: Town) -> None:
    """Members of linked accounts with a verified address in an active domain; foreign and unknown ones are one 404."""
    token = token_of(town)
    accounts.add_user(town.demo, ACME.demo, NewUser("guest@elsewhere.example", "Gus", "Guest", SENDER), "x")
    outsider = accounts.add_user(town.demo, STRANGE.demo, NewUser("own@acme.example", "Own", "Account", ADMIN), "x")

    assert sorted(names(town, token)) == sorted(each.email for each in (ADA, BO, CY, SAM, VERA, ROBIN))
    for user in (MALLORY.demo, outsider.user.id, UNKNOWN):
        with refused(NO_SUCH_USER):
            scim_users.find(town.demo, token, user)
        with refused(NO_SUCH_USER):
            patch(town, token, user, GONE)
        with refused(NO_SUCH_USER):
            scim_users.remove(town.demo, token, user, ())


@pytest.mark.parametrize("statement", ["domain", "address"])
def test_nobody_is_seen_without_proof(town: Town, statement: str) -> None:
    """Where the domain lapsed, or the address was never proved, there is nobody."""
    token = token_of(town)
    statements = {
        "domain": "UPDATE domains SET state = 'lapsed'",
        "address": "UPDATE users SET email_verified_at = NULL",
    }
    with town.demo.database.writing() as tx:
        tx.exec_driver_sql(statements[statement])

    assert names(town, token) == []
    with refused(NO_SUCH_USER):
        scim_users.find(town.demo, token, BO.demo)


def test_users_are_found_by_filters_and_pages(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Totals count all that fit; what leaves too many to look through is refused, and what names one never is."""
    token = token_of(town)
    patch(town, token, SAM.demo, setting("externalId", "s-1"))
    page = scim_users.search(town.demo, token, read_filter('userName co "acme"'), 1, 2)

    assert (len(page.users), page.total) == (2, 6)
    assert scim_users.search(town.demo, token, None, 4, 100).total == 6
    assert len(scim_users.search(town.demo, token, None, 4, 100).users) == 2
    assert names(town, token, 'externalId eq "s-1" and active eq true') == [SAM.email]
    assert names(town, token, f'id eq "{SAM.demo}"') == [SAM.email]
    assert names(town, token, f'emails.value eq "{SAM.email.upper()}"') == [SAM.email]
    monkeypatch.setattr(scim_users, "MOST_SEARCHED", 3)
    with refused(SCIM_TOO_MANY):
        names(town, token, 'userName co "acme"')
    assert names(town, token, f'userName eq "{SAM.email}"') == [SAM.email]


# ── who comes ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_new_user_belongs_where_it_was_said(town: Town) -> None:
    """As what was said, without a password, seen at once, and able to choose a password by mail."""
    token = token_of(town)
    made = scim_users.create(town.demo, token, described(externalId="n-1", roles=[{"value": "DS Admin"}]))

    assert standing(town, made.user.id) == ("DS Sender", "active")
    assert (made.document["externalId"], made.document["active"], made.user.name) == ("n-1", True, "Nell Newcomer")
    assert names(town, token, 'externalId eq "n-1"') == [NELL]
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(town.demo, NELL, PASSWORD)
    recovery.ask_for_password(town.demo, NELL)
    assert letters_to(town.demo, NELL) == ["new-password"]
    assert told(town) == ["ScimUserCreated"]


def test_a_user_may_come_inactive(town: Town) -> None:
    """Then they are as if they had left, and come when the provider says so."""
    token = token_of(town)
    made = scim_users.create(town.demo, token, described(active=False))

    assert (made.document["active"], made.user.state) == (False, "closed")
    assert patch(town, token, made.user.id, BACK).document["active"] is True
    assert told(town) == ["ScimUserCreated", "LeaverReported", "LeaverBroughtBack"]


def test_whoever_is_there_is_not_made_twice(town: Town) -> None:
    """By name or by address, in any letter case."""
    token = token_of(town)
    email = [{"value": SAM.email}]
    patch(town, token, SAM.demo, changing({"op": "replace", "value": {"userName": "s@acme.example", "emails": email}}))

    assert (names(town, token, 'userName eq "s@acme.example"'), told(town)) == (["s@acme.example"], ["ScimUserChanged"])
    for said in (described(BO.email.upper()), described(NELL, emails=email)):
        with refused(SCIM_USER_TAKEN, "emails.value"):
            scim_users.create(town.demo, token, said)
    with refused(SCIM_USER_TAKEN, "userName"):
        scim_users.create(town.demo, token, described("S@acme.example", emails=[{"value": NELL}]))


def test_somebody_with_an_account_of_their_own_joins(town: Town) -> None:
    """Their proved address is enough; who never proved it is not let in, and nobody becomes an admin again."""
    token, own = token_of(town), NewUser("own@acme.example", "Own", "Account", ADMIN)
    known = accounts.add_user(town.demo, STRANGE.demo, own, "x").user
    made = scim_users.create(town.demo, token, described(known.email))

    assert (made.user.id, standing(town, known.id)) == (known.id, ("DS Sender", "active"))
    early = accounts.add_user(town.demo, STRANGE.demo, NewUser(NELL, "Early", "Bird", ADMIN), "x").user
    with town.demo.database.writing() as tx:
        stored.change_user(tx, early.id, email_verified_at=None)
    with refused(SCIM_USER_TAKEN, "emails.value"):
        scim_users.create(town.demo, token, described(NELL))


def test_rights_of_before_do_not_come_back(town: Town) -> None:
    """Who was an admin, was closed by another admin and taken away, comes back as new users do."""
    token = token_of(town)
    people.close_member(town.demo, town.actor(ADA), ACME.demo, BO.demo)
    scim_users.remove(town.demo, token, BO.demo, ())
    back = scim_users.create(town.demo, token, described(BO.email))

    assert (back.user.id, standing(town, BO.demo)) == (BO.demo, ("DS Sender", "active"))


@pytest.mark.parametrize("wrong", ["nothing", "account", "profile", "unlinked"])
def test_nobody_comes_where_nothing_is_chosen(town: Town, wrong: str) -> None:
    """Or where what was chosen is gone."""
    statements = {
        "nothing": "DELETE FROM scim_homes",
        "account": "UPDATE accounts SET state = 'suspended' WHERE name = 'Acme'",
        "profile": "UPDATE scim_homes SET profile = 10001",
        "unlinked": "UPDATE accounts SET organization = NULL WHERE name = 'Acme'",
    }
    token = token_of(town)
    with town.demo.database.writing() as tx:
        tx.exec_driver_sql(statements[wrong])

    with refused(SCIM_NOT_SET_UP):
        scim_users.create(town.demo, token, described())


# ── who leaves ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_leaver_is_out_at_once(town: Town, made: Made) -> None:
    """Session, tokens and sign-in, also of an admin, and however often it is said; the key goes on."""
    token, session = token_of(town), signin.sign_in(town.demo, BO.email, PASSWORD)
    access = town.sign_in_with(town.demo, made, BO).access_token
    for _ in range(3):
        assert patch(town, token, BO.demo, GONE).document["active"] is False

    with refused(NOT_SIGNED_IN):
        signin.visit(town.demo, session)
    with refused(BAD_TOKEN):
        callers.recognize(town.demo, access)
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(town.demo, BO.email, PASSWORD)
    assert told(town) == ["LeaverReported"]
    assert rows(town.demo.database, 'SELECT source, "by" FROM departures') == [
        ("identity provider", "SCIM token Entra ID")
    ]
    assert town.caller(town.demo, made, SAM).app.key == made.key


def test_nothing_else_stops_a_leaver(town: Town) -> None:
    """Whatever is wrong with the rest of the request, they are out, and stay as they were otherwise."""
    token = token_of(town)
    gone = {"op": "Replace", "path": "active", "value": "False"}
    for person, other in (
        (BO, {"op": "replace", "path": "emails", "value": [{"value": "bo@elsewhere.example"}]}),
        (SAM, {"op": "remove", "path": "userName"}),
        (VERA, {"op": "replace", "path": "userName", "value": ADA.email}),
    ):
        left = patch(town, token, person.demo, changing(other, gone))
        assert (left.document["active"], left.user.email) == (False, person.email)


def test_whoever_is_removed_is_out_of_sight(town: Town) -> None:
    """And comes back as the same user when the provider creates them again, or an admin brings them back."""
    token = token_of(town)
    scim_users.remove(town.demo, token, SAM.demo, ())

    assert SAM.email not in names(town, token)
    for deed in (
        lambda: scim_users.find(town.demo, token, SAM.demo),
        lambda: scim_users.remove(town.demo, token, SAM.demo, ()),
    ):
        with refused(NO_SUCH_USER):
            deed()
    again = scim_users.create(town.demo, token, described(SAM.email))
    assert (again.user.id, again.user.state) == (SAM.demo, "active")
    patch(town, token, SAM.demo, GONE)
    scim_users.remove(town.demo, token, SAM.demo, ())
    assert told(town) == [
        "LeaverReported", "LeaverBroughtBack", "ScimUserCreated", "LeaverReported", "ScimUserRemoved",
    ]  # fmt: skip
    leavers.bring_back(town.demo, leavers.Council(town.actor(CY), group(town.demo)), SAM.demo)
    assert scim_users.find(town.demo, token, SAM.demo).document["active"] is True


@pytest.mark.parametrize("by", ["operator", "organization admin"])
def test_a_provider_takes_back_its_own_word_alone(town: Town, by: str) -> None:
    """Whoever was reported by a person stays out, whoever says otherwise: by PATCH, PUT or a new user."""
    council = leavers.Council(town.actor(CY), group(town.demo))
    reporter: leavers.Reporter = OLGA if by == "operator" else council
    token = token_of(town)
    patch(town, token, SAM.demo, GONE)
    leavers.report(town.demo, reporter, SAM.demo, "Left in June.")

    with refused(CLOSED_BY_OTHERS):
        patch(town, token, SAM.demo, BACK)
    scim_users.remove(town.demo, token, SAM.demo, ())
    with refused(CLOSED_BY_OTHERS):
        scim_users.create(town.demo, token, described(SAM.email))
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(town.demo, SAM.email, PASSWORD)


def test_an_operators_word_does_not_hide_the_providers(town: Town) -> None:
    """Both count: taking one back leaves the other."""
    token = token_of(town)
    leavers.report(town.demo, OLGA, SAM.demo, "Left in June.")
    patch(town, token, SAM.demo, GONE)
    assert leavers.bring_back(town.demo, leavers.Council(town.actor(CY), group(town.demo)), SAM.demo).state == "closed"
    assert leavers.bring_back(town.demo, OLGA, SAM.demo).state == "active"


# ── what is changed ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_names_and_addresses_of_people_without_rights(town: Town) -> None:
    """The address of before is told, its links are dead, and the new one is theirs."""
    token = token_of(town)
    changed = patch(town, token, SAM.demo, changing(
        {"op": "replace", "path": "name.familyName", "value": "Signer"},
        {"op": "replace", "path": "userName", "value": "signer@acme.example"},
    ))  # fmt: skip

    assert (changed.user.email, changed.user.last_name) == ("signer@acme.example", "Signer")
    assert letters_to(town.demo, SAM.email) == ["address-changed"]
    assert signin.sign_in(town.demo, "signer@acme.example", PASSWORD)
    assert told(town) == ["AddressChanged", "ScimUserChanged"]
    with town.demo.database.reading() as tx:
        assert bearers.list_former_addresses(tx, changed.user) == [SAM.email]


@pytest.mark.parametrize("person", [ADA, BO, CY, ROBIN], ids=lambda person: person.first_name)
def test_whoever_administers_keeps_their_address(town: Town, person: Person) -> None:
    """A new address could be sent a link to choose a password: that would make somebody else the admin."""
    token = token_of(town)

    with refused(ADMIN_KEEPS_ADDRESS):
        patch(town, token, person.demo, setting("userName", "evil@acme.example"))
    assert patch(town, token, person.demo, setting("name.familyName", "Else")).user.last_name == "Else"


def test_operators_and_admins_elsewhere_keep_theirs(town: Town) -> None:
    """Whatever power it is that somebody has, and wherever."""
    token = token_of(town)
    operators.add(town.demo, SAM.email, "Olga")
    accounts.add_user(town.demo, STRANGE.demo, NewUser(VERA.email, "Vera", "Viewer", ADMIN), "x")

    for person in (SAM, VERA):
        with refused(ADMIN_KEEPS_ADDRESS):
            patch(town, token, person.demo, setting("emails.value", "evil@acme.example"))


def test_nobody_takes_over_anybody(town: Town) -> None:
    """Addresses of others, and addresses outside, are out of reach; nothing is changed by halves."""
    token = token_of(town)
    renamed = {"op": "replace", "path": "name.familyName", "value": "Half"}
    outsider = accounts.add_user(town.demo, STRANGE.demo, NewUser("own@acme.example", "Own", "A", SENDER), "x").user
    for address, kind, field in (
        (MALLORY.email, OUTSIDE_CLAIMED_DOMAINS, "emails.value"),
        (outsider.email, SCIM_USER_TAKEN, "emails.value"),
        (VERA.email, SCIM_USER_TAKEN, "emails.value"),
    ):
        moving = {"op": "replace", "path": "emails", "value": [{"value": address}]}
        with refused(kind, field):
            patch(town, token, SAM.demo, changing(renamed, moving))
    assert scim_users.find(town.demo, token, SAM.demo).user.last_name == SAM.last_name
    assert told(town) == []


def test_a_version_that_is_old_changes_nothing(town: Town) -> None:
    """Whoever names what they saw is told when it is another by now; the same said again is nothing new."""
    token = token_of(town)
    seen = scim_users.find(town.demo, token, SAM.demo).version
    changed = patch(town, token, SAM.demo, setting("externalId", "1"), seen)

    for deed in (
        lambda: patch(town, token, SAM.demo, setting("externalId", "2"), seen),
        lambda: scim_users.remove(town.demo, token, SAM.demo, (seen,)),
    ):
        with refused(CONFLICT):
            deed()
    assert patch(town, token, SAM.demo, setting("externalId", "1"), 'W/"x"', changed.version) == changed
    assert told(town) == ["ScimUserChanged"]


def test_another_organization_sees_nothing(town: Town) -> None:
    """Its token opens its own people, who are none of these."""
    token_of(town)
    other = Token(UNKNOWN, UNKNOWN, "Other", town.clock.now, "x")

    assert names(town, other) == []
    with refused(NO_SUCH_USER):
        scim_users.find(town.demo, other, SAM.demo)
    assert scim_tokens.view(town.demo, town.actor(CY), group(town.demo)).home is not None
    assert standing(town, CY.demo, COUNCIL.demo) == ("DS Admin", "active")
