"""Does every deed that changes something record exactly one event, and are the others silent for a reason?"""

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

import keysteward.actions
from keysteward.assembly import assemble, close
from keysteward.crypto.hashing import fingerprint
from keysteward.rules.refusals import Refusal
from keysteward.settings import Settings
from keysteward.store.tables import events
from tests.cast import Made, Town
from tests.plays.every import DEEDS, SILENT
from tests.plays.stage import ANY, Play, Scene, Stage, Told

NAMES = [name for name, _ in DEEDS]
REASONS = [name for name, *_ in SILENT]

TOLD = select(events.c.name, events.c.actor, events.c.key, events.c.account).order_by(events.c.sequence)

told_of = pytest.mark.parametrize("play", [play for _, play in DEEDS], ids=NAMES)
silent = pytest.mark.parametrize("play", [play for *_, play in SILENT], ids=REASONS)


@pytest.fixture
def stage(town: Town, made: Made, tmp_path: Path) -> Iterator[Stage]:
    """The town, before anything is played."""
    stage = Stage(town, made, tmp_path, [])
    yield stage
    for opened in stage.opened:
        opened.close()


def recorded(scene: Scene) -> list[Told]:
    """What is told after a deed, refused or not, and was not told before it."""
    with scene.ctx.database.reading() as tx:
        before = tx.execute(select(func.max(events.c.sequence))).scalar() or 0
    with suppress(Refusal):
        scene.deed()
    with scene.ctx.database.reading() as tx:
        return [Told(*row) for row in tx.execute(TOLD.where(events.c.sequence > before))]


@told_of
def test_a_deed_is_one_event(stage: Stage, play: Play) -> None:
    """It names who did what to which key of which account, once."""
    scene = play(stage)
    found = recorded(scene)

    assert scene.told is not None
    assert [told if scene.told.account != ANY else told._replace(account=ANY) for told in found] == [scene.told]


@silent
def test_what_is_no_event_records_none(stage: Stage, play: Play) -> None:
    """Each for the reason that stands in the list."""
    assert recorded(play(stage)) == []


def test_the_keys_of_the_house_are_events(stage: Stage) -> None:
    """Which keys sign from when on, and that another master key came, is in the history like any deed."""
    ctx = stage.empty()
    own, new = stage.folder / "empty" / "demo.key", stage.folder / "new.key"
    new.write_bytes(b"n" * 32)
    address = ctx.database.url.render_as_string()
    close(assemble(Settings("demo", "twin", address, (new, own), ctx.origin, ctx.counterpart.origin)))
    with ctx.database.reading() as tx:
        told = [Told(*row) for row in tx.execute(TOLD)]
        said = [row.data for row in tx.execute(select(events.c.data).order_by(events.c.sequence))]

    assert told == [*[Told("SigningKeyMade", "system", "", "")] * 3, Told("MasterKeyChanged", "system", "", "")]
    assert {(each["use"], each["kid"]) for each in said[:3]} >= {("paper", ctx.paper_key.kid)}
    assert said[3] == {"fingerprint": fingerprint(b"n" * 32)}


def test_no_writing_deed_is_forgotten() -> None:
    """Whatever opens a writing transaction is played above, with its event or with its reason."""
    folder = Path(next(iter(keysteward.actions.__path__)))
    writing = {f"{file.stem}.{name}" for file in folder.glob("*.py") for name in _writers(file)}

    assert writing == {name.split()[0] for name in (*NAMES, *REASONS)}


def _writers(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(each, ast.Attribute) and each.attr == "writing" for each in ast.walk(node)
        ):
            yield node.name
