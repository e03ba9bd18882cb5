"""What does `keysteward packs` do? It checks rule packs, and brings them into force in an environment."""

import json
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import packs as deeds
from keysteward.actions.context import Context
from keysteward.actions.packs import Kept
from keysteward.cli.operating import NOTHING_DONE, console, opened, opened_twin
from keysteward.cli.options import DatabaseOption, EnvironmentName, EnvironmentOption, MasterKeyOption, stop
from keysteward.rules.golive import RULES_VERSION
from keysteward.rules.pack_text import MOST_BYTES
from keysteward.rules.packs import Pack
from keysteward.rules.refusals import Refusal

_GUIDE = "docs/guides/rule-packs.md"

packs = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Check rule packs, and bring them into force in an environment."
)

File = Annotated[Path, typer.Argument(help="The pack, as TOML or JSON.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]
Author = Annotated[str, typer.Option(help="Who you are.")]
Data = Annotated[
    Path | None,
    typer.Option(help="A twin's folder, instead of --database and --master-key-file.", show_default=False),
]


@packs.command()
def check(file: File) -> None:
    """Read a pack and hold it against its own examples; nothing has to run."""
    document = _read(file)
    try:
        pack = deeds.check(document)
    except Refusal as refusal:
        stop(refusal.sentence, refusal.next_step, done="The pack is not good.")
    held = "Its example holds" if len(pack.examples) == 1 else f"All {len(pack.examples)} examples hold"
    console.print(escape(f"{held}: {_headline(pack)}."))


@packs.command()
def install(
    file: File,
    environment: EnvironmentOption,
    reason: Reason,
    author: Author,
    database: DatabaseOption = "",
    master_key_file: MasterKeyOption = "",
    data: Data = None,
) -> None:
    """Bring a pack into force; reviews that start from then on are judged under it."""
    document = _read(file)
    with _opened(environment, database, master_key_file, data) as ctx:
        made = deeds.install(ctx, document, author=author, reason=reason)
        console.print(escape(f"In force: {_headline(made.policy.packs[-1])}."))
        console.print(f"It is version {made.policy.version} of the policy. Reviews that run are judged as they began.")


@packs.command("list")
def list_packs(
    environment: EnvironmentOption,
    database: DatabaseOption = "",
    master_key_file: MasterKeyOption = "",
    data: Data = None,
) -> None:
    """List every version of every pack that was ever in force; a star marks those that are."""
    with _opened(environment, database, master_key_file, data) as ctx:
        console.print(f"* built-in rules, version {RULES_VERSION}")
        for kept in deeds.list_versions(ctx):
            _show(kept, in_force=kept.pack in ctx.policy.packs)


@packs.command()
def remove(
    name: Annotated[str, typer.Argument(help="The name of the pack.")],
    environment: EnvironmentOption,
    reason: Reason,
    author: Author,
    database: DatabaseOption = "",
    master_key_file: MasterKeyOption = "",
    data: Data = None,
) -> None:
    """Take a pack out of force; its versions stay on record, for reviews name them."""
    with _opened(environment, database, master_key_file, data) as ctx:
        made = deeds.remove(ctx, name, author=author, reason=reason)
        console.print(escape(f"{name} is out of force since version {made.policy.version} of the policy."))


def _opened(
    environment: EnvironmentName, database: str, master_key_file: str, data: Path | None
) -> AbstractContextManager[Context]:
    if data is not None:
        return opened_twin(environment, data)
    if not database or not master_key_file:
        stop(
            "No environment is named.", "Give --database and --master-key-file, or a twin's folder with --data.",
            done=NOTHING_DONE, status=2,
        )  # fmt: skip
    return opened(environment, database, master_key_file)


def _headline(pack: Pack) -> str:
    rules, readings = len(pack.rules), len(pack.readings)
    return f"{pack.name}, version {pack.version}, with {rules} rules and {readings} readings"


def _show(kept: Kept, *, in_force: bool) -> None:
    date = f"{kept.installed_at:%Y-%m-%d %H:%M:%S} UTC"
    star = "*" if in_force else " "
    console.print(escape(f"{star} {_headline(kept.pack)}: {date}, by {kept.author}: {kept.reason}"))


def _read(file: Path) -> Mapping[str, object]:
    try:
        raw = file.read_bytes()
        text = raw.decode()
        found = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        stop(f"{file} cannot be read: {reason}.", "Name a TOML or JSON file.", done=NOTHING_DONE)
    except (ValueError, RecursionError) as error:
        stop(f"{file} cannot be read: {error}.", f"A good one is in {_GUIDE}.", done=NOTHING_DONE)
    if not isinstance(found, dict) or len(raw) > MOST_BYTES:
        stop(f"{file} is no pack, or too long for one.", f"A good one is in {_GUIDE}.", done=NOTHING_DONE)
    return found
