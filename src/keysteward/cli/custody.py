"""What does `keysteward custody` do? It says which integration keys are at risk: in files, a database, or by API."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from keysteward.cli.custody_operating import findings, what_if
from keysteward.cli.custody_organization import organization
from keysteward.cli.custody_page import page
from keysteward.cli.custody_terminal import show
from keysteward.cli.options import stop
from keysteward.rules.custody.assembling import assemble
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.leavers import read_changes
from keysteward.rules.custody.report import Report, document, report_of
from keysteward.rules.custody.what_if import Change
from keysteward.rules.custody.written import GUIDE, Misread, Sheet, read, text_of
from keysteward.rules.foreign_logs.moments import moment
from keysteward.rules.policy import DEFAULT

_FOUND, _MISUSED = 1, 2
_MOST_BYTES = 512 * 1_048_576

custody = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Say which integration keys are at risk, and the ways back."
)


@custody.callback()
def group() -> None:
    """Say which integration keys are at risk, and the ways back."""


@custody.command("audit")
def audit(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="inventory.toml, or CSVs of users, accounts, keys and organizations."),
    ],
    html: Annotated[Path | None, typer.Option(help="Write the report as one page too.", show_default=False)] = None,
    as_json: Annotated[
        str, typer.Option("--json", metavar="FILE", help="Write it as JSON too; - prints it instead.")
    ] = "",
    leaves: Annotated[
        list[str] | None, typer.Option("--leaves", metavar="ADDRESS", help="What if this person leaves; repeatable.")
    ] = None,
    closes: Annotated[
        list[str] | None, typer.Option("--closes", metavar="ACCOUNT", help="What if this account closes; repeatable.")
    ] = None,
    lapses: Annotated[
        list[str] | None, typer.Option("--lapses", metavar="DOMAIN", help="What if this domain lapses; repeatable.")
    ] = None,
    leavers: Annotated[
        Path | None, typer.Option(metavar="CSV", help="What if all of this list leave: one address a line.")
    ] = None,
    at: Annotated[
        str, typer.Option(metavar="DAY", help="The day that the files are of. [default: now]", show_default=False)
    ] = "",
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="Exit 1 from this severity on: critical, high, medium, low or never.")
    ] = "high",
) -> None:
    """Judge an inventory of accounts, users and keys, with nothing running; exit 1 where findings are grave.

    Read as they are: user lists that Docusign Admin exports. The columns are listed in docs/guides/custody.md.
    """
    limit = _limit(fail_on)
    asked = [("leaves", each) for each in leaves or []] + [("closes", each) for each in closes or []]
    try:
        sheets = [read(file.name, _content(file)) for file in files]
        inventory = assemble(sheets, _day(at))
        typed = [Change("lapses", each) for each in lapses or []]
        typed += [Change("leaves" if event == "leaves" else "closes", subject) for event, subject in asked]
        listed = read_changes(leavers.name, text_of(leavers.name, _content(leavers))) if leavers else ()
    except Misread as misread:
        _stop(f"{misread.where}: {misread.sentence}", misread.next_step)
    report = report_of(inventory, DEFAULT, (*typed, *listed))
    _hand_out(report, sheets, html, as_json)
    if any(SEVERITIES.index(finding.severity) <= limit for finding in report.findings):
        raise typer.Exit(_FOUND)


custody.command("findings")(findings)
custody.command("what-if")(what_if)
custody.command("organization")(organization)


def _hand_out(report: Report, sheets: list[Sheet], html: Path | None, as_json: str) -> None:
    text = json.dumps(document(report), ensure_ascii=False, indent=2)
    if html is not None:
        _write(html, page(report, sheets))
    if as_json == "-":
        typer.echo(text)
        return
    if as_json:
        _write(Path(as_json), f"{text}\n")
    show(Console(highlight=False), report, sheets)
    for file in (html, as_json):
        if file:
            typer.echo(f"Written: {file}")


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            _stop(f"{file} is larger than 512 MiB.", "Give it in parts.")
        return file.read_bytes()
    except OSError as error:
        _stop(f"{file} cannot be read: {error.strerror}.", f"Name a file that is there. {GUIDE}")


def _day(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    found = moment(text)
    if found is None:
        _stop(f"--at {text} is no day.", "Say it as 2026-11-22.")
    return found.at


def _limit(text: str) -> int:
    if text == "never":
        return -1
    names: tuple[str, ...] = SEVERITIES
    if text not in names:
        _stop(f"--fail-on {text} is not known.", f"Choose among {', '.join(names)} and never.")
    return names.index(text)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        _stop(f"{file} cannot be written: {error.strerror}.", "Name a file in a folder that you may write to.")


def _stop(sentence: str, next_step: str) -> NoReturn:
    stop(sentence, next_step, done="Not judged.", status=_MISUSED)
