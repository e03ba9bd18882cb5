"""How fast is Keysteward? `make bench` measures everything in one run and prints one table."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import console as pages
from bench import custody, decisions, forwarding, history, recording, starting, tokens, verdicts
from bench.lines import Line
from bench.machine import load_average
from bench.run import TINY, WHOLE, Run, Sizes
from bench.table import show, write

SECTIONS: dict[str, Callable[[Run], Iterator[Line]]] = {
    "tokens": tokens.measure,
    "decisions": decisions.measure,
    "recording": recording.measure,
    "forwarding": forwarding.measure,
    "verdicts": verdicts.measure,
    "custody": custody.measure,
    "history": history.measure,
    "console": pages.measure,
    "starting": starting.measure,
}
_DISK = Path("/var/tmp")  # noqa: S108 — /tmp may be memory, and how long a disk takes belongs to what is measured
_BUSY = 0.7

console = Console()


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(SECTIONS)}; may be repeated.")] = None,
    document: Annotated[Path | None, typer.Option("--write", help="A document to put the table into.")] = None,
    *,
    tiny: Annotated[bool, typer.Option("--tiny", help="See only whether every line can be measured.")] = False,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help=f"Judge the custody of {WHOLE.accounts:,} accounts, and prove {WHOLE.events:,} events."
        ),
    ] = False,
) -> None:
    """Measure and print the table."""
    unknown = set(only or ()) - set(SECTIONS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is only {', '.join(SECTIONS)}.")
    if load_average() > _BUSY:
        console.print(f"Others want this machine too (load {load_average():.1f}): trust the ratios, and run it again.")
    with tempfile.TemporaryDirectory(prefix="keysteward-bench-", dir=_DISK if _DISK.is_dir() else None) as folder:
        sizes = WHOLE if whole else Sizes()
        lines = list(_measured(Run(Path(folder), TINY if tiny else sizes), only or list(SECTIONS)))
    show(console, lines)
    if document is not None:
        write(document, lines)


def _measured(run: Run, sections: list[str]) -> Iterator[Line]:
    """Every line as it comes, said at once: the whole takes minutes."""
    for name in sections:
        with console.status(f"Measuring {name}…"):
            for line in SECTIONS[name](run):
                console.print(f"{line.name}: {line.measured}", highlight=False)
                yield line


if __name__ == "__main__":
    typer.run(main)
