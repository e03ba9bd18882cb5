"""Does the reference name every setting, with the words that the command line says?"""

from pathlib import Path

import typer

from keysteward.cli.serve import serve

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
HEAD = ["| variable | option | default | what it says |", "|---|---|---|---|"]


def table() -> list[str]:
    """Every setting of `keysteward serve`, in the order of its help."""
    program = typer.Typer(add_completion=False)
    program.command()(serve)
    parameters = [each for each in typer.main.get_command(program).params if each.name != "help"]
    return HEAD + [
        f"| `{each.envvar}` | `{each.opts[0]}` | {shown(each.default)} | {getattr(each, 'help', '')} |"
        for each in parameters
    ]


def shown(default: object) -> str:
    """A default as the reference has it."""
    return f"`{default}`" if default not in (None, "") else ""


def test_the_reference_lists_every_setting() -> None:
    """The table of the reference is the one that `keysteward serve` would print; copy it from here when it differs."""
    lines = REFERENCE.read_text().splitlines()
    start = lines.index(HEAD[0])

    assert lines[start : start + len(table())] == table()
    assert not lines[start + len(table())].startswith("|")
