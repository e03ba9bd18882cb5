"""Do both sides of a replacement get one signed record of it, and nobody else, and not before there is one?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import replacement_records, retiring
from keysteward.crypto.replacement_papers import read_record
from keysteward.crypto.signing import BadToken
from keysteward.rules.refusals import KEY_NOT_RETIRED, NO_SUCH_OBJECT
from keysteward.rules.replacement_records import Record
from tests.cast import ACME, ADA, CY, MALLORY, SAM, Person, Town, refused
from tests.conftest import Founded
from tests.replacing import WHY, Replaced, bring_back, replaced_town, retire, stand_in
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


def paper(town: Town, pair: Replaced, by: Person) -> str:
    """What somebody downloads."""
    return replacement_records.load_record(town.production, town.actor(by, town.production), pair.new.key)


def record(town: Town, pair: Replaced, by: Person = ADA) -> Record:
    """What it says, once its signature is checked."""
    key = town.production.paper_key
    return read_record(paper(town, pair, by), {key.kid: key.public})


def test_both_sides_download_it_once_the_old_key_is_retired(town: Town, pair: Replaced) -> None:
    """One and the same, also without a proof; before that there is none, and for others there never is."""
    with refused(KEY_NOT_RETIRED):
        paper(town, pair, ADA)
    with refused(NO_SUCH_OBJECT):
        paper(town, pair, MALLORY)
    retired = retire(town, pair.new)
    said = record(town, pair)

    assert paper(town, pair, ADA) == paper(town, pair, MALLORY)
    assert (said.key, said.replaced_by, said.account, said.remark) == (
        pair.old.key, pair.new.key, ACME.production, WHY,
    )  # fmt: skip
    assert (said.hand, said.asked_by, said.reason, said.named_by) == (
        "admin",
        ADA.email,
        "All have moved.",
        MALLORY.email,
    )
    assert (said.retired_at, said.final_at) == (retired.retired_at, town.clock.now + timedelta(days=15))
    assert (said.ended, said.ended_by, said.approved_by) == ("", "", "")
    with refused(NO_SUCH_OBJECT):
        paper(town, pair, SAM)


def test_it_says_how_it_ended(town: Town, pair: Replaced) -> None:
    """Brought back by somebody, or gone for good by itself; a record of before does not say so."""
    retire(town, pair.new)
    before = paper(town, pair, ADA)
    bring_back(town, pair.new)
    back = record(town, pair)
    assert (back.ended, back.ended_by, back.ended_at) == ("brought back", ADA.email, town.clock.now)
    assert paper(town, pair, ADA) != before

    town.clock.advance(days=31)
    retire(town, pair.new)
    town.clock.advance(days=15)
    assert retiring.settle_due(town.production) == 1
    gone = record(town, pair, MALLORY)
    assert (gone.ended, gone.ended_by, gone.ended_at) == ("final", "", town.clock.now)


def test_what_an_organization_only_asked_for_is_no_retirement(town: Town, pair: Replaced) -> None:
    """There is no record before it happened."""
    add_second(town)
    stand_in(town, pair.new)
    with refused(KEY_NOT_RETIRED):
        paper(town, pair, CY)


def test_another_text_is_no_record(town: Town, pair: Replaced) -> None:
    """Neither one that was changed, nor one under another key."""
    retire(town, pair.new)
    head, body, signature = paper(town, pair, ADA).split(".")
    key = town.production.paper_key
    with pytest.raises(BadToken):
        read_record(f"{head}.{body[:-4]}AAAA.{signature}", {key.kid: key.public})
    with pytest.raises(BadToken):
        read_record(f"{head}.{body}.{signature}", {key.kid: town.demo.paper_key.public})
