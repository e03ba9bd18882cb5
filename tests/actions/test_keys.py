"""How does an app come to be, live, stop, go and come back?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keysteward.actions import accounts, addresses, credentials, keys
from keysteward.actions.context import Context
from keysteward.rules.access import READ_KEYS, WRITE_KEYS, Actor
from keysteward.rules.keys import GRANTS, Settings
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    CONFLICT,
    INVALID_FIELD,
    KEY_DELETED,
    KEY_NOT_DELETED,
    KEYS_START_IN_DEMO,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NOT_AN_ADMIN,
    TOKEN_LACKS_PERMISSION,
    TOO_LATE_TO_RESTORE,
    TOO_MANY_KEYS,
    WAIVERS_ARE_IN_PRODUCTION,
)
from tests.cast import ACME, ADA, BO, CALLBACK, CY, MALLORY, SAM, STRANGE, UNKNOWN, VERA, Made, Town, refused
from tests.racing import at_once

DRAFT = keys.Draft("Lease signer", "team@acme.example")
Deed = Callable[[Context, Actor, str], object]

READING: list[tuple[str, Deed]] = [("view", keys.view)]
CHANGING: list[tuple[str, Deed]] = [
    ("change", lambda ctx, actor, key: keys.change(ctx, actor, key, keys.Change(name="Mine now"))),
    ("add a secret", credentials.add_secret),
    ("delete a secret", lambda ctx, actor, key: credentials.delete_secret(ctx, actor, key, UNKNOWN)),
    ("generate a keypair", credentials.add_generated_keypair),
    ("delete a keypair", lambda ctx, actor, key: credentials.delete_keypair(ctx, actor, key, UNKNOWN)),
    ("add a redirect URI", lambda ctx, actor, key: addresses.add_redirect_uri(ctx, actor, key, "https://evil.example")),
    ("remove a redirect URI", lambda ctx, actor, key: addresses.remove_redirect_uri(ctx, actor, key, CALLBACK)),
    ("add an origin", lambda ctx, actor, key: addresses.add_origin(ctx, actor, key, "https://evil.example")),
    ("remove an origin", lambda ctx, actor, key: addresses.remove_origin(ctx, actor, key, "https://evil.example")),
    ("stop", keys.stop),
    ("start", keys.start),
    ("revoke its tokens", keys.revoke_tokens),
    ("delete", keys.delete),
    ("restore", keys.restore),
]
every_deed = pytest.mark.parametrize(
    "deed", [row[1] for row in READING + CHANGING], ids=[row[0] for row in READING + CHANGING]
)
changing = pytest.mark.parametrize("deed", [row[1] for row in CHANGING], ids=[row[0] for row in CHANGING])


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@every_deed
def test_a_foreign_key_is_an_unknown_key(town: Town, demo: Context, made: Made, deed: Deed) -> None:
    """An admin of another account, and the organization's admin, learn nothing of a key."""
    for person, key in ((MALLORY, made.key), (CY, made.key), (ADA, UNKNOWN), (ADA, "x"), (ADA, "")):
        with refused(NO_SUCH_KEY):
            deed(demo, town.actor(person), key)
    assert keys.view(demo, town.actor(ADA), made.key).app == made.app


@every_deed
def test_a_member_who_is_no_admin_is_refused(town: Town, demo: Context, made: Made, deed: Deed) -> None:
    """Senders and viewers of the management account are told that only its admins may."""
    for person in (SAM, VERA):
        with refused(NOT_AN_ADMIN):
            deed(demo, town.actor(person), made.key)


@every_deed
def test_whoever_left_is_a_stranger(town: Town, demo: Context, made: Made, deed: Deed) -> None:
    """An admin whose membership ended sees no more than anybody."""
    accounts.close_membership(demo, ACME.demo, BO.demo, ADA.email)

    with refused(NO_SUCH_KEY):
        deed(demo, town.actor(BO), made.key)


@changing
def test_a_token_to_read_does_not_write(town: Town, demo: Context, made: Made, deed: Deed) -> None:
    """A program may what its token was made for, whoever made it."""
    with refused(TOKEN_LACKS_PERMISSION):
        deed(demo, town.actor(ADA, permissions=frozenset({READ_KEYS})), made.key)


def test_a_token_to_write_does_not_read(town: Town, demo: Context, made: Made) -> None:
    """Each permission stands for itself."""
    writer = town.actor(ADA, permissions=frozenset({WRITE_KEYS}))

    with refused(TOKEN_LACKS_PERMISSION):
        keys.view(demo, writer, made.key)
    with refused(TOKEN_LACKS_PERMISSION):
        keys.list_apps(demo, writer, ACME.demo)
    assert keys.stop(demo, writer, made.key).stopped_at == town.clock.now


# ── creating ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_app_begins_with_its_key_and_nothing_else(town: Town, demo: Context) -> None:
    """A new app works, has a new key and no settings, and says who made it."""
    app = keys.create(demo, town.actor(BO), ACME.demo.upper(), keys.Draft(" Lease  signer ", " team@acme.example "))
    view = keys.view(demo, town.actor(ADA), app.key.upper())

    assert (view.app, view.settings, view.events[0].name) == (app, Settings(), "KeyCreated")
    assert (app.name, app.contact, app.created_by) == ("Lease signer", "team@acme.example", BO.email)
    assert (app.account, app.version, app.works) == (ACME.demo, 1, True)


def test_keys_are_created_in_demo_only(town: Town, production: Context) -> None:
    """In production a key arrives by promotion."""
    with refused(KEYS_START_IN_DEMO):
        keys.create(production, town.actor(ADA, production), ACME.production, DRAFT)


@pytest.mark.parametrize(("draft", "field"), [
    (keys.Draft("", "team@acme.example"), "name"),
    (keys.Draft(" \n", "team@acme.example"), "name"),
    (keys.Draft("x" * 101, "team@acme.example"), "name"),
    (keys.Draft("Lease\x07signer", "team@acme.example"), "name"),
    (keys.Draft("Lease signer", ""), "contact"),
    (keys.Draft("Lease signer", "team"), "contact"),
    (keys.Draft("Lease signer", "team@acme.example", "Private"), "integration_type"),  # type: ignore[arg-type]
    (keys.Draft("Lease signer", "team@acme.example", grants=frozenset({"password"})), "grants"),  # type: ignore[arg-type]
])  # fmt: skip
def test_a_draft_must_make_sense(town: Town, demo: Context, draft: keys.Draft, field: str) -> None:
    """What is wrong with a draft is named, and nothing is created."""
    before = keys.list_apps(demo, town.actor(ADA), ACME.demo)
    with refused(INVALID_FIELD, field):
        keys.create(demo, town.actor(ADA), ACME.demo, draft)

    assert keys.list_apps(demo, town.actor(ADA), ACME.demo) == before


def test_only_an_admin_creates(town: Town, demo: Context) -> None:
    """Members are told so; strangers and unknown accounts get one and the same refusal."""
    with refused(NOT_AN_ADMIN):
        keys.create(demo, town.actor(SAM), ACME.demo, DRAFT)
    for person, account in ((MALLORY, ACME.demo), (ADA, STRANGE.demo), (ADA, UNKNOWN), (ADA, ACME.production)):
        with refused(NO_SUCH_ACCOUNT):
            keys.create(demo, town.actor(person), account, DRAFT)
        with refused(NO_SUCH_ACCOUNT):
            keys.list_apps(demo, town.actor(person), account)


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_an_account_that_is_not_open_creates_nothing(town: Town, demo: Context, state: str) -> None:
    """A suspended or closed account gets no new keys."""
    accounts.change_account(demo, ACME.demo, "operator", state=state)  # type: ignore[arg-type]  # a table of states

    with refused(ACCOUNT_NOT_OPEN):
        keys.create(demo, town.actor(ADA), ACME.demo, DRAFT)


def test_an_account_has_at_most_a_hundred_keys(town: Town, demo: Context, made: Made) -> None:
    """The hundred and first is refused even when fifty ask at once; a deleted key makes room."""
    for _ in range(60):
        keys.create(demo, town.actor(ADA), ACME.demo, DRAFT)
    created, codes = at_once(lambda _: keys.create(demo, town.actor(BO), ACME.demo, DRAFT), 50)

    assert (len(created), codes) == (39, ["too-many-keys"] * 11)
    keys.delete(demo, town.actor(ADA), made.key)
    keys.create(demo, town.actor(ADA), ACME.demo, DRAFT)
    with refused(TOO_MANY_KEYS):
        keys.create(demo, town.actor(ADA), ACME.demo, DRAFT)


def test_restoring_is_not_creating(town: Town, demo: Context, made: Made) -> None:
    """A deleted key comes back even where its place was taken."""
    keys.delete(demo, town.actor(ADA), made.key)
    for _ in range(100):
        keys.create(demo, town.actor(ADA), ACME.demo, DRAFT)

    assert keys.restore(demo, town.actor(ADA), made.key).works


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_change_sets_what_it_names(town: Town, demo: Context, made: Made) -> None:
    """Settings that are named are new, the others stay, and the version counts."""
    change = keys.Change(
        name="Renamed", contact="new@acme.example", grants=frozenset({"jwt"}), pkce_required=True,
        privacy_url="https://acme.example/privacy", terms_url="https://acme.example/terms",
    )  # fmt: skip
    changed = keys.change(demo, town.actor(ADA), made.key, change)
    again = keys.change(demo, town.actor(BO), made.key, keys.Change())

    assert (changed.name, changed.contact, changed.grants) == ("Renamed", "new@acme.example", frozenset({"jwt"}))
    assert (changed.pkce_required, changed.privacy_url) == (True, "https://acme.example/privacy")
    assert changed.version == made.app.version + 1
    assert (again.name, again.grants, again.version) == ("Renamed", frozenset({"jwt"}), made.app.version + 2)


@pytest.mark.parametrize(("change", "field"), [
    (keys.Change(name=""), "name"),
    (keys.Change(contact="nobody"), "contact"),
    (keys.Change(grants=frozenset({"x"})), "grants"),  # type: ignore[arg-type]  # what a client may send
    (keys.Change(privacy_url="http://acme.example"), "privacy_url"),
    (keys.Change(terms_url="https://["), "terms_url"),
])  # fmt: skip
def test_a_change_must_make_sense(town: Town, demo: Context, made: Made, change: keys.Change, field: str) -> None:
    """What is wrong with a change is named, and nothing is changed."""
    with refused(INVALID_FIELD, field):
        keys.change(demo, town.actor(ADA), made.key, change)

    assert keys.view(demo, town.actor(ADA), made.key).app == made.app


def test_a_grant_can_be_withdrawn(town: Town, demo: Context, made: Made) -> None:
    """An app may register no grant at all."""
    assert keys.change(demo, town.actor(ADA), made.key, keys.Change(grants=frozenset())).grants == frozenset()


def test_somebody_else_s_change_is_not_overwritten(town: Town, demo: Context, made: Made) -> None:
    """Of fifty that change the version they looked at, one is served and the others are told."""
    seen = made.app.version
    changed, codes = at_once(
        lambda number: keys.change(
            demo, town.actor(ADA), made.key, keys.Change(name=f"name {number}", version=seen)
        ), 50,
    )  # fmt: skip

    assert (len(changed), codes) == (1, ["changed-meanwhile"] * 49)
    assert keys.view(demo, town.actor(ADA), made.key).app.name == changed[0].name
    with refused(CONFLICT):
        keys.change(demo, town.actor(ADA), made.key, keys.Change(version=seen))


@pytest.mark.parametrize("deed", [keys.stop, keys.delete], ids=["stop", "delete"])
def test_every_deed_answers_with_the_version_that_is_kept(
    town: Town, demo: Context, made: Made, deed: Callable[[Context, Actor, str], object]
) -> None:
    """What a deed answers with can be changed at once, for it is what is kept."""
    answered = deed(demo, town.actor(ADA), made.key)

    assert answered == keys.view(demo, town.actor(ADA), made.key).app


# ── stopping and starting ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_key_stops_and_starts(town: Town, demo: Context, made: Made) -> None:
    """Stopping and starting change whether a key works, and doing it twice changes nothing more."""
    stopped = keys.stop(demo, town.actor(ADA), made.key)
    town.clock.advance(hours=1)
    assert keys.stop(demo, town.actor(BO), made.key) == stopped
    assert not stopped.works

    started = keys.start(demo, town.actor(ADA), made.key)
    assert keys.start(demo, town.actor(ADA), made.key) == started
    assert started.works
    names = [event.name for event in keys.view(demo, town.actor(ADA), made.key).events]
    assert (names.count("KeyStopped"), names.count("KeyStarted")) == (1, 1)


# ── deleting and restoring ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("deed", [row[1] for row in CHANGING[:-1]], ids=[row[0] for row in CHANGING[:-1]])
def test_a_deleted_key_is_only_restored(town: Town, demo: Context, made: Made, deed: Deed) -> None:
    """Nothing but restoring happens to a deleted key, which its admins still see."""
    keys.delete(demo, town.actor(ADA), made.key)

    with refused(KEY_DELETED):
        deed(demo, town.actor(ADA), made.key)
    assert made.key in [app.key for app in keys.list_apps(demo, town.actor(ADA), ACME.demo)]


def test_a_key_comes_back_within_fifteen_days(town: Town, demo: Context, made: Made) -> None:
    """At exactly 15 days a deleted key comes back as it was, settings and all."""
    before = keys.view(demo, town.actor(ADA), made.key).settings
    keys.delete(demo, town.actor(ADA), made.key)
    town.clock.advance(days=15)
    restored = keys.restore(demo, town.actor(BO), made.key)

    assert (restored.works, restored.grants) == (True, frozenset(GRANTS))
    assert keys.view(demo, town.actor(ADA), made.key).settings == before


def test_a_key_does_not_come_back_later(town: Town, demo: Context, made: Made) -> None:
    """One moment after 15 days it is too late, for ever."""
    keys.delete(demo, town.actor(ADA), made.key)
    town.clock.advance(days=15, microseconds=1)

    with refused(TOO_LATE_TO_RESTORE):
        keys.restore(demo, town.actor(ADA), made.key)


def test_a_key_that_is_there_is_not_restored(town: Town, demo: Context, made: Made) -> None:
    """Restoring is for deleted keys, and once is enough."""
    with refused(KEY_NOT_DELETED):
        keys.restore(demo, town.actor(ADA), made.key)
    keys.delete(demo, town.actor(ADA), made.key)
    restored, codes = at_once(lambda _: keys.restore(demo, town.actor(ADA), made.key), 30)

    assert (len(restored), codes) == (1, ["key-not-deleted"] * 29)


def test_deleting_a_stopped_key_keeps_it_stopped(town: Town, demo: Context, made: Made) -> None:
    """A key that was stopped for a reason comes back stopped."""
    keys.stop(demo, town.actor(ADA), made.key)
    keys.delete(demo, town.actor(ADA), made.key)

    assert not keys.restore(demo, town.actor(ADA), made.key).works


# ── the implicit waiver ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_waiver_has_a_reason_and_an_end(town: Town, production: Context, made: Made) -> None:
    """An admin waives for a while, and says why."""
    town.go_live(made)
    until, ada = town.clock.now + timedelta(days=30), town.actor(ADA, production)
    waived = keys.waive_implicit(production, ada, made.key, "The mobile app is being rewritten.", until)
    event = keys.view(production, ada, made.key).events[0]

    assert (waived.implicit_until, event.name) == (until, "ImplicitWaived")
    assert event.data["reason"] == "The mobile app is being rewritten."


def test_a_waiver_without_reason_or_end_is_refused(town: Town, production: Context, made: Made) -> None:
    """Neither silence nor a date that is past or far is an answer."""
    town.go_live(made)
    now, longest, ada = town.clock.now, production.policy.longest_waiver, town.actor(ADA, production)
    with refused(INVALID_FIELD, "reason"):
        keys.waive_implicit(production, ada, made.key, " ", now + timedelta(days=1))
    for until in (now, now - timedelta(days=1), now + longest + timedelta(microseconds=1)):
        with refused(INVALID_FIELD, "until"):
            keys.waive_implicit(production, ada, made.key, "Because.", until)


def test_demo_needs_no_waiver(town: Town, demo: Context, made: Made) -> None:
    """Demo takes the implicit grant as soon as the app registers it."""
    with refused(WAIVERS_ARE_IN_PRODUCTION):
        keys.waive_implicit(demo, town.actor(ADA), made.key, "Because.", town.clock.now + timedelta(days=1))
