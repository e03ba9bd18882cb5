"""What does `keysteward policy` do? It shows the numbers that an environment runs by, and applies others."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import policy as deeds
from keysteward.actions.policy import Version
from keysteward.cli.operating import NOTHING_DONE, console, opened
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption, stop
from keysteward.rules.numbers import changed
from keysteward.rules.policy_text import write
from keysteward.rules.policy_toml import as_toml, toml_of

policy = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Show the numbers that an environment runs by, and apply others."
)

Second = Annotated[str, typer.Option(help="Who else approved it; needed where it loosens what guards keys.")]


@policy.command()
def show(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    version: Annotated[int, typer.Option(min=0, help="Which version; without it, the one in force.")] = 0,
) -> None:
    """Print every number, as a file that `policy apply` takes."""
    with opened(environment, database, master_key_file) as ctx:
        found = deeds.load(ctx, version)
        typer.echo(f"# {_headline(found)}")
        typer.echo(as_toml(write(found.policy)))


@policy.command()
def apply(
    file: Annotated[Path, typer.Argument(help="TOML or JSON with the numbers to change; the others stay.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    reason: Annotated[str, typer.Option(help="Why; it stays in the history.")],
    author: Annotated[str, typer.Option(help="Who you are.")],
    second: Second = "",
) -> None:
    """Make a new version; every running worker goes by it within a second."""
    document = _read(file)
    with opened(environment, database, master_key_file) as ctx:
        before = ctx.policy
        made = deeds.apply(ctx, document, author=author, reason=reason, second=second)
        console.print(f"Version {made.policy.version} applies.")
        for name in changed(before, made.policy):
            console.print(escape(f"  {name}: {toml_of(getattr(before, name))} → {toml_of(getattr(made.policy, name))}"))


@policy.command()
def history(environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption) -> None:
    """List every version: when, by whom, why, and what it changed."""
    with opened(environment, database, master_key_file) as ctx:
        versions = deeds.list_versions(ctx)
        for version, before in zip(versions, [*versions[1:], None], strict=True):
            console.print(escape(_headline(version)))
            names = ", ".join(changed(before.policy, version.policy)) if before else "every number"
            console.print(f"  {names}")


def _headline(version: Version) -> str:
    second = f", approved by {version.second}" if version.second else ""
    date = f"{version.applied_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"Version {version.policy.version}, {date}, by {version.author}{second}: {version.reason}"


def _read(file: Path) -> Mapping[str, object]:
    try:
        text = file.read_text(encoding="utf-8")
        found = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        stop(f"{file} cannot be read: {reason}.", "Name a TOML or JSON file.", done=NOTHING_DONE)
    except (ValueError, RecursionError) as error:
        stop(f"{file} cannot be read: {error}.", "`keysteward policy show` prints a good one.", done=NOTHING_DONE)
    if not isinstance(found, dict):
        stop(f"{file} holds no numbers by name.", "`keysteward policy show` prints a good one.", done=NOTHING_DONE)
    return found
