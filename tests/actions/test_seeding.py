"""What may only the seed of a twin do, and what can be read altogether?"""

from datetime import timedelta

import pytest

from keysteward.actions import accounts, callers, credentials, export, keys, organizations, seeding
from keysteward.actions.context import Context
from keysteward.rules.refusals import (
    BAD_TOKEN,
    INVALID_CLIENT,
    INVALID_FIELD,
    NO_SUCH_KEY,
    NO_SUCH_ORGANIZATION,
    NO_SUCH_USER,
    TOO_MANY_SECRETS,
)
from tests.cast import ACME, ADA, COUNCIL, CY, ORGANIZATION, SAM, STRANGE, UNKNOWN, Made, Town, refused

SECRET = "0f3c5e2a+7b1d/4c8e=9a6f"


# ── secrets that somebody else chose ────────────────────────────────────────────────────────────────────────────────
def test_a_declared_secret_works_like_any(town: Town, demo: Context, made: Made) -> None:
    """It authenticates the app, is known by its last characters and can be deleted."""
    new = credentials.declare_secret(demo, town.actor(ADA), made.key, SECRET)
    mine = Made(made.app, SECRET, made.private_pem)

    assert (new.value, new.secret.hint) == (SECRET, "9a6f")
    assert callers.recognize(demo, town.sign_in_with(demo, mine, SAM).access_token).app.key == made.key
    credentials.delete_secret(demo, town.actor(ADA), made.key, new.secret.id)
    with refused(INVALID_CLIENT):
        town.sign_in_with(demo, mine, SAM)


def test_a_secret_is_one_apps_alone(town: Town, demo: Context, made: Made) -> None:
    """A value that is a secret key already, of this app or another, is refused."""
    other = keys.create(demo, town.actor(ADA), ACME.demo, keys.Draft("Other", "team@acme.example")).key
    credentials.declare_secret(demo, town.actor(ADA), made.key, SECRET)

    for key in (made.key, other):
        with refused(INVALID_FIELD, "value"):
            credentials.declare_secret(demo, town.actor(ADA), key, SECRET)


def test_a_declared_secret_counts(town: Town, demo: Context, made: Made) -> None:
    """An app has at most ten secret keys, wherever they come from."""
    for number in range(9):
        credentials.declare_secret(demo, town.actor(ADA), made.key, f"{SECRET}{number}")
    with refused(TOO_MANY_SECRETS):
        credentials.declare_secret(demo, town.actor(ADA), made.key, SECRET)


# ── callers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_seed_speaks_as_an_access_token_would(town: Town, demo: Context, made: Made) -> None:
    """For a user, or for the app itself; the caller is as recognized as anybody's."""
    assert seeding.speak_for(demo, made.key, None).user is None
    caller = seeding.speak_for(demo, made.key, SAM.demo)
    assert caller.user is not None
    assert (caller.user.email, caller.app.key, caller.claims.scopes) == (SAM.email, made.key, frozenset({"signature"}))


def test_a_seed_speaks_for_nobody_who_could_not(town: Town, demo: Context, made: Made) -> None:
    """Not for an unknown app, a stopped one, or somebody who may not act."""
    with refused(NO_SUCH_KEY):
        seeding.speak_for(demo, UNKNOWN, None)
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)
    with refused(BAD_TOKEN):
        seeding.speak_for(demo, made.key, SAM.demo)
    keys.stop(demo, town.actor(ADA), made.key)
    with refused(BAD_TOKEN):
        seeding.speak_for(demo, made.key, ADA.demo)


# ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_organization_gets_another_admin(demo: Context) -> None:
    """Ada administers it beside Cy, and sees it."""
    organizations.add_admin(demo, ORGANIZATION["demo"], ADA.demo, CY.email)

    view = accounts.find_organization(demo, ADA.demo, frozenset(), ORGANIZATION["demo"])
    assert set(view.admins) == {ADA.demo, CY.demo}


def test_an_admin_is_somebody_new_of_a_known_organization(demo: Context) -> None:
    """A stranger, an admin and an unknown organization are refused."""
    with refused(NO_SUCH_USER):
        organizations.add_admin(demo, ORGANIZATION["demo"], UNKNOWN, CY.email)
    with refused(INVALID_FIELD, "user"):
        organizations.add_admin(demo, ORGANIZATION["demo"], CY.demo, CY.email)
    with refused(NO_SUCH_ORGANIZATION):
        organizations.add_admin(demo, UNKNOWN, ADA.demo, CY.email)


def test_a_domain_is_claimed_once(demo: Context) -> None:
    """It stands behind the one that was there, with its state; claimed again it is refused."""
    organizations.claim_domain(demo, ORGANIZATION["demo"], "acme.test", "pending", CY.email)
    with refused(INVALID_FIELD, "host_name"):
        organizations.claim_domain(demo, ORGANIZATION["demo"], "acme.test", "active", CY.email)

    domains = accounts.find_organization(demo, CY.demo, frozenset(), ORGANIZATION["demo"]).domains
    assert [(each.host_name, each.state) for each in domains] == [("acme.example", "active"), ("acme.test", "pending")]


def test_an_organization_may_claim_nothing(demo: Context) -> None:
    """It can be created without a domain."""
    founder = accounts.load_user(demo, ADA.demo)
    accounts.create_organization(demo, "New", founder, [STRANGE.demo], None, UNKNOWN)

    assert accounts.find_organization(demo, ADA.demo, frozenset(), UNKNOWN).domains == []


# ── everything ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_environment_is_read_altogether(town: Town, demo: Context, made: Made) -> None:
    """Accounts by number, people with their memberships, the organization, and the app with its whole history."""
    town.go_live(made)
    town.clock.advance(hours=1)
    keys.delete(demo, town.actor(ADA), town.create_app(name="Deleted").key)
    whole = export.read(demo)
    sam = next(person for person in whole.people if person.standings[0].user.id == SAM.demo)
    lease, deleted = whole.apps

    assert [account.name for account in whole.accounts] == ["Acme", "Acme Small", "Acme Council", "Strange"]
    assert [(consent.key, consent.scopes) for consent in sam.consents] == [
        (made.key, frozenset({"signature", "impersonation"}))
    ]
    assert sam.has_password
    assert [(group.organization.name, list(group.admins)) for group in whole.groups] == [("Acme Group", [CY.demo])]
    assert [account.id for account in whole.groups[0].accounts] == [ACME.demo, COUNCIL.demo]
    assert (lease.app.key, len(lease.calls), lease.reviews[0].verdict) == (made.key, 20, "passed")
    assert (lease.presenter, lease.waiver) == (ADA.demo, None)
    assert deleted.app.deleted_at == town.clock.now


def test_a_waiver_is_read_with_its_reason(town: Town, production: Context, made: Made) -> None:
    """The newest one counts."""
    live = town.go_live(made)
    for reason in ("First", "Second"):
        until = town.clock.now + timedelta(days=30)
        keys.waive_implicit(production, town.actor(ADA, production), live.key, reason, until)
        town.clock.advance(days=1)
    waiver = export.read(production).apps[0].waiver

    assert waiver is not None
    assert (waiver.name, waiver.data["reason"]) == ("ImplicitWaived", "Second")


def test_an_empty_environment_is_read_too(town: Town) -> None:
    """Production has no app before anything was promoted."""
    assert export.read(town.production).apps == []


@pytest.mark.parametrize(
    "value", ["", "fifteen-letters", "with a blank in it", "with-a-%25-percent", "ünder-the-bridge-x"]
)
def test_a_secret_is_long_and_plain(town: Town, demo: Context, made: Made, value: str) -> None:
    """What clients would send in different ways, or could be guessed, is refused."""
    with refused(INVALID_FIELD, "value"):
        credentials.declare_secret(demo, town.actor(ADA), made.key, value)
