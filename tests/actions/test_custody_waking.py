"""Does every deed that changes what custody looks at wake its judgement, so that a complete one finds nothing more?"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from keysteward.actions import audit, custody, leases
from keysteward.actions.context import Context
from keysteward.rules.refusals import Refusal
from keysteward.store.custody import Unit, list_due
from tests.cast import Made, Town
from tests.plays.every import DEEDS
from tests.plays.legacy import DEEDS as DEEDS_OF_POLICY
from tests.plays.stage import Play, Stage

OF_EVERYTHING = "policy.apply"
ALWAYS = {
    "account_links.agree", "account_states.change_state", "custody.accept", "domains.keep that it is gone",
    "keys.delete", "leavers.report", "moving.move", "organizations.remove_admin", "people.change_profile",
    "promotion.promote",
}  # fmt: skip


@pytest.fixture
def stage(town: Town, made: Made, tmp_path: Path) -> Iterator[Stage]:
    """The town, before anything is played."""
    stage = Stage(town, made, tmp_path, [])
    yield stage
    for opened in stage.opened:
        opened.close()


def units(ctx: Context) -> list[Unit]:
    """Everything that is judged."""
    with ctx.database.reading() as tx:
        return list_due(tx, ctx.now, 1_000)


def catch_up(ctx: Context) -> None:
    """Seal what happened, and judge whom it concerns."""
    audit.seal_events(ctx, leases.keep(ctx, "test", ["seal"])["seal"], everything=True)
    while custody.judge_changed(ctx):
        pass


def play_it(stage: Stage, play: Play) -> Context:
    """Judge everything, then do a deed, and judge whom it concerns."""
    scene = play(stage)
    for _ in custody.judge_all(scene.ctx):
        pass
    catch_up(scene.ctx)
    with suppress(Refusal):
        scene.deed()
    catch_up(scene.ctx)
    return scene.ctx


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(play, id=name, marks=() if name in ALWAYS else pytest.mark.long)
        for name, play in DEEDS
        if name != OF_EVERYTHING
    ],
)
def test_a_deed_wakes_the_judgement(stage: Stage, play: Play) -> None:
    """After any deed of the house, whatever its event woke was judged: judging all finds nothing more to keep."""
    ctx = play_it(stage, play)

    assert [unit for unit in units(ctx) if custody.judge(ctx, unit)] == []


def test_other_numbers_let_everything_be_judged(stage: Stage) -> None:
    """A policy makes everything due at once, however lately it was judged."""
    ctx = play_it(stage, dict(DEEDS_OF_POLICY)[OF_EVERYTHING])
    with ctx.database.reading() as tx:
        due = list_due(tx, ctx.now - ctx.policy.custody_judged_every, 1_000)

    assert due == units(ctx) != []


def test_every_deed_of_the_list_is_there() -> None:
    """The deeds that are played at every run are played at all."""
    assert sorted(ALWAYS - {name for name, _ in DEEDS}) == []
