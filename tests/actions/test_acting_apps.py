"""Does an account's admin see which apps act in it, and does a blocked one stay out?"""

from datetime import timedelta

import pytest

from keysteward.actions import accounts, acting_apps, callers, calls, consents, organization_consents
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.rules.access import BLOCK_APPS, READ_APPS, READ_KEYS
from keysteward.rules.accounts import SENDER
from keysteward.rules.refusals import (
    ALREADY_BLOCKED,
    APP_BLOCKED,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    TOKEN_LACKS_PERMISSION,
)
from tests.cast import (
    ACME,
    ADA,
    BO,
    CY,
    MALLORY,
    ORGANIZATION,
    SAM,
    STRANGE,
    UNKNOWN,
    VERA,
    Made,
    Person,
    Town,
    refused,
)
from tests.peers.databases import rows

ALLOWED = frozenset({"signature", "impersonation", "organization_read"})


@pytest.fixture
def foreign(town: Town) -> Made:
    """An app that a strange account manages."""
    return town.create_app(by=MALLORY, firm=STRANGE, name="Stranger's helper")


def acting(town: Town, person: Person = ADA) -> list[acting_apps.ActingApp]:
    """What an admin of Acme sees."""
    return acting_apps.list_acting(town.demo, town.actor(person), ACME.demo)


def block(town: Town, made: Made) -> None:
    """Let Ada block an app in Acme."""
    acting_apps.block_app(town.demo, town.actor(ADA), ACME.demo, made.key)


def unblock(town: Town, made: Made) -> None:
    """Let Ada unblock it."""
    acting_apps.unblock_app(town.demo, town.actor(ADA), ACME.demo, made.key)


def calls_in(ctx: Context, caller: Caller, account: str) -> None:
    """Call something below an account."""
    calls.demand_member(ctx, caller, account)


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_apps_that_members_allowed_are_seen(town: Town, demo: Context, made: Made, foreign: Made) -> None:
    """Each with its publisher and how many members it may act for, wherever its key is managed."""
    town.consent(demo, made, SAM)
    town.clock.advance(days=1)
    for person in (VERA, SAM, MALLORY):
        town.consent(demo, foreign, person)
    seen = [(app.name, app.publisher, app.users, app.organization, app.block) for app in acting(town)]

    assert seen == [("Stranger's helper", "Strange", 2, None, None), ("Lease signer", "Acme", 1, None, None)]
    assert [app.since for app in acting(town)] == [town.clock.now, town.clock.now - timedelta(days=1)]


def test_who_left_is_not_counted(town: Town, demo: Context, made: Made) -> None:
    """Neither is who disconnected the app."""
    for person in (SAM, VERA):
        town.consent(demo, made, person)
    accounts.close_membership(demo, ACME.demo, VERA.demo, ADA.email)
    assert [app.users for app in acting(town)] == [1]
    consents.withdraw_consent(demo, town.actor(SAM), made.key)
    assert acting(town) == []


def test_apps_that_the_organization_allowed_are_seen(town: Town, demo: Context, made: Made) -> None:
    """It counts everybody whom the organization covers, once, and says who allowed it."""
    organization_consents.authorize_application(demo, town.actor(CY), ORGANIZATION["demo"], made.key, ALLOWED)
    town.consent(demo, made, SAM)
    (app,) = acting(town)

    assert (app.users, app.organization) == (5, "Acme Group")


def test_an_app_that_acts_only_as_itself_is_none_of_the_account_s(town: Town, demo: Context, made: Made) -> None:
    """Scopes of the Admin API are between the app and the organization."""
    scopes = frozenset({"organization_read"})
    organization_consents.authorize_application(demo, town.actor(CY), ORGANIZATION["demo"], made.key, scopes)

    assert acting(town) == []


# ── the block ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_blocked_app_is_refused_here_and_nowhere_else(town: Town, demo: Context, foreign: Made) -> None:
    """Tokens that are there already too; after the block they pass again."""
    accounts.add_user(demo, STRANGE.demo, SAM.joining(SENDER, "demo"), MALLORY.email)
    caller = town.caller(demo, foreign)
    calls_in(demo, caller, ACME.demo)
    block(town, foreign)

    with refused(APP_BLOCKED):
        calls_in(demo, caller, ACME.demo)
    calls_in(demo, caller, STRANGE.demo)
    unblock(town, foreign)
    calls_in(demo, caller, ACME.demo)


def test_a_block_is_of_one_app(town: Town, demo: Context, made: Made, foreign: Made) -> None:
    """Another app of the same user passes."""
    town.consent(demo, foreign, SAM)
    caller = town.caller(demo, made)
    block(town, foreign)

    calls_in(demo, caller, ACME.demo)


def test_a_block_says_who_and_when_and_is_on_record(town: Town, demo: Context, made: Made) -> None:
    """In the list, and in the audit log of the account; the app stays in the list when nobody allows it any more."""
    town.consent(demo, made, SAM)
    block(town, made)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)
    (app,) = acting(town, BO)
    unblock(town, made)
    told = rows(
        demo.database,
        "SELECT name, actor, key, account FROM events WHERE name IN ('AppBlocked', 'AppUnblocked') ORDER BY sequence",
    )

    assert app.block == (made.key, town.clock.now, ADA.email)
    assert (app.users, app.since) == (0, None)
    assert told == [(name, ADA.email, made.key, ACME.demo) for name in ("AppBlocked", "AppUnblocked")]


def test_asking_for_a_block_waits_for_nothing(town: Town, demo: Context, made: Made) -> None:
    """What is blocked stands in the directory: the event loop may ask."""
    demo.directory.heard(demo.directory.epoch, float("inf"))
    caller = town.caller(demo, made)
    calls_in(demo, caller, ACME.demo)

    calls_in(demo.without_waiting, caller, ACME.demo)
    assert callers.recognize(demo, town.sign_in_with(demo, made, SAM).access_token).user is not None


def test_what_does_not_act_here_cannot_be_blocked(town: Town, demo: Context, made: Made, foreign: Made) -> None:
    """An app that nobody here allowed looks like one that is not there; blocking and unblocking count once."""
    town.consent(demo, foreign, MALLORY)
    for key in (foreign.key, made.key, UNKNOWN, ""):
        with refused(NO_SUCH_OBJECT):
            acting_apps.block_app(demo, town.actor(ADA), ACME.demo, key)
        with refused(NO_SUCH_OBJECT):
            acting_apps.unblock_app(demo, town.actor(ADA), ACME.demo, key)
    town.consent(demo, made, SAM)
    block(town, made)
    with refused(ALREADY_BLOCKED):
        block(town, made)


def test_only_its_admins_see_and_block(town: Town, demo: Context, made: Made) -> None:
    """Members learn that they are no admins, strangers nothing, and programs need the permission."""
    town.consent(demo, made, SAM)
    with refused(NOT_AN_ADMIN):
        acting(town, SAM)
    with refused(NOT_AN_ADMIN):
        acting_apps.block_app(demo, town.actor(SAM), ACME.demo, made.key)
    for account in (ACME.demo, UNKNOWN):
        with refused(NO_SUCH_ACCOUNT):
            acting_apps.list_acting(demo, town.actor(MALLORY), account)
    with refused(TOKEN_LACKS_PERMISSION):
        acting_apps.list_acting(demo, town.actor(ADA, permissions=frozenset({READ_KEYS})), ACME.demo)
    with refused(TOKEN_LACKS_PERMISSION):
        acting_apps.block_app(demo, town.actor(ADA, permissions=frozenset({READ_APPS})), ACME.demo, made.key)
    acting_apps.block_app(demo, town.actor(ADA, permissions=frozenset({BLOCK_APPS})), ACME.demo, made.key)
