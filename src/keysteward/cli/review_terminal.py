"""How is a verdict over logs shown in a terminal?"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from keysteward.rules.foreign_logs.judging import Judged
from keysteward.rules.foreign_logs.report import verdict_of
from keysteward.rules.judging import Finding
from keysteward.rules.readiness import Place
from keysteward.rules.words import many

_CELLS: dict[Place, tuple[str, str]] = {"counts": ("■", "green"), "broken": ("✗", "bold red"), "spent": ("▪", "dim")}
_EMPTY = ("·", "dim")
_PLACES: dict[Place, str] = {"counts": "counts", "broken": "broke a rule", "spent": "before the break"}
_VERDICTS = {"met": "green", "not met": "bold red", "waiting": "yellow", "not judged": "yellow"}
_MOST_LISTED = 10


def show(console: Console, judged: Judged, again: list[str]) -> None:
    """The whole report."""
    console.print(headline(judged))
    console.print(_row_of_cells(judged))
    console.print(Text(about(judged), style="dim"))
    console.print()
    console.print(_rules(judged))
    for title, lines in (
        ("Findings", list(_findings(judged))),
        ("Not counted", list(_not_counted(judged))),
        ("What these logs do not say", list(_silences(judged))),
        ("What was read", list(_files(judged, again))),
    ):
        if lines:
            console.print(Text(f"\n{title}", style="bold"))
            for line in lines:
                console.print(line)


def headline(judged: Judged) -> Text:
    """The verdict in a line."""
    passed = judged.verdict == "passed"
    said = Text("A review would ", style="bold green" if passed else "bold red")
    said.append("pass." if passed else "fail.")
    said.append(f" {judged.run} of {judged.policy.calls_needed} calls in a row.")
    if judged.is_provisional:
        said.append(" Provisional: these logs leave something open.", style="yellow")
    return said


def about(judged: Judged) -> str:
    """Whose calls these are, when the review would start, and by which numbers."""
    key = f"Key {judged.key}. " if judged.key else ""
    start = f"Started at {instant(judged.starts_at)}. " if judged.starts_at else ""
    packs = "".join(f", {pack.headline}" for pack in judged.policy.packs)
    return f"{key}{start}Policy version {judged.policy.version}{packs}."


def instant(at: datetime | None) -> str:
    """An instant as people read it, with milli- or microseconds where there are some."""
    if at is None:
        return "at an unknown time"
    fraction = f"{at:.%f}".removesuffix("000") if at.microsecond else ""
    return f"{at:%Y-%m-%d %H:%M:%S}{fraction} UTC"


def where(finding: Finding, judged: Judged) -> str:
    """The call of a finding, and where it stands in the files."""
    shown = judged.shown.get(finding.call) if finding.call is not None else None
    if shown is None:
        return ""
    place = f"{shown.file}, {shown.place}" if shown.place else shown.file
    return f"{shown.call.method} {shown.call.url}, {instant(shown.at)} ({place})"


def _row_of_cells(judged: Judged) -> Text:
    row = Text()
    for cell in judged.cells:
        row.append(*_CELLS[cell.place])
    row.append(_EMPTY[0] * (judged.policy.calls_needed - len(judged.cells)), style=_EMPTY[1])
    used = dict.fromkeys(cell.place for cell in judged.cells)
    legend = "   ".join(f"{_CELLS[place][0]} {_PLACES[place]}" for place in used)
    return row.append(f"   oldest to newest   {legend}", style="dim")


def _rules(judged: Judged) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for title in ("Rule", "Limit", "Observed", "Verdict"):
        table.add_column(title, overflow="fold")
    for state in judged.states:
        verdict = verdict_of(state, judged)
        cells = (state.rule.asks, state.measure.limit, state.measure.observed)
        table.add_row(*map(Text, cells), Text(verdict, style=_VERDICTS[verdict]))
    return table


def _findings(judged: Judged) -> Iterator[RenderableType]:
    for _, same in groupby(judged.findings, key=lambda finding: finding.rule):
        found = list(same)
        for finding in found[:_MOST_LISTED]:
            yield Text.assemble(("  ✗ ", "red"), finding.sentence)
            if place := where(finding, judged):
                yield _indented(Text(place, style="dim"))
        if len(found) > _MOST_LISTED:
            yield _indented(Text(f"and {len(found) - _MOST_LISTED} more", style="dim"))
        yield _indented(Text.assemble(("→ ", "cyan"), found[0].next_step))


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 4))


def _not_counted(judged: Judged) -> Iterator[RenderableType]:
    for why, calls in judged.reasons.most_common():
        yield Text(f"  {calls:>8,}  {why}")


def _silences(judged: Judged) -> Iterator[RenderableType]:
    for silence in judged.silences:
        mark = ("  ! ", "yellow") if silence.matters else ("  · ", "dim")
        yield Text.assemble(mark, silence.sentence)


def _files(judged: Judged, again: list[str]) -> Iterator[RenderableType]:
    for file in judged.files:
        others = f", {many(file.others, 'line', 'lines')} of something else" if file.others else ""
        yield Text(f"  {file.name}: {file.kind}, {many(file.calls, 'call', 'calls')}{others}")
    for name in again:
        yield Text(f"  {name}: the same as another file, read once")
    if judged.duplicates:
        twice = many(judged.duplicates, "call stands", "calls stand")
        yield Text(f"  Of the newest, {twice} in two files and count once.")
    if len(judged.files) > 1:
        yield Text("  Calls of all files stand in the order of their times, then of their numbers.", style="dim")
