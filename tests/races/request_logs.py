"""Who races over request logs?"""

from collections.abc import Generator
from datetime import timedelta

from keysteward.actions import accounts, request_logs
from keysteward.rules.accounts import SENDER
from keysteward.rules.log_bodies import Captured
from keysteward.rules.request_logs import Exchange
from keysteward.rules.words import new_guid
from tests.cast import ACME, ADA, SAM, START
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

NONE = Captured(b"", 0, "0" * 64)


def passed() -> Exchange:
    """A call that passed."""
    path = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes"
    return Exchange(
        "GET", "https://demo.test", path, "", "1.1", (), NONE, 200, (), NONE, new_guid(), START, START, timedelta(0),
        "whole",
    )  # fmt: skip


@race(request_logs.keep)
def fifty_of_a_hundred_are_logged(on: Ground) -> Story:
    """A hundred calls at once leave fifty entries, numbered without a gap, and a log that is off."""
    request_logs.turn_on(on.demo, accounts.load_user(on.demo, SAM.demo))
    caller = on.town.caller(on.demo, on.made, SAM)
    came = yield lambda _: request_logs.keep(on.demo, caller, passed())

    assert (came.answers.count(True), came.answers.count(False)) == (50, 50)
    assert [row.number for row in request_logs.list_entries(on.demo, SAM.demo)] == list(range(50))
    assert not request_logs.show_logging(on.demo, SAM.demo).is_on


@race(request_logs.turn_on, request_logs.turn_off, request_logs.clear, request_logs.keep)
def a_log_comes_and_goes(on: Ground) -> Story:
    """However switches, clearing and calls race, as many entries are there as places are taken."""
    sam, caller = accounts.load_user(on.demo, SAM.demo), on.town.caller(on.demo, on.made, SAM)
    came = yield taking_turns(
        lambda _: request_logs.turn_on(on.demo, sam),
        lambda _: request_logs.keep(on.demo, caller, passed()),
        lambda _: request_logs.clear(on.demo, sam),
        lambda _: request_logs.turn_off(on.demo, sam),
    )

    kept = request_logs.show_logging(on.demo, SAM.demo).kept
    assert (len(came.answers), len(request_logs.list_entries(on.demo, SAM.demo))) == (100, kept)


@race(request_logs.forbid, request_logs.allow)
def what_is_forbidden_was_said_last(on: Ground) -> Story:
    """However admins race, the profile may not log where the last word was no; each change was told once."""
    ada = accounts.load_user(on.demo, ADA.demo)
    yield taking_turns(
        lambda _: request_logs.forbid(on.demo, ada, ACME.demo, SENDER.id),
        lambda _: request_logs.allow(on.demo, ada, ACME.demo, SENDER.id),
    )

    forbidden = events_of(on.demo, "RequestLoggingForbidden") - events_of(on.demo, "RequestLoggingAllowed")
    assert forbidden == len(rows(on.demo.database, "SELECT * FROM unlogged_profiles"))
