"""What does `keysteward review` do? It judges the calls that logs tell of as a review would, without a server."""

import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup
from typer.main import get_command

from keysteward.cli.options import complaints, stop
from keysteward.cli.review_page import page
from keysteward.cli.review_sources import open_all, read
from keysteward.cli.review_terminal import show
from keysteward.rules import policy_text
from keysteward.rules.foreign_logs.judging import Asked, Judged, NoChoice, judge_logs
from keysteward.rules.foreign_logs.moments import moment
from keysteward.rules.foreign_logs.report import document
from keysteward.rules.foreign_logs.sightings import File, Sighting, Unreadable, guid_of
from keysteward.rules.packs import Pack
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import Refusal

_FAILED, _MISUSED = 1, 2
_MOST_KEYS_SHOWN = 10
_GUIDE = "docs/guides/judging-files.md"


class _FilesOrBundles(TyperGroup):
    """Commands of which `files` is meant where no other is named; what is about bundles is imported on demand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 — Typer keeps the type to itself
        """Say `files` where it is meant."""
        if args and args[0] not in {*self.list_commands(ctx), "--help"}:
            args = ["files", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 — likewise
        """The names of the commands."""
        return [*super().list_commands(ctx), *_OF_BUNDLES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 — likewise
        """The command of a name."""
        of_bundles = _OF_BUNDLES.get(cmd_name)
        return of_bundles() if of_bundles else super().get_command(ctx, cmd_name)


def _download() -> Any:  # noqa: ANN401 — likewise
    from keysteward.cli.review_download import download  # noqa: PLC0415 — on demand

    return _alone("download", download)


def _verify() -> Any:  # noqa: ANN401 — likewise
    from keysteward.cli.review_verify import verify  # noqa: PLC0415 — on demand

    return _alone("verify", verify)


def _alone(name: str, command: Callable[..., None]) -> Any:  # noqa: ANN401 — likewise
    alone = typer.Typer(add_completion=False)
    alone.command(name)(command)
    return get_command(alone)


_OF_BUNDLES: dict[str, Callable[[], Any]] = {"download": _download, "verify": _verify}

review = typer.Typer(
    cls=_FilesOrBundles,
    no_args_is_help=True,
    add_completion=False,
    help="Judge logs as a Go-Live review would, with nothing running: `keysteward review FILE…`.",
)


@review.callback()
def group() -> None:
    """Judge logs as a Go-Live review would, with nothing running: `keysteward review FILE…`.

    The options of that are listed by `keysteward review files --help`.
    """


@review.command("files")
def judge_files(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…",
            help="ZIPs of request logs, single ones, HARs, JSON access logs of a proxy, calls of Keysteward as lines; "
            "mixed as you like, packed by gzip too; - for standard input.",
        ),
    ],
    html: Annotated[Path | None, typer.Option(help="Write the report as one page too.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON instead.")] = False,
    policy: Annotated[
        Path | None,
        typer.Option(help="TOML or JSON with the numbers to judge by; those it does not name are as they come."),
    ] = None,
    packs: Annotated[
        list[Path] | None, typer.Option("--pack", help="A rule pack to judge by too, as TOML or JSON; repeatable.")
    ] = None,
    key: Annotated[str, typer.Option(help="Whose calls to judge, where the files hold those of several keys.")] = "",
    at: Annotated[
        str, typer.Option(metavar="INSTANT", help="When the review would start. [default: with the newest call]")
    ] = "",
    skip_unreadable: Annotated[
        bool, typer.Option("--skip-unreadable", help="Judge without the lines and entries that cannot be read.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 also where a pass is provisional.")] = False,
) -> None:
    """Judge the calls of files; exit 0 where a review would pass, 1 where it would fail, 2 where it cannot be said."""
    asked = Asked(_with_packs(_policy(policy), packs or []), _key(key), _instant(at))
    try:
        judged, again = _judge(files, asked, skips=skip_unreadable)
    except Unreadable as unreadable:
        _stop(f"{unreadable.where}: {unreadable.sentence}.", unreadable.next_step)
    except NoChoice as none:
        _stop_without_a_key(none)
    if html is not None:
        _write(html, page(judged, again))
    if as_json:
        typer.echo(json.dumps(document(judged), ensure_ascii=False, indent=2))
    else:
        show(Console(highlight=False), judged, again)
    if judged.verdict == "failed" or (strict and judged.is_provisional):
        raise typer.Exit(_FAILED)


def _judge(names: list[str], asked: Asked, *, skips: bool) -> tuple[Judged, list[str]]:
    with ExitStack() as stack:
        sources, again = open_all(names, stack)
        progress = stack.enter_context(_progress())
        whole = sum(source.size for source in sources)
        titles = iter(("Reading", "Looking for the reads before"))

        def everything() -> Iterator[Sighting]:
            task = progress.add_task(next(titles), total=whole)
            for source in sources:
                source.file.forget()
                yield from read(source, lambda size: progress.advance(task, size), skips=skips)
                _demand_calls(source.file)

        return judge_logs(everything, [source.file for source in sources], asked), again


def _demand_calls(file: File) -> None:
    if file.calls:
        return
    if file.endings:
        raise Unreadable(
            file.name,
            "its lines say how calls ended, and not which calls they were",
            f"Let the proxy log method, address and time too, as our sample configuration does: {_GUIDE}.",
        )
    raise Unreadable(file.name, "it tells of no call", f"Which logs can be read, and which fields they need: {_GUIDE}.")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=complaints, transient=True, disable=not complaints.is_terminal)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
def _policy(file: Path | None) -> Policy:
    if file is None:
        return DEFAULT
    try:
        return policy_text.read(_document(file, "`keysteward policy show` prints a good one."), DEFAULT)
    except Refusal as refusal:
        _stop(f"{file}: {refusal.sentence}", refusal.next_step)


def _with_packs(policy: Policy, files: list[Path]) -> Policy:
    """The policy with packs in force, whose checks are those that are installed here."""
    if not files:
        return policy
    from keysteward.actions.packs import check  # noqa: PLC0415 — on demand
    from keysteward.store.checks import installed_for  # noqa: PLC0415 — on demand

    found: dict[str, Pack] = {}
    for file in files:
        try:
            pack = check(_document(file, "docs/guides/rule-packs.md has a good one."))
        except Refusal as refusal:
            _stop(f"{file}: {refusal.sentence}", refusal.next_step)
        found[pack.name] = pack
    return replace(policy, packs=tuple(found.values()), checks=installed_for(list(found.values())))


def _document(file: Path, next_step: str) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        found = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        _stop(f"{file} cannot be read: {error}.", next_step)
    if not isinstance(found, dict):
        _stop(f"{file} holds nothing by name.", next_step)
    return found


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    found = moment(text)
    if found is None:
        _stop(f"--at {text} is no instant.", "Say it as 2026-11-22T09:00:00Z.")
    return found.at


def _key(text: str) -> str:
    found = guid_of(text)
    if text and not found:
        _stop(f"--key {text} is no integration key.", "An integration key is a GUID.")
    return found


def _stop_without_a_key(none: NoChoice) -> NoReturn:
    known = sorted(none.known.items(), key=lambda each: -each[1])
    listed = ", ".join(f"{key} ({calls:,} calls)" for key, calls in known[:_MOST_KEYS_SHOWN])
    more = f", and {len(known) - _MOST_KEYS_SHOWN} more" if len(known) > _MOST_KEYS_SHOWN else ""
    if none.asked:
        _stop(f"No call of {none.asked} is in the files. They hold calls of {listed}{more}.", "Name one of these keys.")
    _stop(f"The files hold calls of several keys: {listed}{more}.", "Say whose to judge with --key.")


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────────────
def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        _stop(f"{file} cannot be written: {error.strerror}.", "Name a file in a folder that you may write to.")


def _stop(sentence: str, next_step: str) -> NoReturn:
    stop(sentence, next_step, done="Not judged.", status=_MISUSED)
