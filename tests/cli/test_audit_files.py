"""Does `keysteward audit` verify against the copy of the checkpoints, and a history that was taken along?"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from keysteward.actions.checkpoint_copies import copy_checkpoints
from keysteward.actions.context import Context
from keysteward.store.tables import checkpoints, events, seals
from tests.cast import Town
from tests.cli.test_audit import address, run
from tests.forging import chain_anew, forging, seal_all
from tests.peers.databases import on_both, rows


@pytest.fixture
def copy(demo: Context, tmp_path: Path) -> Path:
    """The copy of a history that is sealed and signed."""
    file = tmp_path / "checkpoints.txt"
    seal_all(demo)
    assert copy_checkpoints(replace(demo, checkpoint_copy=file))
    return file


@on_both
def test_the_copy_finds_what_the_database_hides(demo: Context, copy: Path) -> None:
    """A good history is told with how far the copy goes; one that was written anew with our own key exits 1."""
    good = run("verify", "--database", address(demo), "--against", copy)
    with forging(demo) as tx:
        tx.execute(update(events).where(events.c.name == "AccountOpened").values(name="UserAdded"))
    chain_anew(demo, demo.paper_key)
    bad = run("verify", "--database", address(demo), "--against", copy)

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "Still there: 1 checkpoint of the copy, up to number 1." in good.stdout
    assert run("verify", "--database", address(demo)).exit_code == 0
    assert "The checkpoint 1 of the copy has seen another history" in bad.stdout


def test_a_line_that_was_cut_off_is_no_break(demo: Context, copy: Path) -> None:
    """It stands whole on the next line; anything else that is no checkpoint is told."""
    whole = copy.read_text()
    copy.write_text(whole[:50] + "\n" + whole)
    assert run("verify", "--database", address(demo), "--against", copy).exit_code == 0
    copy.write_text("nonsense\n" + whole)
    said = run("verify", "--database", address(demo), "--against", copy)

    assert said.exit_code == 1
    assert "Line 1 of the copy is no checkpoint." in said.stdout


def test_a_copy_that_says_nothing_is_told(town: Town, demo: Context, copy: Path, tmp_path: Path) -> None:
    """Of another environment, empty, or not there: nothing was verified with it."""
    seal_all(town.production)
    (tmp_path / "empty.txt").touch()
    said = [
        run("verify", "--database", address(town.production), "--against", copy),
        run("verify", "--database", address(demo), "--against", tmp_path / "empty.txt"),
        run("verify", "--database", address(demo), "--against", tmp_path / "missing.txt"),
    ]

    assert [each.exit_code for each in said] == [2, 2, 2]
    assert "The copy is of another environment, or empty." in said[0].stderr
    assert "missing.txt cannot be read." in said[2].stderr


# ── taken along ─────────────────────────────────────────────────────────────────────────────────────────────────────
@on_both
def test_a_history_is_verified_elsewhere(demo: Context, tmp_path: Path) -> None:
    """The file alone is enough, and whoever took it along stands in the history."""
    seal_all(demo)
    file = tmp_path / "history.jsonl"
    taken = run("export", file, "--database", address(demo), "--author", "Olive")
    said = run("verify", "--file", file)

    assert (taken.exit_code, said.exit_code) == (0, 0)
    assert said.stdout.startswith("demo: verified")
    assert "1 event waits for a seal" in said.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert "private" not in file.read_text().replace("private_", "")
    assert rows(demo.database, "SELECT actor FROM events WHERE name = 'AuditExported'") == [("operator Olive",)]


def test_what_is_wrong_in_the_history_is_wrong_in_the_file(demo: Context, tmp_path: Path) -> None:
    """The same checks say the same: an event that was changed, one that is missing, an end that was cut off."""
    seal_all(demo)
    with forging(demo) as tx:
        tx.execute(update(events).where(events.c.sequence == 2).values(actor="mallory@strange.example"))
        tx.execute(delete(events).where(events.c.sequence == 4))
        last = tx.execute(checkpoints.select()).one().position
        tx.execute(delete(seals).where(seals.c.position > last - 2))
    file = tmp_path / "history.jsonl"
    assert run("export", file, "--database", address(demo), "--author", "Olive").exit_code == 0

    here, there = run("verify", "--database", address(demo)), run("verify", "--file", file)
    assert (here.exit_code, there.exit_code, there.stdout) == (1, 1, here.stdout)


def test_a_file_that_was_changed_is_told(demo: Context, tmp_path: Path) -> None:
    """A line more, a line less, a line twice, no end, something else altogether: each exits 1 or 2, none verifies."""
    seal_all(demo)
    file = tmp_path / "history.jsonl"
    run("export", file, "--database", address(demo), "--author", "Olive")
    lines = file.read_text().splitlines(keepends=True)
    changed = json.loads(lines[8]) | {"actor": "mallory@strange.example"}
    for tampered, code in (
        ([*lines[:8], json.dumps(changed) + "\n", *lines[9:]], 1),
        ([*lines[:8], *lines[9:]], 1),
        ([*lines[:8], lines[8], *lines[8:]], 1),
        (lines[:-1], 1),
        (["nonsense\n"], 1),
        ([], 1),
    ):
        file.write_text("".join(tampered))
        assert run("verify", "--file", file).exit_code == code


def test_files_that_cannot_be_are_told(demo: Context, tmp_path: Path) -> None:
    """No file is written over, and a file and a database are two different things."""
    there = tmp_path / "there.jsonl"
    there.touch()
    said = [
        run("export", there, "--database", address(demo), "--author", "Olive"),
        run("export", tmp_path / "new.jsonl", "--database", address(demo), "--author", " "),
        run("export", tmp_path / "new.jsonl", "--author", "Olive"),
        run("verify", "--file", there, "--database", address(demo)),
        run("verify", "--file", tmp_path / "missing.jsonl"),
    ]

    assert [each.exit_code for each in said] == [2] * 5
    assert not (tmp_path / "new.jsonl").exists()
    assert rows(demo.database, "SELECT count(*) FROM events WHERE name = 'AuditExported'") == [(0,)]
