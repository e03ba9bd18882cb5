"""Is everybody reminded, once each time, of a retirement that waits for a word, and of a key that is soon gone?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import mailing, retiring
from tests.cast import ADA, CY, MALLORY, SAM, Town
from tests.conftest import Founded
from tests.replacing import Replaced, bring_back, replaced_town, retire, stand_in
from tests.transferring import add_second


@pytest.fixture(scope="module")
def pair(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replaced]:
    """The town with Mallory's key in the place of Ada's."""
    with replaced_town(founded, tmp_path_factory.mktemp("replaced") / "town") as found:
        yield found


@pytest.fixture
def town(pair: Replaced, tmp_path: Path) -> Iterator[Town]:
    """A copy of it."""
    town = pair.copy(tmp_path / "town")
    yield town
    town.close()


def reminded(town: Town, after: timedelta) -> int:
    """Let time pass; of how many retirements people were reminded, however often the job comes by."""
    town.clock.now += after
    first = retiring.remind_due(town.production)
    assert retiring.remind_due(town.production) == 0
    return first


def told(town: Town, words: str) -> set[str]:
    """Who got a mail whose subject has these words."""
    written = mailing.list_newest(town.production)
    return {each.recipient for each in written if each.letter and words in each.letter.subject}


def test_before_a_key_is_gone_for_good(town: Town, pair: Replaced) -> None:
    """Three days and one day before, both sides hear until when it can come back; once it is back, nobody does."""
    retire(town, pair.new)
    spans = (timedelta(days=12, seconds=-1), timedelta(seconds=1), timedelta(days=2))

    assert [reminded(town, span) for span in spans] == [0, 1, 1]
    assert {ADA.email, MALLORY.email} <= told(town, "is gone for good on")
    bring_back(town, pair.new)
    assert reminded(town, timedelta(hours=20)) == 0


def test_before_what_an_organization_asked_for_expires(town: Town, pair: Replaced) -> None:
    """As long as the second admin has not approved it, both its admins hear of it."""
    add_second(town)
    stand_in(town, pair.new)

    assert [reminded(town, timedelta(days=days)) for days in (3, 1, 2)] == [0, 1, 1]
    assert {CY.email, SAM.email} <= told(town, "still waits for a second admin")
    town.clock.advance(days=1)
    assert (reminded(town, timedelta()), retiring.settle_due(town.production)) == (0, 1)
