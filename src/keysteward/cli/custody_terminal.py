"""How is a custody report shown in a terminal?"""

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from keysteward.rules.custody.findings import Severity
from keysteward.rules.custody.report import Report
from keysteward.rules.custody.what_if import EFFECTS, Answer
from keysteward.rules.custody.written import Sheet
from keysteward.rules.words import many

_STYLES: dict[Severity, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_MOST_LISTED = 5
_MOST_KEYS = 10


def show(console: Console, report: Report, sheets: list[Sheet]) -> None:
    """The short summary: the findings, who cannot manage what, what if, and what was not judged."""
    console.print(headline(report))
    for title, lines in (
        ("Findings", list(_findings(report))),
        ("Keys that nobody can manage", list(_unmanageable(report))),
        ("What if", list(_what_if(report.answer)) if report.answer else []),
        ("Not judged", list(_unjudged(report))),
        ("What was read", list(_files(sheets))),
    ):
        if lines:
            console.print(Text(f"\n{title}", style="bold"))
            for line in lines:
                console.print(line)


def headline(report: Report) -> Text:
    """The score and how many findings there are."""
    said = Text("Custody score ").append(f"{report.scores.whole} of 100", style=_colour(report))
    counts = [f"{count} {severity}" for severity, count in report.counts.items() if count]
    said.append(f". {many(len(report.findings), 'finding', 'findings')}")
    said.append(f": {', '.join(counts)}." if counts else ".")
    return said


def _colour(report: Report) -> str:
    found = [severity for severity, count in report.counts.items() if count]
    return _STYLES[found[0]] if found else "bold green"


def _findings(report: Report) -> Iterator[RenderableType]:
    for _, same in groupby(report.findings, key=lambda finding: (finding.severity, finding.code)):
        found = list(same)
        for finding in found[:_MOST_LISTED]:
            yield _row(Text(finding.severity, style=_STYLES[finding.severity]), Text(finding.sentence))
        if len(found) > _MOST_LISTED:
            yield _indented(Text(f"and {len(found) - _MOST_LISTED} more", style="dim"))
        yield _indented(Text.assemble(("→ ", "cyan"), f"{found[0].who}: {found[0].step}"))


def _unmanageable(report: Report) -> Iterator[RenderableType]:
    for outlook in report.unmanageable[:_MOST_KEYS]:
        yield Text(f"  {outlook.key.name} ({outlook.key.key})")
        for way in outlook.ways:
            mark = ("✓ ", "green") if way.is_open else ("✗ ", "red")
            yield _indented(Text.assemble(mark, f"{way.name}: ", way.next_step if way.is_open else way.why_not[0]))
    if len(report.unmanageable) > _MOST_KEYS:
        yield Text(f"  and {len(report.unmanageable) - _MOST_KEYS} more", style="dim")


def _what_if(answer: Answer) -> Iterator[RenderableType]:
    if not answer.consequences:
        yield Text("  No key would be worse off.", style="green")
    for effect, same in groupby(answer.consequences, key=lambda each: each.effect):
        found = list(same)
        yield Text.assemble(("  ✗ ", "red"), EFFECTS[effect])
        names = ", ".join(each.key.name for each in found[:_MOST_KEYS])
        more = f" and {len(found) - _MOST_KEYS} more" if len(found) > _MOST_KEYS else ""
        yield _indented(Text(f"{many(len(found), 'key', 'keys')}: {names}{more}"))
    for change in answer.unknown[:_MOST_LISTED]:
        yield Text(f"  ! {change.subject} is not in the inventory.", style="yellow")
    if len(answer.unknown) > _MOST_LISTED:
        yield Text(f"  and {len(answer.unknown) - _MOST_LISTED} more", style="dim")


def _unjudged(report: Report) -> Iterator[RenderableType]:
    missing = dict.fromkeys(fact for each in report.unjudged for fact in each.missing)
    if missing:
        rules = many(len(report.unjudged), "rule was", "rules were")
        yield Text(f"  {rules} not judged, for the files do not say:", style="dim")
        for fact in missing:
            yield Text(f"    · {fact}", style="dim")


def _files(sheets: list[Sheet]) -> Iterator[RenderableType]:
    for sheet in sheets:
        ignored = f"; not used: {', '.join(sheet.ignored)}" if sheet.ignored else ""
        yield Text(f"  {sheet.name}: {sheet.says}, {many(len(sheet.rows), 'row', 'rows')}{ignored}")


def _row(left: Text, right: Text) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=10)
    table.add_column()
    table.add_row(Text.assemble("  ", left), right)
    return table


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 11))
