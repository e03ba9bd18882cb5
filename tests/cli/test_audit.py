"""Does `keysteward audit` say what it found, to people and to scripts?"""

import contextlib
import json
import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from typer.testing import CliRunner, Result

from keysteward.actions import audit, promotion
from keysteward.actions.context import Context
from keysteward.cli.app import app
from keysteward.crypto.signing import new_signing_key
from keysteward.rules.events import Erasure
from keysteward.store.tables import checkpoints, events, seals
from tests.cast import ADA, Town
from tests.forging import chain_anew, forging, let_go, seal_all
from tests.peers.databases import on_both
from tests.twin.running import COMMAND


def run(*arguments: object, **variables: str) -> Result:
    """Run the command in this process, away from any twin."""
    with contextlib.chdir("/"):
        return CliRunner().invoke(app, ["audit", *map(str, arguments)], env={"COLUMNS": "300", **variables})


def address(ctx: Context) -> str:
    """The database as the command takes it."""
    return ctx.database.url.render_as_string(hide_password=False)


@pytest.fixture
def sealed(demo: Context) -> Context:
    """A demo environment whose history is sealed and signed."""
    seal_all(demo)
    return demo


def test_the_program_says_the_same(sealed: Context) -> None:
    """The installed command ends with the status and the words of this one."""
    command: list[str | Path] = [COMMAND, "audit", "verify", "--database", address(sealed)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "demo: verified")


@on_both
def test_a_good_history_is_told(sealed: Context) -> None:
    """How many events and checkpoints, signed with which key, what waits; exit 0."""
    said = run("verify", "--database", address(sealed))
    lines = [line.strip() for line in said.stdout.splitlines()]

    assert (said.exit_code, lines[0]) == (0, "demo: verified")
    assert re.fullmatch(r"\d+ events verified\.", lines[1])
    assert re.fullmatch(
        rf"1 checkpoint good, signed with {sealed.paper_key.kid}; "
        r"the newest of 2026-11-20 09:30:00 UTC covers positions 1 to \d+\.",
        lines[2],
    )
    assert lines[3] == "No event waits for its seal."


def test_the_tail_is_named(demo: Context) -> None:
    """What no sealer saw yet is no break, and is told."""
    said = run("verify", "--database", address(demo))

    assert said.exit_code == 0
    assert "0 events verified." in said.stdout
    assert "No checkpoint signs for them yet." in said.stdout
    assert re.search(r"\d+ events wait for a seal and cannot be verified yet, from event 1 of 2026-11-20", said.stdout)


def test_a_broken_history_is_told(sealed: Context) -> None:
    """Which position and what is wrong, and what to do next; exit 1."""
    with forging(sealed) as tx:
        tx.execute(update(events).where(events.c.sequence == 3).values(actor="[bold]nobody[/]"))
    said = run("verify", "--database", address(sealed))

    assert said.exit_code == 1
    assert said.stdout.startswith("demo: broken\n")
    assert "✗ Event 3 at position 3 was changed after it was sealed.\n" in said.stdout
    assert "keep a copy of it, and compare it with a backup: docs/guides/audit.md" in said.stdout


def test_the_variable_names_the_database(sealed: Context) -> None:
    """What `serve` is told is taken where no option says otherwise."""
    said = run("verify", KEYSTEWARD_DATABASE=address(sealed))

    assert (said.exit_code, said.stdout.split("\n")[0]) == (0, "demo: verified")


def test_a_folder_names_both_environments(town: Town, tmp_path: Path) -> None:
    """A twin's folder is verified whole, and one broken environment is enough for exit 1."""
    for ctx in (town.demo, town.production):
        seal_all(ctx)
    assert [line for line in run("verify", "--data", tmp_path / "town").stdout.splitlines() if line[0] != " "] == [
        "demo: verified", "production: verified"
    ]  # fmt: skip
    with forging(town.production) as tx:
        tx.execute(delete(events).where(events.c.sequence == 2))
    said = run("verify", "--data", tmp_path / "town")

    assert said.exit_code == 1
    assert "Event 2 at position 2 is missing: it was deleted." in said.stdout


def test_a_kept_checkpoint_finds_what_was_cut_off(town: Town, tmp_path: Path) -> None:
    """Printed, kept and given back it is still there, until somebody cuts the end off with all that speaks of it."""
    for ctx in (town.demo, town.production):
        seal_all(ctx)
    kept = tmp_path / "kept.txt"
    kept.write_text(run("checkpoint", "--data", tmp_path / "town").stdout)
    said = run("verify", "--data", tmp_path / "town", "--checkpoint", kept)
    assert (said.exit_code, said.stdout.count("Still there: 1 checkpoint that you kept.")) == (0, 2)
    with forging(town.demo) as tx:
        tx.execute(delete(checkpoints))
        tx.execute(delete(seals).where(seals.c.position > 3))
    said = run("verify", "--data", tmp_path / "town", "--checkpoint", kept)

    assert said.exit_code == 1
    assert re.search(
        r"The checkpoint 1 that you kept has seen \d+ positions, and 3 are left: the end was cut off", said.stdout
    )


def test_kept_papers_find_another_key(sealed: Context, tmp_path: Path) -> None:
    """Published keys that were kept tell our signatures from those of whoever replaced our key."""
    papers = tmp_path / "papers.json"
    papers.write_text(json.dumps({"keys": promotion.paper_keys(sealed)}))
    assert run("verify", "--database", address(sealed), "--papers", papers).exit_code == 0
    chain_anew(sealed, new_signing_key("EdDSA"))
    assert run("verify", "--database", address(sealed)).exit_code == 0
    said = run("verify", "--database", address(sealed), "--papers", papers)

    assert said.exit_code == 1
    assert "Checkpoint 1 is signed with a key that is not among the paper keys." in said.stdout


def test_it_needs_no_master_key(town: Town, tmp_path: Path) -> None:
    """An auditor has the database and nothing else."""
    for ctx in (town.demo, town.production):
        seal_all(ctx)
    for file in (tmp_path / "town").glob("*.key"):
        file.unlink()

    assert run("verify", "--data", tmp_path / "town").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--data", "/nowhere", "--database", "sqlite:////nowhere"), "--data and --database name two different things"),
        (("--database", "mysql://nowhere"), "The database address is no good"),
        (("--database", "sqlite:////nowhere.db"), "There is no database in /nowhere.db."),
        (("--data", "/nowhere"), "There is no database in /nowhere/demo.db."),
        ((), "There is no database in .keysteward/demo.db."),
        (("--database", "postgresql://nobody@127.0.0.1:1/nothing"), "cannot be read."),
        (("--papers", "/nowhere"), "/nowhere cannot be read."),
        (("--checkpoint", "/nowhere"), "/nowhere cannot be read."),
    ],
)
def test_what_cannot_be_verified_is_no_verdict(arguments: tuple[str, ...], sentence: str) -> None:
    """A wrong name is told apart from a broken history: exit 2, and what to do next."""
    said = run("verify", *arguments)

    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr.startswith("Not verified. ")
    assert sentence in said.stderr
    assert len(said.stderr.strip().splitlines()) == 2


def test_other_files_are_told(sealed: Context, tmp_path: Path) -> None:
    """A database that is none, one without tables, papers without keys, checkpoints that are none or of elsewhere."""
    for name, content in (("garbage.db", "x" * 4096), ("empty.db", ""), ("papers.json", "{}"), ("kept.txt", "x.y.z\n")):
        (tmp_path / name).write_text(content)
    said = [
        run("verify", "--database", f"sqlite:///{tmp_path / 'garbage.db'}"),
        run("verify", "--database", f"sqlite:///{tmp_path / 'empty.db'}"),
        run("verify", "--database", address(sealed), "--papers", tmp_path / "papers.json"),
        run("verify", "--database", address(sealed), "--checkpoint", tmp_path / "kept.txt"),
    ]

    assert [each.exit_code for each in said] == [2, 2, 2, 2]
    sentences = [
        "cannot be read.",
        "are of another version.",
        "holds no paper keys.",
        "holds something else than checkpoints.",
    ]
    for each, sentence in zip(said, sentences, strict=True):
        assert sentence in each.stderr


def test_a_checkpoint_of_elsewhere_proves_nothing(town: Town, sealed: Context, tmp_path: Path) -> None:
    """A good history is not called good by the other environment's checkpoint."""
    seal_all(town.production)
    kept = tmp_path / "kept.txt"
    kept.write_text(run("checkpoint", "--database", address(town.production)).stdout)
    said = run("verify", "--database", address(sealed), "--checkpoint", kept)

    assert said.exit_code == 2
    assert "A checkpoint that you kept is of another environment." in said.stderr


def test_no_checkpoint_yet_is_told(demo: Context) -> None:
    """Nothing is printed that could be taken for one."""
    said = run("checkpoint", "--database", address(demo))

    assert (said.exit_code, said.stdout) == (2, "")
    assert "has no checkpoint yet." in said.stderr


def test_erased_fields_are_told(town: Town, sealed: Context) -> None:
    """The auditor learns that something cannot be read any more."""
    let_go(sealed, ADA.demo)
    audit.erase_person(sealed, Erasure(ADA.email), "operator")
    seal_all(sealed)
    said = run("verify", "--database", address(sealed))

    assert said.exit_code == 0
    assert re.search(r"Erased since: \d+ personal fields\. What they said cannot be told any more\.", said.stdout)
