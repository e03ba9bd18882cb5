"""Who passes the old way, what is counted of it, and what may a waiver do?"""

from datetime import timedelta

import pytest

from keysteward.actions import accounts, calls, housekeeping, keys, legacy, policy
from keysteward.actions.context import Context
from keysteward.actions.legacy_cockpit import cockpit
from keysteward.rules.legacy_forms import Login
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    INVALID_FIELD,
    LEGACY_BROWN_OUT,
    LEGACY_NOT_KNOWN,
    LEGACY_RETIRED,
    LEGACY_UNKNOWN_KEY,
    LEGACY_WRONG_PASSWORD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    TOO_MANY_ATTEMPTS,
    Kind,
    Refusal,
)
from tests.cast import ACME, ADA, COUNCIL, CY, MALLORY, PASSWORD, SAM, STRANGE, UNKNOWN, Firm, Made, Person, Town
from tests.factors import add_app
from tests.old_fashioned import HERE, admitted, api_calls, bring_to, counted, in_soap
from tests.peers.databases import kept_in

NOBODY = ""


def refusal_of(ctx: Context, made: Made, person: Person = SAM, **how: str) -> Kind:
    """Why somebody is not admitted."""
    with pytest.raises(Refusal) as refused:
        admitted(ctx, made, person, **how)
    return refused.value.kind


def test_by_default_nothing_of_it_is_read(demo: Context) -> None:
    """Where everybody is blocked and nobody has a waiver, a call is refused before anything is parsed."""
    with pytest.raises(Refusal) as refused:
        legacy.demand_open(demo)

    assert refused.value.kind is LEGACY_RETIRED


def test_after_the_end_those_who_go_on_are_counted(town: Town, demo: Context, made: Made) -> None:
    """A key that passed before is counted when it is refused, and nobody knows by whom: the password is not checked."""
    bring_to(demo, ("measure", ""), ("block all", "2026-11-21"))
    admitted(demo, made)
    town.clock.advance(days=1)
    legacy.demand_open(demo)

    assert refusal_of(demo, made, password="never looked at") is LEGACY_RETIRED
    assert counted(demo) == [(NOBODY, 0, 1), (SAM.demo, 1, 0)]


@pytest.mark.parametrize("user", [SAM.email, SAM.email.upper(), SAM.demo, SAM.demo.upper()], ids=range(4))
def test_who_proves_their_password_passes(demo: Context, made: Made, user: str) -> None:
    """By address or GUID, in any letter case; they are counted, and it is no API call."""
    bring_to(demo, ("measure", ""))
    found = admitted(demo, made, user=user)

    assert (found.caller.app.key, found.caller.user and found.caller.user.id) == (made.key, SAM.demo)
    assert (found.caller.claims.scopes, found.headers) == (frozenset({"signature"}), {})
    assert calls.demand_member(demo, found.caller, ACME.demo).account.id == ACME.demo
    assert (counted(demo), api_calls(demo)) == ([(SAM.demo, 1, 0)], 0)


def test_a_soap_message_goes_on_without_the_password(demo: Context, made: Made) -> None:
    """Its Security header is cut out."""
    bring_to(demo, ("measure", ""))
    found = legacy.admit_soap(demo, in_soap(made), HERE, "SOAP client")

    assert found.caller.user is not None
    assert found.message is not None
    assert PASSWORD.encode() not in found.message
    assert counted(demo) == [(SAM.demo, 1, 0)]


@pytest.mark.parametrize(
    ("key", "kind"), [(UNKNOWN, LEGACY_UNKNOWN_KEY), ("", LEGACY_UNKNOWN_KEY)], ids=["unknown", "none"]
)
def test_an_unknown_key_is_no_key(demo: Context, made: Made, key: str, kind: Kind) -> None:
    """The password is not looked at: a wrong one gets the same refusal and counts no guess."""
    bring_to(demo, ("measure", ""))
    for password in (PASSWORD, "wrong"):
        with pytest.raises(Refusal) as refused:
            legacy._admit(demo, Login(key, SAM.email, password), HERE, "")
        assert refused.value.kind is kind


def test_a_stopped_key_is_no_key(town: Town, demo: Context, made: Made) -> None:
    """A key that does not work opens nothing."""
    bring_to(demo, ("measure", ""))
    keys.stop(demo, town.actor(ADA), made.key)

    assert refusal_of(demo, made) is LEGACY_UNKNOWN_KEY


def test_a_key_that_is_not_promoted_is_unknown_in_production(production: Context, made: Made) -> None:
    """Keys start in demo, and are keys nowhere else."""
    bring_to(production, ("measure", ""))

    assert refusal_of(production, made) is LEGACY_UNKNOWN_KEY


@pytest.mark.parametrize("user", ["nobody@acme.example", UNKNOWN, "", "x" * 3_000], ids=range(4))
def test_a_stranger_is_refused_as_a_wrong_password_is(demo: Context, made: Made, user: str) -> None:
    """Nobody learns who exists."""
    bring_to(demo, ("measure", ""))
    login = Login(made.key, user, PASSWORD)
    with pytest.raises(Refusal) as refused:
        legacy._admit(demo, login, HERE, "")

    assert refused.value.kind is LEGACY_WRONG_PASSWORD
    assert refusal_of(demo, made, password="wrong") is LEGACY_WRONG_PASSWORD
    assert counted(demo) == []


def test_guesses_are_limited_as_at_sign_in(demo: Context, made: Made) -> None:
    """After so many failures the right password is not heard either."""
    bring_to(demo, ("measure", ""))
    for _ in range(demo.policy.sign_in_failures):
        assert refusal_of(demo, made, password="wrong") is LEGACY_WRONG_PASSWORD

    assert refusal_of(demo, made) is TOO_MANY_ATTEMPTS
    assert counted(demo) == []


def test_whoever_left_is_refused(demo: Context, made: Made) -> None:
    """Whoever is a member of no open account does not call."""
    bring_to(demo, ("measure", ""))
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)

    assert refusal_of(demo, made) is LEGACY_WRONG_PASSWORD


def test_a_password_alone_is_not_enough_for_some(town: Town, demo: Context, made: Made) -> None:
    """Whoever has a second factor calls with access tokens."""
    bring_to(demo, ("measure", ""))
    add_app(demo, town.actor(SAM))

    assert refusal_of(demo, made) is LEGACY_WRONG_PASSWORD


def test_foreign_accounts_stay_closed(demo: Context, made: Made) -> None:
    """Who is admitted is a member of their own accounts and of no others."""
    bring_to(demo, ("measure", ""))
    with pytest.raises(Refusal) as refused:
        calls.demand_member(demo, admitted(demo, made).caller, STRANGE.demo)

    assert refused.value.kind.error_code == "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"
    assert refused.value.kind is not ACCOUNT_NOT_OPEN


def test_no_password_is_kept(demo: Context, made: Made) -> None:
    """Whatever passes or is refused: no file of the database holds what was sent as a password."""
    bring_to(demo, ("measure", ""))
    admitted(demo, made)
    refusal_of(demo, made, password="a wrong and unusual password")

    assert b"a wrong and unusual password" not in kept_in(demo)
    assert PASSWORD.encode() not in kept_in(demo)


# ── phases ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_in_a_brown_out_known_keys_are_counted(town: Town, demo: Context, made: Made) -> None:
    """During the window a call is refused unread, and counted where the key called before; after it calls pass."""
    windows = [{"days": ["fri"], "at": ["10:00"], "length": "10m"}]
    bring_to(demo, ("measure", ""), ("brown-out", "2026-11-20T09:45:00Z"), legacy_brown_outs=windows)
    admitted(demo, made)
    town.clock.advance(minutes=30)
    assert refusal_of(demo, made, password="never looked at") is LEGACY_BROWN_OUT
    town.clock.advance(minutes=10)

    assert admitted(demo, made).headers.keys() == {"Deprecation", "Link"}
    assert counted(demo) == [(NOBODY, 0, 1), (SAM.demo, 2, 0)]


def test_when_new_keys_are_blocked_old_ones_go_on(town: Town, demo: Context, made: Made) -> None:
    """A key that called before the date passes; one that did not is refused and leaves no count."""
    bring_to(demo, ("measure", ""), ("block new", "2026-11-21"), ("block all", "2027-03-31"))
    other = town.create_app(name="Newcomer")
    admitted(demo, made)
    town.clock.advance(days=1)

    assert admitted(demo, made).headers["Sunset"] == "Wed, 31 Mar 2027 00:00:00 GMT"
    assert refusal_of(demo, other) is LEGACY_NOT_KNOWN
    assert counted(demo) == [(SAM.demo, 2, 0)]


def test_a_waiver_opens_one_key(town: Town, demo: Context, made: Made) -> None:
    """It passes when all are blocked, until its end; others do not, and a revoked waiver opens nothing."""
    other = town.create_app(name="Other")
    until = demo.now + timedelta(days=30)
    legacy.waive(demo, made.key.upper(), "Olga", ADA.email, "The till is replaced in May.", until)

    assert admitted(demo, made).caller.app.key == made.key
    assert refusal_of(demo, other) is LEGACY_RETIRED
    legacy.revoke_waiver(demo, made.key, "Olga")
    assert refusal_of(demo, made) is LEGACY_RETIRED
    legacy.waive(demo, made.key, "Olga", ADA.email, "Once more.", until)
    town.clock.now = until
    assert refusal_of(demo, made) is LEGACY_RETIRED


def test_a_new_waiver_takes_the_place_of_the_old(demo: Context, made: Made) -> None:
    """Both stay on record, one holds."""
    for days in (10, 20):
        legacy.waive(demo, made.key, "Olga", ADA.email, f"{days} days.", demo.now + timedelta(days=days))

    assert {(each.reason, each.revoked_by, each.holds(demo.now)) for each in legacy.list_waivers(demo)} == {
        ("10 days.", "Olga", False), ("20 days.", "", True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "reason", "days", "field"),
    [
        ("nobody", "Why.", 1, "owner"),
        (ADA.email, " ", 1, "reason"),
        (ADA.email, "Why.", 0, "until"),
        (ADA.email, "Why.", 366, "until"),
    ],
)
def test_a_waiver_names_who_answers_for_it(
    demo: Context, made: Made, owner: str, reason: str, days: int, field: str
) -> None:
    """A person's address, a reason and a date within a year."""
    with pytest.raises(Refusal) as refused:
        legacy.waive(demo, made.key, "Olga", owner, reason, demo.now + timedelta(days=days))

    assert (refused.value.kind, refused.value.field) == (INVALID_FIELD, field)


def test_only_keys_have_waivers(demo: Context, made: Made) -> None:
    """An unknown key gets none, and one without loses none."""
    with pytest.raises(Refusal) as refused:
        legacy.waive(demo, UNKNOWN, "Olga", ADA.email, "Why.", demo.now + timedelta(days=1))
    assert refused.value.kind is NO_SUCH_KEY
    with pytest.raises(Refusal) as refused:
        legacy.revoke_waiver(demo, made.key, "Olga")
    assert refused.value.kind is NO_SUCH_OBJECT


# ── the cockpit ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_admins_see_who_calls(town: Town, demo: Context, made: Made) -> None:
    """Calls by day and user, the newest program and address, the grant, the steps and the waiver; the busiest first."""
    bring_to(demo, ("measure", ""))
    quiet = town.create_app(name="Quiet")
    for _ in range(2):
        admitted(demo, made)
    town.clock.advance(days=2)
    admitted(demo, made)
    legacy.waive(demo, quiet.key, "Olga", ADA.email, "Why.", demo.now + timedelta(days=1))
    busy, other = cockpit(demo, town.actor(ADA), ACME.demo)

    assert [(day.day, day.passed) for day in busy.days if day.passed] == [("2026-11-20", 2), ("2026-11-22", 1)]
    assert (len(busy.days), busy.days[-1].day, busy.passed, busy.refused) == (30, "2026-11-22", 3, 0)
    (sam,) = busy.calling
    assert (sam.person.id, sam.person.email, sam.passed) == (SAM.demo, SAM.email, 3)
    assert (sam.address, sam.sdk, sam.last_at) == (HERE.address, "Java 4.4", demo.now)
    assert (busy.replacement.grant, busy.waiver) == ("confidential_code", None)
    assert (other.app.key, other.passed, other.calling) == (quiet.key, 0, ())
    assert other.waiver is not None
    assert other.waiver.owner == ADA.email


def test_people_of_other_accounts_keep_their_names(town: Town, demo: Context, made: Made) -> None:
    """A user of another account is a GUID to the account that manages the key; where they called from is theirs."""
    bring_to(demo, ("measure", ""))
    admitted(demo, made, MALLORY)
    ((mallory,),) = [use.calling for use in cockpit(demo, town.actor(ADA), ACME.demo)]

    assert (mallory.person.id, mallory.person.email, mallory.address) == (MALLORY.demo, "", "")


def test_what_is_old_is_not_shown(town: Town, demo: Context, made: Made) -> None:
    """Thirty days, today among them."""
    bring_to(demo, ("measure", ""))
    admitted(demo, made)
    town.clock.advance(days=29)
    assert cockpit(demo, town.actor(ADA), ACME.demo)[0].passed == 1
    town.clock.advance(days=1)
    assert cockpit(demo, town.actor(ADA), ACME.demo)[0].passed == 0


@pytest.mark.parametrize(
    ("person", "account", "kind"),
    [
        (SAM, ACME, NOT_AN_ADMIN),
        (MALLORY, ACME, NO_SUCH_ACCOUNT),
        (CY, ACME, NO_SUCH_ACCOUNT),
        (ADA, COUNCIL, NOT_AN_ADMIN),
    ],
    ids=["a member", "a stranger", "another admin", "an admin elsewhere"],
)
def test_the_cockpit_is_for_admins(town: Town, demo: Context, person: Person, account: Firm, kind: Kind) -> None:
    """Of this account; to others it does not exist."""
    with pytest.raises(Refusal) as refused:
        cockpit(demo, town.actor(person), account.demo)

    assert refused.value.kind is kind


def test_old_counts_are_forgotten(town: Town, demo: Context, made: Made) -> None:
    """After 400 days; since when the key calls so is known for ever."""
    bring_to(demo, ("measure", ""), ("block new", "2026-11-21"))
    admitted(demo, made)
    town.clock.advance(days=400)
    housekeeping.forget_what_expired(demo)
    assert counted(demo) == [(SAM.demo, 1, 0)]
    town.clock.advance(days=1)
    housekeeping.forget_what_expired(demo)
    assert counted(demo) == []

    assert admitted(demo, made).caller.app.key == made.key


def test_a_policy_of_another_process_is_heard(demo: Context, made: Made) -> None:
    """Once a process has caught up, its next call goes by the new phase."""
    worker = demo.under(demo.policy)
    bring_to(demo, ("measure", ""))
    with pytest.raises(Refusal):
        legacy.demand_open(worker)
    policy.catch_up(worker)

    assert admitted(worker, made).caller.app.key == made.key
