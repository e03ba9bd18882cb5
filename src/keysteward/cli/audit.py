"""What does `keysteward audit` do? It verifies the history of deeds, and hands out checkpoints to keep."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.actions import audit_export, verdict_words, verification
from keysteward.actions.verification import Evidence, NoHistory, Verdict
from keysteward.cli.audit_files import CopiedLines, progress, say_written, stop_verifying, unpacked, write_new
from keysteward.crypto.papers import unverified_checkpoint
from keysteward.crypto.signing import BadToken, PublicKey, public_keys_of
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import ENVIRONMENTS
from keysteward.store.database import Database, NoDatabase, Unreadable
from keysteward.store.migrating import newest_version, version_of
from keysteward.twin.folder import Folder

_VARIABLE = "KEYSTEWARD_DATABASE"
_GUIDE = "docs/guides/audit.md"
_BROKEN = 1
_NO_DATABASE = ("No database is named.", f"Give --database, or set ${_VARIABLE}.")

console = Console(highlight=False, soft_wrap=True)

audit = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Verify the history of deeds, without a running server."
)

Data = Annotated[Path | None, typer.Option(help="A twin's folder; both of its environments.", show_default=False)]
Address = Annotated[
    str | None,
    typer.Option(
        help=f"One environment's database: sqlite:///FILE or postgresql://USER@HOST/NAME; else ${_VARIABLE}.",
        show_default=False,
    ),
]


@audit.command()
def verify(
    data: Data = None,
    database: Address = None,
    papers: Annotated[
        list[Path] | None, typer.Option(help="Paper keys that you kept, as JSON Web Keys; repeatable.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A file of checkpoints that you kept, one a line; repeatable.")
    ] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="The copy that KEYSTEWARD_CHECKPOINT_COPY wrote; repeatable.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="What keysteward audit export wrote, in the place of a database.")
    ] = None,
) -> None:
    """Verify every event, seal and checkpoint; exit 1 where something is not as it was sealed."""
    keys = _read_keys(papers) if papers else None
    kept = _read_kept(checkpoint or [])
    evidence = Evidence(keys, kept, CopiedLines(against or []))
    verdicts = [_verify(opened, evidence) for opened in _databases(data, database, file)]
    if against and not any(verdict.copied_to for verdict in verdicts) and all(each.is_good for each in verdicts):
        _stop("The copy is of another environment, or empty.", "Name the file that belongs to this database.")
    for verdict in verdicts:
        _show(verdict)
    if sum(verdict.kept for verdict in verdicts) < len(kept) and all(verdict.is_good for verdict in verdicts):
        _stop("A checkpoint that you kept is of another environment.", "Name the file that belongs to this database.")
    if not all(verdict.is_good for verdict in verdicts):
        console.print(f"Stop writing to the database, keep a copy of it, and compare it with a backup: {_GUIDE}.")
        raise typer.Exit(_BROKEN)


@audit.command("checkpoint")
def print_checkpoint(data: Data = None, database: Address = None) -> None:
    """Print the newest signed checkpoint, one line an environment, for a file that you keep elsewhere."""
    for address in _addresses(data, database):
        opened = _open(address)
        try:
            paper = verification.newest_checkpoint(opened)
        finally:
            opened.close()
        if paper is None:
            _stop(f"{_named(opened)} has no checkpoint yet.", "Run keysteward on it for a moment, and ask again.")
        typer.echo(paper)


@audit.command("export")
def export_history(
    file: Annotated[Path, typer.Argument(help="A new file.")],
    author: Annotated[str, typer.Option(help="Who you are; it stays on record.")],
    database: Address = None,
) -> None:
    """Take the whole history along as one file, which can be verified anywhere."""
    opened = _open(database or os.environ.get(_VARIABLE) or _stop(*_NO_DATABASE))

    def begin() -> Iterator[bytes]:
        audit_export.note_export(opened, author, datetime.now(UTC))
        return audit_export.export(opened)

    try:
        write_new(file, begin)
    except Refusal as refusal:
        _stop(refusal.sentence, refusal.next_step)
    except Unreadable:
        _stop(f"{_named(opened)} cannot be written.", "Taking the history along is an event, so it must be.")
    finally:
        opened.close()
    say_written(file)


# ── what is verified ────────────────────────────────────────────────────────────────────────────────────────────────
def _databases(data: Path | None, database: str | None, file: Path | None) -> Iterator[Database]:
    if file is None:
        yield from map(_open, _addresses(data, database))
        return
    if data or database:
        _stop("--file and a database name two different things.", "Give one of them.")
    with unpacked(file) as opened:
        yield opened


def _addresses(data: Path | None, database: str | None) -> list[str]:
    if data and database:
        _stop("--data and --database name two different things.", "Give one of them.")
    address = database or (None if data else os.environ.get(_VARIABLE))
    if address:
        return [address]
    folder = Folder(data or Path(".keysteward"))
    return [folder.address(environment) for environment in ENVIRONMENTS]


def _open(address: str) -> Database:
    try:
        database = Database(address)
    except NoDatabase as error:
        _stop(f"The database address is no good: {error}.", "Give --database sqlite:///FILE or postgresql://….")
    if database.is_sqlite and not Path(database.url.database or "").is_file():
        _stop(
            f"There is no database in {database.url.database}.",
            "Name a twin's folder with --data, or a database with --database.",
        )
    try:
        version = version_of(database)
    except Unreadable:
        database.close()
        _stop(f"{_named(database)} cannot be read.", "Check that it is there, and that you may read it.")
    if version != newest_version():
        database.close()
        _stop(f"The tables of {_named(database)} are of another version.", "Run keysteward migrate first.")
    return database


def _verify(database: Database, evidence: Evidence) -> Verdict:
    with progress() as bar:
        task = bar.add_task(f"Verifying {escape(_named(database))}", total=None)
        try:
            return verification.verify(
                database, evidence, lambda done, total: bar.update(task, completed=done, total=total)
            )
        except NoHistory:
            _stop(f"{_named(database)} holds no environment yet.", "Name the database of a running environment.")
        except Unreadable:
            _stop(f"{_named(database)} cannot be read to its end.", "Check the disk, and compare with a backup.")
        finally:
            database.close()


def _named(database: Database) -> str:
    return database.url.render_as_string()


def _read_keys(files: list[Path]) -> dict[str, PublicKey]:
    keys: dict[str, PublicKey] = {}
    for file in files:
        try:
            found = public_keys_of(json.loads(_text(file)))
        except (ValueError, AttributeError, TypeError, KeyError):
            found = {}
        if not found:
            _stop(f"{file} holds no paper keys.", "It should be what /.well-known/keysteward-papers answered.")
        keys |= found
    return keys


def _read_kept(files: list[Path]) -> tuple[str, ...]:
    papers = [(file, line.strip()) for file in files for line in _text(file).splitlines() if line.strip()]
    for file, paper in papers:
        try:
            unverified_checkpoint(paper)
        except BadToken:
            _stop(
                f"{file} holds something else than checkpoints.", "It should be what keysteward audit checkpoint said."
            )
    return tuple(paper for _, paper in papers)


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError):
        _stop(f"{file} cannot be read.", "Check its name and permissions.")


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────────────
def _show(verdict: Verdict) -> None:
    good = verdict.is_good
    console.print(f"[bold]{verdict.environment}[/]: {'[green]verified[/]' if good else '[bold red]broken[/]'}")
    for line in verdict_words.sentences(verdict):
        console.print(f"  {escape(line)}")
    for line in verdict_words.breaks(verdict):
        console.print(f"  [red]✗[/] {escape(line)}")


def _stop(sentence: str, next_step: str) -> NoReturn:
    stop_verifying(sentence, next_step)
