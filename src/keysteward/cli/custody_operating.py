"""What do operators ask of an environment's custody? What is found, and what if people leave."""

import json
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from keysteward.actions import custody as deeds
from keysteward.actions import foresight
from keysteward.actions.context import Context
from keysteward.cli.operating import console, opened
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption, complaints, stop
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.leavers import read_changes
from keysteward.rules.custody.lives import Life, status
from keysteward.rules.custody.report import answer_document
from keysteward.rules.custody.what_if import EFFECTS, Change
from keysteward.rules.custody.written import Misread, text_of

_NOT_SAID = "Nothing was asked."
_MOST = 10_000


def findings(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    severity: Annotated[str, typer.Option(help="The least grave to show: critical, high, medium or low.")] = "low",
    judge: Annotated[bool, typer.Option("--judge", help="Judge everything first, however lately it was.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON lines instead.")] = False,
) -> None:
    """List what puts integration keys at risk, in every account of the environment."""
    names: tuple[str, ...] = SEVERITIES
    if severity not in names:
        stop(f"--severity {severity} is not known.", f"Choose among {', '.join(names)}.", done=_NOT_SAID)
    with opened(environment, database, master_key_file) as ctx:
        if judge:
            _judge_all(ctx)
        found = deeds.list_everywhere(ctx, names[: names.index(severity) + 1], _MOST)
        for life in sorted(found, key=lambda each: SEVERITIES.index(each.severity)):
            _print(ctx, life, as_json=as_json)
        if not found and not as_json:
            console.print("Nothing puts integration keys at risk.")


def what_if(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    leaves: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="Who leaves; repeatable.")] = None,
    closes: Annotated[list[str] | None, typer.Option(metavar="ACCOUNT", help="Which account closes.")] = None,
    lapses: Annotated[list[str] | None, typer.Option(metavar="DOMAIN", help="Which domain lapses.")] = None,
    leavers: Annotated[
        Path | None, typer.Option(metavar="CSV", help="A list of who leaves, one address a line.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON instead.")] = False,
) -> None:
    """Say which keys would be worse off, before it happens; nothing is changed."""
    changes = [*_listed(leavers), *(Change("leaves", each) for each in leaves or [])]
    changes += [Change("closes", each) for each in closes or []] + [Change("lapses", each) for each in lapses or []]
    if not changes:
        stop("Nobody leaves, nothing closes and nothing lapses.", "Say --leaves, --closes or --lapses.", done=_NOT_SAID)
    with opened(environment, database, master_key_file) as ctx:
        answer = foresight.what_if_everywhere(ctx, changes)
    if as_json:
        typer.echo(json.dumps(answer_document(answer), ensure_ascii=False, indent=2))
        return
    for effect, same in groupby(answer.consequences, key=lambda each: each.effect):
        console.print(EFFECTS[effect])
        for each in same:
            console.print(f"  {each.key.key} {each.key.name}", markup=False)
    if not answer.consequences:
        console.print("No key would be worse off.")
    for change in answer.unknown:
        console.print(f"Not known here: {change.subject}", markup=False)


def _judge_all(ctx: Context) -> None:
    with Progress(console=complaints, transient=True, disable=not complaints.is_terminal) as progress:
        task = progress.add_task("Judging", total=None)
        for done, total in deeds.judge_all(ctx):
            progress.update(task, completed=done, total=total)


def _print(ctx: Context, life: Life, *, as_json: bool) -> None:
    stands = status(life, ctx.now)
    if as_json:
        owner = {"account": life.account or None, "organization": life.organization or None}
        said = {"code": life.code, "severity": life.severity, "status": stands, **owner, "keys": list(life.keys)}
        typer.echo(json.dumps({**said, "sentence": life.sentence}, ensure_ascii=False))
        return
    accepted = (
        f" (accepted until {life.accepted_until:%Y-%m-%d})" if stands == "accepted" and life.accepted_until else ""
    )
    where = f"account {life.account}" if life.account else f"organization {life.organization}"
    console.print(f"{life.severity:<9}{life.sentence}{accepted}", markup=False)
    console.print(f"         {where}", markup=False)


def _listed(leavers: Path | None) -> tuple[Change, ...]:
    if leavers is None:
        return ()
    try:
        return read_changes(leavers.name, text_of(leavers.name, leavers.read_bytes()))
    except OSError as error:
        stop(f"{leavers} cannot be read: {error.strerror}.", "Name a file that is there.", done=_NOT_SAID)
    except Misread as misread:
        stop(f"{misread.where}: {misread.sentence}", misread.next_step, done=_NOT_SAID)
