"""Who may have their requests logged, how many are, and when are they gone?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from keysteward.actions import accounts, audit, housekeeping, request_logs
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.crypto.sealing import Sealer
from keysteward.rules.accounts import ADMIN, SENDER
from keysteward.rules.events import Erasure
from keysteward.rules.log_bodies import Captured
from keysteward.rules.refusals import (
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    REQUEST_LOG_FULL,
    REQUEST_LOGGING_FORBIDDEN,
)
from keysteward.rules.request_logs import Exchange
from keysteward.rules.words import new_guid
from keysteward.store.tables import request_log_entries
from tests.cast import ACME, ADA, COUNCIL, MALLORY, SAM, START, STRANGE, UNKNOWN, Made, Person, Town, refused
from tests.forging import let_go
from tests.racing import at_once

ENVELOPES = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes"


def passed(body: bytes = b"", path: str = ENVELOPES) -> Exchange:
    """A call that passed."""
    whole, none = Captured(body, len(body), "1" * 64), Captured(b"", 0, "0" * 64)
    return Exchange(
        "GET", "https://demo.test:8443", path, "", "1.1", ((b"content-type", b"application/json"),), whole, 200, (),
        none, new_guid(), START, START, timedelta(0), "whole",
    )  # fmt: skip


@pytest.fixture
def calling(town: Town, made: Made) -> Callable[[Person], Caller]:
    """An app that acts for somebody."""
    return lambda person: town.caller(town.demo, made, person)


@pytest.fixture
def caller(demo: Context, calling: Callable[[Person], Caller]) -> Caller:
    """An app that acts for Sam, whose requests are logged."""
    caller = calling(SAM)
    request_logs.turn_on(demo, accounts.load_user(demo, SAM.demo))
    return caller


def is_wanted(ctx: Context, caller: Caller, path: str = ENVELOPES) -> bool:
    """Whether a call is logged."""
    return request_logs.is_wanted(ctx, caller, "GET", path)


def sealed(ctx: Context) -> list[bytes]:
    """What the database keeps of all entries."""
    with ctx.database.reading() as tx:
        return list(tx.execute(select(request_log_entries.c.entry_sealed)).scalars())


# ── how many ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_hundred_at_once_leave_fifty(demo: Context, caller: Caller) -> None:
    """Just as many calls find a place as there are; then the log is off."""
    kept, refusals = at_once(lambda _: request_logs.keep(demo, caller, passed()))

    assert (kept.count(True), kept.count(False), refusals) == (50, 50, [])
    entries = request_logs.list_entries(demo, SAM.demo)
    assert [entry.number for entry in entries] == list(range(50))
    assert request_logs.show_logging(demo, SAM.demo)._asdict() == {
        "is_on": False, "most": 50, "remaining": 0, "kept": 50, "is_allowed": True,
    }  # fmt: skip
    assert not is_wanted(demo, caller)
    with refused(REQUEST_LOG_FULL):
        request_logs.turn_on(demo, accounts.load_user(demo, SAM.demo))


def test_cleared_it_takes_fifty_more(demo: Context, caller: Caller) -> None:
    """Clearing frees every place, whether the log is on or not."""
    sam = accounts.load_user(demo, SAM.demo)
    for _ in range(2):
        request_logs.keep(demo, caller, passed())
    request_logs.clear(demo, sam)
    assert request_logs.show_logging(demo, SAM.demo).remaining == 50

    request_logs.turn_off(demo, sam)
    assert request_logs.keep(demo, caller, passed()) is False
    assert request_logs.list_entries(demo, SAM.demo) == []


# ── whose ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_entry_is_sealed_for_its_user(demo: Context, caller: Caller) -> None:
    """The database shows nothing of it, and nobody else opens it."""
    request_logs.keep(demo, caller, passed(b'{"emailSubject":"Lease of Sam"}'))
    (entry,) = request_logs.list_entries(demo, SAM.demo)

    assert "Lease of Sam" in request_logs.open_entry(demo, SAM.demo, entry.id).request.body
    assert b"Lease" not in sealed(demo)[0]
    for user, name in ((ADA.demo, entry.id), (SAM.demo, UNKNOWN)):
        with refused(NO_SUCH_OBJECT):
            request_logs.open_entry(demo, user, name)


def test_another_master_key_takes_entries_over(demo: Context, caller: Caller) -> None:
    """What the old one sealed is sealed anew, and opened with the new one alone.

    An entry whose key is gone stops nothing: it looks as absent as an unknown one, and the files leave it out.
    """
    lost, old, new = Sealer(b"l" * 32), Sealer(b"o" * 32), Sealer(b"n" * 32)
    request_logs.keep(replace(demo, sealer=lost), caller, passed())
    request_logs.keep(replace(demo, sealer=old), caller, passed(b'{"emailSubject":"Lease of Sam"}'))
    with demo.database.writing() as tx:
        request_logs.seal_entries_anew(tx, Sealer(b"n" * 32, b"o" * 32))
    ctx = replace(demo, sealer=new)
    gone, kept = request_logs.list_entries(ctx, SAM.demo)

    assert "Lease of Sam" in request_logs.open_entry(ctx, SAM.demo, kept.id).request.body
    with refused(NO_SUCH_OBJECT):
        request_logs.open_entry(ctx, SAM.demo, gone.id)
    assert [file.name for file in request_logs.open_files(ctx, SAM.demo)] == ["01_OK_GetEnvelopes.txt"]


def test_integration_keys_of_others(town: Town, demo: Context, caller: Caller) -> None:
    """Every integration key of the environment is left out, not only the caller's; other GUIDs stay."""
    other = town.create_app(name="Another").key
    body = f'{{"a":"{other}","b":"{caller.app.key.upper()}","c":"{other.replace("-", "")}","d":"{UNKNOWN}"}}'
    request_logs.keep(demo, caller, passed(body.encode()))
    (entry,) = request_logs.list_entries(demo, SAM.demo)

    shown = request_logs.open_entry(demo, SAM.demo, entry.id).request.body
    assert (shown.count("[omitted]"), UNKNOWN in shown) == (3, True)


def test_an_application_token_has_no_log(demo: Context, caller: Caller) -> None:
    """It speaks for nobody."""
    nobody = caller._replace(user=None)

    assert (is_wanted(demo, nobody), request_logs.keep(demo, nobody, passed())) == (False, False)


# ── what an account allows ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_profile_that_may_not(demo: Context, caller: Caller) -> None:
    """Nothing is logged in the account any more, from the next call on, and nobody turns it on."""
    ada, sam = accounts.load_user(demo, ADA.demo), accounts.load_user(demo, SAM.demo)
    request_logs.forbid(demo, ada, ACME.demo, SENDER.id)

    assert not is_wanted(demo, caller)
    assert not is_wanted(demo, caller, "/management/v2/organizations")
    with refused(REQUEST_LOGGING_FORBIDDEN):
        request_logs.turn_on(demo, sam)
    request_logs.allow(demo, ada, ACME.demo, SENDER.id)
    assert is_wanted(demo, caller)


def test_each_account_decides_for_itself(demo: Context, calling: Callable[[Person], Caller]) -> None:
    """What one account forbids, another of the same user may allow; where no account is named, one is enough."""
    caller, ada = calling(ADA), accounts.load_user(demo, ADA.demo)
    request_logs.turn_on(demo, ada)
    request_logs.forbid(demo, ada, ACME.demo, ADMIN.id)

    assert not is_wanted(demo, caller)
    assert is_wanted(demo, caller, ENVELOPES.replace(ACME.demo, COUNCIL.demo))
    assert is_wanted(demo, caller, "/management/v2/organizations")
    assert is_wanted(demo, caller, ENVELOPES.replace(ACME.demo, "9" * 40))


def test_who_may_forbid_it(demo: Context) -> None:
    """An admin of the account, for profiles that there are; to strangers the account is not there."""
    ada, sam, mallory = (accounts.load_user(demo, each.demo) for each in (ADA, SAM, MALLORY))

    with refused(NOT_AN_ADMIN):
        request_logs.forbid(demo, sam, ACME.demo, SENDER.id)
    with refused(NO_SUCH_ACCOUNT):
        request_logs.forbid(demo, mallory, ACME.demo, SENDER.id)
    with refused(NO_SUCH_OBJECT):
        request_logs.forbid(demo, ada, ACME.demo, 1)
    request_logs.forbid(demo, mallory, STRANGE.demo, SENDER.id)
    assert request_logs.list_forbidden(demo, ACME.demo) == frozenset()


# ── when it is gone ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_entries_go_in_time(town: Town, demo: Context, caller: Caller) -> None:
    """After thirty days; a full log whose entries are all gone has room again."""
    policy = replace(demo.policy, request_log_entries=1)
    request_logs.keep(demo.under(policy), caller, passed())
    town.clock.advance(days=29)
    housekeeping.forget_what_expired(demo)
    assert len(request_logs.list_entries(demo, SAM.demo)) == 1

    town.clock.advance(days=2)
    housekeeping.forget_what_expired(demo)
    assert request_logs.list_entries(demo, SAM.demo) == []
    assert request_logs.turn_on(demo, accounts.load_user(demo, SAM.demo)).remaining == 50


@pytest.mark.parametrize("how", ["erased", "closed"])
def test_a_log_goes_with_its_user(demo: Context, caller: Caller, how: str) -> None:
    """Who is erased, or leaves their last account, leaves no log, and nothing more is written."""
    request_logs.keep(demo, caller, passed())
    if how == "erased":
        let_go(demo, SAM.demo)
        audit.erase_person(demo, Erasure(SAM.email), "operator")
    else:
        accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)

    assert sealed(demo) == []
    assert request_logs.keep(demo, caller, passed()) is False
