"""Is every change behind Keysteward's back found, and named for what it is?"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import ColumnElement, Connection, delete, insert, select, text, update

from keysteward.actions import audit, keys, verification
from keysteward.actions.context import Context
from keysteward.actions.verification import Evidence
from keysteward.crypto.papers import write_checkpoint
from keysteward.crypto.signing import PublicKey, new_signing_key
from keysteward.rules.chain import Checkpoint
from keysteward.rules.events import Erasure
from keysteward.store.tables import checkpoints, events, seals, signing_keys
from tests.cast import ADA, BO, START, Made, Town
from tests.forging import chain_anew, complaints, forging, let_go, seal_all, verified

Attack = Callable[[Connection], object]
SIGNED = 2
"""How many checkpoints the history of these tests has."""


@pytest.fixture
def history(town: Town, demo: Context, made: Made) -> int:
    """A sealed and twice signed history; how many events it has."""
    keys.stop(demo, town.actor(BO), made.key)
    seal_all(demo)
    town.clock.advance(minutes=2)
    keys.start(demo, town.actor(ADA), made.key)
    keys.change(demo, town.actor(ADA), made.key, keys.Change(name="Leases"))
    seal_all(demo)
    return verified(demo).events


def event_at(ctx: Context, position: int) -> int:
    """The number of the event at a position."""
    with ctx.database.reading() as tx:
        return int(tx.execute(select(seals.c.event).where(seals.c.position == position)).scalar_one())


def kept_checkpoint(ctx: Context) -> str:
    """What an auditor noted."""
    paper = verification.newest_checkpoint(ctx.database)
    assert paper is not None
    return paper


def published(ctx: Context) -> dict[str, PublicKey]:
    """The paper keys that an auditor kept."""
    return {ctx.paper_key.kid: ctx.paper_key.public}


def test_an_untouched_history_is_good(demo: Context, history: int) -> None:
    """Every event, both checkpoints, the kept one; nothing waits, nothing is erased."""
    verdict = verified(demo, Evidence(published(demo), (kept_checkpoint(demo),)))

    assert (verdict.is_good, verdict.events, verdict.checkpoints, verdict.kept) == (True, history, SIGNED, 1)
    assert (verdict.tail.unsealed, verdict.erased_fields, verdict.signed_with) == (0, 0, {demo.paper_key.kid})
    assert verdict.newest is not None
    assert verdict.newest.position == history


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────
CHANGES = {
    "date": {"at": START},
    "name": {"name": "KeyStopped"},
    "actor": {"actor": "mallory@strange.example"},
    "key": {"key": "1e90a5e0-0000-4000-8000-000000000009"},
    "account": {"account": ""},
    "plain field": {"data": {"uri": "https://strange.example/"}},
    "personal field": {"data": {"name": "Another"}},
    "one field more": {"data": {"verdict": "passed"}},
    "all fields gone": {"data": {}},
    "salt": {"salts": {"actor": "0" * 32}},
    "odd salt": {"salts": {"actor": "zz"}},
    "no salts": {"salts": {}},
    "a field called erased": {"erased": {"actor": "0" * 64}},
    "not JSON": {"data": None},
}


@pytest.mark.parametrize("values", CHANGES.values(), ids=CHANGES)
def test_a_changed_event_is_named(demo: Context, history: int, values: dict[str, object]) -> None:
    """Whatever is changed of an event, or taken from it, its position is named and nothing else is complained of."""
    event = event_at(demo, history)
    with forging(demo) as tx:
        if values == {"data": None}:
            tx.execute(text("UPDATE events SET data = '{' WHERE sequence = :event"), {"event": event})
        else:
            tx.execute(update(events).where(events.c.sequence == event).values(values))

    assert complaints(demo) == [f"Event {event} at position {history} was changed after it was sealed."]
    assert verified(demo).events == history - 1


def test_every_change_is_named(demo: Context, history: int) -> None:
    """One break does not hide another."""
    with forging(demo) as tx:
        tx.execute(update(events).values(actor="nobody@strange.example"))
    verdict = verified(demo)

    assert (verdict.broken, len(verdict.breaks), verdict.events) == (history, history, 0)


def test_a_deleted_event_is_named(demo: Context, history: int) -> None:
    """Its seal still speaks of it."""
    event = event_at(demo, 3)
    with forging(demo) as tx:
        tx.execute(delete(events).where(events.c.sequence == event))

    assert complaints(demo) == [f"Event {event} at position 3 is missing: it was deleted."]


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        ((3,), "Position 3 is missing: its seal was deleted."),
        ((3, 4, 5), "Positions 3 to 5 are missing: their seals were deleted."),
        ((1,), "Position 1 is missing: its seal was deleted."),
    ],
)
def test_an_event_deleted_with_its_seal_is_named(
    demo: Context, history: int, gone: tuple[int, ...], sentence: str
) -> None:
    """The gap in the positions speaks of it."""
    with forging(demo) as tx:
        _forget(tx, seals.c.position.in_(gone))

    assert complaints(demo) == [sentence]


def test_a_gap_that_was_closed_is_found(demo: Context, history: int) -> None:
    """Where all later positions move up, none of them follows any more, and no checkpoint fits."""
    with forging(demo) as tx:
        _forget(tx, seals.c.position == 3)
        for position in range(4, history + 1):
            tx.execute(update(seals).where(seals.c.position == position).values(position=position - 1))
    found = complaints(demo)

    assert found[0] == "Position 3 does not follow from position 2: a seal was changed, moved or put in."
    assert found[-1] == f"Checkpoint 2 has seen {history} positions, and {history - 1} are left: the end was cut off."


@pytest.mark.parametrize("how", ["events", "seals"])
def test_swapped_events_are_named(demo: Context, history: int, how: str) -> None:
    """Two events that trade places are told from two that were changed, whichever way they were swapped."""
    one, other = event_at(demo, 3), event_at(demo, 5)
    with forging(demo) as tx:
        column = events.c.sequence if how == "events" else seals.c.event
        for old, new in ((one, -1), (other, one), (-1, other)):
            tx.execute(update(column.table).where(column == old).values({column.name: new}))
    verdict = verified(demo)

    assert [found.sentence for found in verdict.breaks] == ["The events at positions 3 and 5 have changed places."]
    assert verdict.broken == 1


def test_an_event_that_was_put_in_waits_for_a_seal(demo: Context, history: int) -> None:
    """Written at the end by hand, it is named as the unsealed tail, and a sealer that comes by takes it for a deed."""
    with forging(demo) as tx:
        tx.execute(insert(events).values(_forged(demo)))
    verdict = verified(demo)

    assert (verdict.breaks, verdict.tail.unsealed, verdict.tail.since) == ([], 1, demo.now)


def test_an_event_that_was_put_between_is_named(town: Town, demo: Context, made: Made, history: int) -> None:
    """With a number before those that were sealed long ago it is no late commit, sealed or not."""
    town.clock.advance(hours=1)
    keys.stop(demo, town.actor(ADA), made.key)
    seal_all(demo)
    with forging(demo) as tx:
        tx.execute(insert(events).values(_forged(demo) | {"sequence": -1}))
    sentence = "Event -1 was put in: events of higher numbers were sealed long before it came."
    assert complaints(demo) == [sentence]

    assert seal_all(demo) == 1
    assert complaints(demo) == [sentence]


def test_an_event_put_in_with_a_seal_is_found(demo: Context, history: int) -> None:
    """Whoever makes room for it between two others breaks the chain there."""
    with forging(demo) as tx:
        for position in range(history, 2, -1):
            tx.execute(update(seals).where(seals.c.position == position).values(position=position + 1))
        sequence = tx.execute(insert(events).values(_forged(demo)).returning(events.c.sequence)).scalar_one()
        tx.execute(insert(seals).values(position=3, event=sequence, digest="0" * 64, hash="0" * 64))
    found = complaints(demo)

    assert found[:2] == [
        f"Event {sequence} at position 3 was changed after it was sealed.",
        "Position 4 does not follow from position 3: a seal was changed, moved or put in.",
    ]


# ── seals ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("column", "at"), [("hash", [3, 4]), ("digest", [3])])
def test_a_changed_seal_is_named(demo: Context, history: int, column: str, at: list[int]) -> None:
    """A hash is missed by the next link, a digest by its own event."""
    with forging(demo) as tx:
        tx.execute(update(seals).where(seals.c.position == 3).values({column: "0" * 64}))
    found = verified(demo).breaks

    assert [each.position for each in found] == at
    assert {each.code for each in found} == {"does-not-follow" if column == "hash" else "event-changed"}


@pytest.mark.parametrize("garbage", ["", "zz" * 32, "A" * 64, "ab cd" * 12 + "abcd"])
@pytest.mark.parametrize("column", ["hash", "digest"])
def test_garbage_in_a_seal_is_no_crash(demo: Context, history: int, column: str, garbage: str) -> None:
    """What is no hash is another hash."""
    with forging(demo) as tx:
        tx.execute(update(seals).where(seals.c.position == 3).values({column: garbage}))

    assert 3 in {found.position for found in verified(demo).breaks}


def test_a_change_that_was_chained_anew_meets_the_checkpoints(demo: Context, history: int) -> None:
    """Whoever works out every later hash again lacks the key to sign it."""
    with forging(demo) as tx:
        tx.execute(update(events).where(events.c.sequence == event_at(demo, 3)).values(name="KeyStopped"))
    chain_anew(demo)

    assert complaints(demo) == [
        f"Checkpoint 1 has seen another history: position {history - 2} had another hash.",
        f"Checkpoint 2 has seen another history: position {history} had another hash.",
    ]


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_end_that_was_cut_off_is_named(demo: Context, history: int) -> None:
    """The checkpoint that saw it still speaks of it."""
    with forging(demo) as tx:
        _forget(tx, seals.c.position > history - 2)

    assert complaints(demo) == [
        f"Checkpoint 2 has seen {history} positions, and {history - 2} are left: the end was cut off."
    ]


def test_an_end_cut_off_with_its_checkpoint_is_found_by_whoever_kept_it(demo: Context, history: int) -> None:
    """Nothing in the database speaks of it any more; the checkpoint that was noted elsewhere does."""
    kept = kept_checkpoint(demo)
    with forging(demo) as tx:
        _forget(tx, seals.c.position > history - 2)
        tx.execute(delete(checkpoints).where(checkpoints.c.number == SIGNED))

    assert complaints(demo) == []
    assert complaints(demo, Evidence(kept=(kept,))) == [
        f"The checkpoint 2 that you kept has seen {history} positions, and {history - 2} are left: the end was cut off."
    ]


# ── checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_deleted_checkpoint_is_named(demo: Context, history: int) -> None:
    """They are numbered without a gap."""
    with forging(demo) as tx:
        tx.execute(delete(checkpoints).where(checkpoints.c.number == 1))

    assert complaints(demo) == ["Checkpoint 1 is missing: it was deleted."]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"paper": "nonsense"}, "Checkpoint 2 is no checkpoint."),
        ({"at": START - timedelta(days=1)},
         "Checkpoint 2 is not what was signed: its paper speaks of checkpoint 2."),
        ({}, "Checkpoint 2 is not what was signed: its paper speaks of checkpoint 1."),
    ],
    ids=["nonsense", "another date", "an older one"],
)  # fmt: skip
def test_a_replaced_checkpoint_is_named(demo: Context, history: int, values: dict[str, object], sentence: str) -> None:
    """Nonsense, another date, an older paper in its place."""
    with forging(demo) as tx:
        older = tx.execute(select(checkpoints.c.paper).where(checkpoints.c.number == 1)).scalar_one()
        tx.execute(update(checkpoints).where(checkpoints.c.number == SIGNED).values(values or {"paper": older}))

    assert complaints(demo) == [sentence]


def test_a_checkpoint_signed_by_another_is_named(demo: Context, production: Context, history: int) -> None:
    """A stranger's key, our key with a broken signature, and our own key in the other environment's name."""
    sentences = []
    for forger in (_by_a_stranger, _with_another_signature, _of_the_other_environment):
        with forging(demo) as tx:
            real = tx.execute(select(checkpoints.c.paper).where(checkpoints.c.number == SIGNED)).scalar_one()
            tx.execute(update(checkpoints).where(checkpoints.c.number == SIGNED).values(paper=forger(demo, real)))
        sentences += complaints(demo)
        with forging(demo) as tx:
            tx.execute(update(checkpoints).where(checkpoints.c.number == SIGNED).values(paper=real))

    assert sentences == [
        "Checkpoint 2 is signed with a key that is not among the paper keys.",
        "Checkpoint 2 has a wrong signature.",
        "Checkpoint 2 was signed for production, and this is demo.",
    ]


def test_a_history_forged_with_another_key_needs_the_papers(demo: Context, history: int) -> None:
    """Who also replaces our key forges all that is in the database; kept papers or a kept checkpoint find it."""
    kept, papers = kept_checkpoint(demo), published(demo)
    with forging(demo) as tx:
        tx.execute(update(events).where(events.c.sequence == event_at(demo, 3)).values(name="KeyStopped"))
    chain_anew(demo, new_signing_key("EdDSA"))

    assert complaints(demo) == []
    assert complaints(demo, Evidence(papers)) == [
        "Checkpoint 1 is signed with a key that is not among the paper keys.",
        "Checkpoint 2 is signed with a key that is not among the paper keys.",
    ]
    assert complaints(demo, Evidence(kept=(kept,))) == [
        "The checkpoint that you kept is signed with a key that is not among the paper keys."
    ]
    assert complaints(demo, Evidence(papers | _keys_in(demo), (kept,))) == [
        f"The checkpoint 2 that you kept has seen another history: position {history} had another hash."
    ]


def test_damaged_keys_sign_nothing(demo: Context, history: int) -> None:
    """A paper key that cannot be read is no paper key."""
    with forging(demo) as tx:
        tx.execute(update(signing_keys).values(public_pem="nonsense"))

    assert complaints(demo) == [
        f"Checkpoint {number} is signed with a key that is not among the paper keys." for number in (1, 2)
    ]


# ── erasing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_erasing_without_a_trace_is_found(town: Town, demo: Context, history: int) -> None:
    """Fields that gave way to their hashes verify, but more of them than the history tells of do not."""
    let_go(demo, BO.demo)
    audit.erase_person(demo, Erasure(BO.email), "operator")
    seal_all(demo)
    assert complaints(demo) == []
    with demo.database.writing() as tx:
        audit._erase(tx, event_at(demo, history), Erasure(ADA.email))
    verdict = verified(demo)

    assert verdict.events == history + 1
    told = "and the history tells of 1: somebody erased the others without a trace."
    assert [found.sentence for found in verdict.breaks] == [f"2 personal fields are erased, {told}"]


def _forget(tx: Connection, which: ColumnElement[bool]) -> None:
    gone = tx.execute(delete(seals).where(which).returning(seals.c.event)).scalars().all()
    tx.execute(delete(events).where(events.c.sequence.in_(gone)))


def _forged(ctx: Context) -> dict[str, object]:
    salts = {"actor": "0" * 32}
    return {"at": ctx.now, "name": "KeyStopped", "actor": "mallory@strange.example", "key": "", "account": "",
            "data": {}, "salts": salts, "erased": {}}  # fmt: skip


def _by_a_stranger(ctx: Context, real: str) -> str:
    checkpoint = Checkpoint("demo", SIGNED, 1, "0" * 64, ctx.now)
    return write_checkpoint(checkpoint, new_signing_key("EdDSA"), ctx.issuer)


def _with_another_signature(ctx: Context, real: str) -> str:
    return real[:-10] + ("A" * 8 if real[-10:-2] != "A" * 8 else "B" * 8) + real[-2:]


def _of_the_other_environment(ctx: Context, real: str) -> str:
    mine = verified(ctx).newest
    assert mine is not None
    with ctx.database.reading() as tx:
        row = tx.execute(select(checkpoints).where(checkpoints.c.number == SIGNED)).one()
    return write_checkpoint(
        Checkpoint("production", SIGNED, row.position, mine.hash, row.at), ctx.paper_key, ctx.issuer
    )


def _keys_in(ctx: Context) -> dict[str, PublicKey]:
    with ctx.database.reading() as tx:
        return verification._paper_keys(tx)
