"""Is the place named, whatever somebody does to a real history, in whatever order?"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from keysteward.actions import keys
from keysteward.actions.context import Context
from keysteward.actions.verification import Evidence
from keysteward.store.tables import checkpoints, events, seals, signing_keys
from tests.cast import ADA, Made, Town
from tests.forging import forging, seal_all, verified

_TABLES = (seals, checkpoints, events)
_TEXTS = ("name", "actor", "key", "account", "about", "trace")


@pytest.fixture
def whole(town: Town, demo: Context, made: Made) -> dict[str, list[dict[str, Any]]]:
    """A sealed and signed history, as it stands in its tables."""
    for name in ("First", "Second", "Third"):
        keys.change(demo, town.actor(ADA), made.key, keys.Change(name=name))
        seal_all(demo)
        town.clock.advance(hours=1)
    with demo.database.reading() as tx:
        return {table.name: [dict(row) for row in tx.execute(select(table)).mappings()] for table in _TABLES}


def edit(tx: Connection, draw: Callable[..., Any], place: int, event: int) -> None:
    """Change one text of an event."""
    field, text = draw(st.sampled_from(_TEXTS)), draw(st.text(st.characters(codec="ascii", exclude_characters="\0")))
    tx.execute(update(events).where(events.c.sequence == event).values({field: f"{text} changed"}))


def remove(tx: Connection, draw: Callable[..., Any], place: int, event: int) -> None:
    """Delete an event, with its seal or without."""
    if draw(st.booleans()):
        tx.execute(delete(seals).where(seals.c.position == place))
    tx.execute(delete(events).where(events.c.sequence == event))


def put_in(tx: Connection, draw: Callable[..., Any], place: int, event: int) -> None:
    """Put an event and a seal between others, with a number that is free."""
    row = tx.execute(select(events).where(events.c.sequence == event)).mappings().one()
    tx.execute(insert(events).values({**row, "sequence": -event}))
    where = seals.c.position == place
    old = tx.execute(select(seals).where(where)).mappings().one()
    tx.execute(update(seals).where(where).values(event=-event))
    tx.execute(insert(seals).values({**old, "position": -place}))


def swap(tx: Connection, draw: Callable[..., Any], place: int, event: int) -> None:
    """Let two events change places."""
    row = select(seals.c.event).where(seals.c.position == (place - 1 if place > 1 else place + 1))
    other = tx.execute(row).scalar_one()
    for old, new in ((event, -1), (other, event), (-1, other)):
        tx.execute(update(events).where(events.c.sequence == old).values(sequence=new))


def cut_off(tx: Connection, draw: Callable[..., Any], place: int, event: int) -> None:
    """Take the end away, from a place on."""
    gone = select(seals.c.event).where(seals.c.position >= place)
    tx.execute(delete(events).where(events.c.sequence.in_(gone)))
    tx.execute(delete(seals).where(seals.c.position >= place))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_done_is_found_where_it_was_done(
    demo: Context, whole: dict[str, list[dict[str, Any]]], data: st.DataObject
) -> None:
    """Edited, deleted, put in, swapped or cut off: verifying says that it is broken, at that place or the next."""
    place = data.draw(st.integers(1, len(whole["seals"])), "place")
    attack = data.draw(st.sampled_from((edit, remove, put_in, swap, cut_off)), "attack")
    event = whole["seals"][place - 1]["event"]
    with forging(demo) as tx:
        for table in _TABLES:
            tx.execute(delete(table))
        for table in reversed(_TABLES):
            tx.execute(insert(table), whole[table.name])
        attack(tx, data.draw, place, event)
    verdict = verified(demo, Evidence({demo.paper_key.kid: demo.paper_key.public}))
    named = [found.position for found in verdict.breaks]

    assert not verdict.is_good
    if attack is cut_off:
        assert "the end was cut off" in verdict.breaks[-1].sentence or min(named) >= place
    else:
        assert {place - 1, place, place + 1, -place} & set(named), (verdict.breaks, signing_keys.name)
