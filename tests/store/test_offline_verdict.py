"""Is a key judged equally by the calls in the database and by their lines in a file?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings

from keysteward.rules.foreign_logs.judging import Asked
from keysteward.rules.foreign_logs.own_lines import line_of
from keysteward.rules.golive import judge
from keysteward.rules.judging import Evidence
from keysteward.rules.policy import DEFAULT
from keysteward.store import golive
from keysteward.store.recorder import Recorder
from tests.rules.examples import OTHER_KEY
from tests.rules.foreign_logs.logs import judged
from tests.store.conftest import Opening
from tests.store.test_evidence import Shelf, Step, play, stories


@pytest.fixture(scope="module")
def shelf(blank: Opening) -> Iterator[Shelf]:
    """A database for many examples; each has a key of its own."""
    with blank() as database:
        shelf = Shelf(database, Recorder(database))
        yield shelf
        shelf.recorder.close()


def before(evidence: Evidence) -> list[datetime | None]:
    """When each call of the evidence was made before."""
    return [counted.previous_same_get for counted in evidence.calls]


@settings(max_examples=40)
@given(stories)
def test_lines_are_judged_as_the_database_is(shelf: Shelf, story: list[Step]) -> None:
    """Whatever was called at whatever pace: the same findings, the same n, the same evidence, in every field."""
    key = str(uuid4())
    end = play(shelf, key, [*story, Step("write", 0, "a")]) + timedelta(seconds=1)
    with shelf.database.reading() as tx:
        evidence = golive.load_evidence(tx, key, DEFAULT.calls_needed, end)
        lines = [line_of(call) for whose in (OTHER_KEY, key) for call in golive.list_newest_calls(tx, whose, 10_000)]

    found = judged(("calls.ndjson", b"".join(lines)), asked=Asked(DEFAULT, key, end))

    assert found.findings == judge(evidence, DEFAULT)
    assert found.run == len(evidence.run(DEFAULT))
    assert golive.digest_of(found.evidence) == golive.digest_of(evidence)
    assert [each.previous_same_get for each in found.evidence.calls] == [
        each.previous_same_get for each in evidence.calls
    ]
