"""What is lost when there is no space left on the disk? Nothing that was answered."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from keysteward.actions import keys, limits
from keysteward.rules.limits import MOST_CALLS, Wish
from keysteward.store.database import Unreachable
from tests.cast import ACME, ADA, Town
from tests.conftest import Founded
from tests.gateway.peer import Gate, gate
from tests.peers.databases import rows
from tests.racing import at_once


@pytest.fixture
def opened(town: Town, founded: Founded) -> Iterator[Gate]:
    """A gateway in front of an API of the test's own; its database is a SQLite file."""
    limits.set_limits(town.demo, ACME.demo, Wish(burst=MOST_CALLS), "Olga", "Many calls at one moment.")
    with gate(town, founded.made) as opened:
        yield opened


@contextmanager
def no_space_left(opened: Gate) -> Iterator[None]:
    """Let SQLite itself find no room for another page, on the one connection that writes."""
    with opened.ctx.database.writing() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        assert tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar_one() == pages
    yield
    with opened.ctx.database.writing() as tx:
        assert tx.exec_driver_sql("PRAGMA max_page_count = 1000000").scalar_one() == 1_000_000


def call(opened: Gate) -> tuple[str, int]:
    """Call through the gateway: the trace of the call, and what was answered."""
    answer = opened.call("POST", json={"emailSubject": "Lease"})
    return answer.headers["X-DocuSign-TraceToken"], answer.status_code


def change_until_full(opened: Gate) -> None:
    """Do one deed after another."""
    for number in range(1_000):
        change = keys.Change(name=f"{number} {'long ' * 15}")
        keys.change(opened.ctx, opened.town.actor(ADA), opened.made.key, change)


@pytest.mark.long
def test_a_full_disk_loses_no_answered_call(opened: Gate) -> None:
    """While the disk is full calls are refused with 503, whatever was answered otherwise is on record, a deed changes
    nothing; and when there is space again all goes on without hands.
    """
    with no_space_left(opened):
        answered = [answer for _ in range(40) for answer in at_once(lambda _: call(opened), 8)[0]]
        with pytest.raises(Unreachable, match="full"):
            change_until_full(opened)
        refused = [call(opened)[1] for _ in range(3)]
        view = keys.view(opened.ctx, opened.town.actor(ADA), opened.made.key)
    after = [call(opened) for _ in range(20)]

    assert {status for _, status in answered} == {200, 503}
    assert refused == [503] * 3
    assert [status for _, status in after] == [200] * 20
    kept = dict(rows(opened.ctx.database, "SELECT trace, status FROM calls"))
    good = {trace: status for trace, status in [*answered, *after] if status == 200}
    assert good.items() <= kept.items()
    changes = [event.name for event in view.events].count("KeySettingsChanged")
    assert changes == view.app.version - opened.made.app.version
