"""Is the evidence of a key what somebody would gather by hand?"""

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.rules.golive import Counted
from keysteward.rules.policy import DEFAULT
from keysteward.store import golive
from keysteward.store.database import Database
from keysteward.store.recorder import Recorder
from tests.rules.examples import NOW, OTHER_KEY, a_call
from tests.store.conftest import Opening


class Shelf(NamedTuple):
    """A database with its recorder."""

    database: Database
    recorder: Recorder


class Step(NamedTuple):
    """One call of a story."""

    kind: str
    gap: float
    url: str


@pytest.fixture(scope="module")
def shelf(blank: Opening) -> Iterator[Shelf]:
    """A database for many examples; each has a key of its own."""
    with blank() as database:
        shelf = Shelf(database, Recorder(database))
        yield shelf
        shelf.recorder.close()


gaps = st.one_of(st.sampled_from([0.0, 899.999999, 900.0, 900.000001]), st.floats(0, 2_000))
kinds = st.sampled_from(["read", "read", "write", "error", "login", "upstream failed"])
stories = st.lists(st.builds(Step, kinds, gaps, st.sampled_from("ab")), max_size=45)
FACTS: dict[str, dict[str, object]] = {
    "read": {"method": "GET", "polled": True, "status": 200},
    "write": {"method": "PUT", "status": 200},
    "error": {"method": "POST", "status": 400},
    "login": {"method": "GET", "status": 200, "countable": False},
    "upstream failed": {"method": "POST", "status": 502, "countable": False},
}


def play(shelf: Shelf, key: str, story: list[Step]) -> datetime:
    """Record a story of calls, beside those of another key with the same addresses."""
    at, waiting = NOW, list[Future[Mapping[str, str]]]()
    for step in story:
        at += timedelta(seconds=step.gap)
        digest = hashlib.sha256(step.url.encode()).hexdigest()
        calls = [a_call(key=whose, at=at, url_digest=digest, **FACTS[step.kind]) for whose in (OTHER_KEY, key)]
        waiting += [shelf.recorder.record(call) for call in calls]
    for done in waiting:
        done.result(10)
    return at


def by_hand(story: list[Step]) -> tuple[int, list[float | None]]:
    """Count the run of a story without the product, and the gap before each of its newest countable calls."""
    at, seen, countable = 0.0, dict[str, float](), list[tuple[bool, float | None]]()
    for step in story:
        at = round(at + timedelta(seconds=step.gap).total_seconds(), 6)
        gap = round(at - seen[step.url], 6) if step.kind == "read" and step.url in seen else None
        if step.kind == "read":
            seen[step.url] = at
        if step.kind in {"read", "write", "error"}:
            countable.append((step.kind == "error" or (gap is not None and gap < 900), gap))
    newest = countable[::-1][:20]
    run = next((number for number, (breaks, _) in enumerate(newest) if breaks), len(newest))
    return run, [gap for _, gap in newest]


def gap_of(counted: Counted) -> float | None:
    """The seconds since the same resource was read before."""
    previous = counted.previous_same_get
    return None if previous is None else round((counted.call.at - previous).total_seconds(), 6)


@settings(max_examples=60)
@given(stories)
def test_the_run_is_counted_from_the_database_as_by_hand(shelf: Shelf, story: list[Step]) -> None:
    """Errors, polled reads, writes to the same address and calls that do not count, in any order and at any pace."""
    key = str(uuid4())
    end = play(shelf, key, story)
    run, before = by_hand(story)

    with shelf.database.reading() as tx:
        evidence = golive.load_evidence(tx, key, 20, end)

    assert len(evidence.run(DEFAULT)) == run
    assert [gap_of(counted) for counted in evidence.calls] == before


@settings(max_examples=30)
@given(stories, st.integers(0, 45))
def test_the_evidence_is_cut_where_it_was_cut(shelf: Shelf, story: list[Step], length: int) -> None:
    """Whatever calls come after the cut, the evidence and its digest stay what they were."""
    key = str(uuid4())
    cut_at = play(shelf, key, story[:length])
    with shelf.database.reading() as tx:
        cut = golive.last_sequence(tx)
        before = golive.load_evidence(tx, key, 20, cut_at)
    play(shelf, key, story[length:])

    with shelf.database.reading() as tx:
        after = golive.load_evidence(tx, key, 20, cut_at, cut)

    assert after == before
    assert golive.digest_of(after) == golive.digest_of(before)


def test_a_write_before_a_read_is_no_polling(shelf: Shelf) -> None:
    """Changing an envelope and then reading it once is fine: only reads poll."""
    key = str(uuid4())
    end = play(shelf, key, [Step("write", 0, "a"), Step("read", 10, "a")])

    with shelf.database.reading() as tx:
        evidence = golive.load_evidence(tx, key, 20, end)

    assert len(evidence.run(DEFAULT)) == 2


def test_the_digest_names_the_evidence(shelf: Shelf) -> None:
    """Other calls have another digest, and no calls have one too."""
    digests = set()
    for story in ([], [Step("write", 0, "a")], [Step("error", 0, "a")], [Step("write", 0, "b")]):
        key = str(uuid4())
        end = play(shelf, key, story)
        with shelf.database.reading() as tx:
            digests.add(golive.digest_of(golive.load_evidence(tx, key, 20, end)))

    assert len(digests) == 4
