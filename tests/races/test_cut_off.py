"""What is left of a deed that is cut off in the middle? Nothing, and then it can be done as if it never had been."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from keysteward.rules.refusals import Refusal
from keysteward.store.database import Unreadable
from tests.cast import Town
from tests.conftest import Founded
from tests.peers.databases import BOTH_AT_LENGTH
from tests.plays import grants, promotion, transfers
from tests.plays.every import DEEDS, SILENT
from tests.plays.stage import Play, Scene, Stage
from tests.races.cutting import cut_at, everything

NOT_CUT = {
    "promotion._fetch": "demo burnt the handle before production was cut off: Go Live has to be pressed once more",
    "audit_log._note_reading by turning a page": "it writes nothing",
    "personal_data.start_own_export": "tries are counted apart, five within an hour; start_export writes the same",
    "works.ask_own_export": "likewise; ask_export writes the same",
}
PLAYS: dict[str, Play] = {name: play for name, play in DEEDS if name not in NOT_CUT} | {
    f"{name} in silence": play for name, _, play in SILENT if name not in NOT_CUT
}
EVERY_DAY = {name for name, _ in (*promotion.DEEDS, *grants.DEEDS, *transfers.DEEDS)}  # the others are cut at length
CHANGING_NOTHING = (PLAYS["keys.stop in silence"],)
MOST_STATEMENTS = 600  # erasing a person looks into every table


@pytest.fixture
def stage(town: Town, founded: Founded, tmp_path: Path) -> Iterator[Stage]:
    """The town, before anything is played."""
    stage = Stage(town, founded.made, tmp_path, [])
    yield stage
    for opened in stage.opened:
        opened.close()


def is_done(scene: Scene, statement: int) -> bool:
    """Do a deed that is cut off before a statement, if it comes to it; whether it came to its end, or was refused.

    As long as no transaction of it was committed, nothing may have changed.
    """
    before = everything(scene.ctx.database)
    unreadable = False
    with cut_at(scene.ctx.database, statement) as knife, suppress(Refusal):
        try:
            scene.deed()
        except Unreadable:
            unreadable = True
    assert knife.has_cut or not unreadable
    if knife.has_cut and not knife.commits:
        assert everything(scene.ctx.database) == before
    return not knife.has_cut


# SQLAlchemy does not close the server's cursor of a connection that broke beneath it
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function ServerCursorMixin:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("dialect", BOTH_AT_LENGTH, indirect=True)
@pytest.mark.parametrize(
    "play",
    [pytest.param(play, id=name, marks=() if name in EVERY_DAY else pytest.mark.long) for name, play in PLAYS.items()],
)
def test_a_deed_that_is_cut_off_leaves_nothing(stage: Stage, play: Play) -> None:
    """Cut off before any of its statements or its commit a deed changed nothing, and is done by doing it again."""
    scene = play(stage)
    before = everything(scene.ctx.database)
    needed = next(statement for statement in range(1, MOST_STATEMENTS) if is_done(scene, statement))

    assert needed > 1
    assert (everything(scene.ctx.database) == before) is (play in CHANGING_NOTHING)
