"""What does `keysteward signing-keys` do? It shows the keys that sign tokens, and lets a new one take over."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from keysteward.actions import signing_keys as deeds
from keysteward.cli.operating import console, opened
from keysteward.cli.options import (
    AlgorithmName,
    AlgorithmOption,
    DatabaseOption,
    EnvironmentOption,
    MasterKeyOption,
)

signing_keys = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Show the keys that sign tokens, and let a new one take over."
)
_MOMENT = "%Y-%m-%d %H:%M:%S UTC"
_MINUTE = 60


@signing_keys.command("list")
def show(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    algorithm: AlgorithmOption = AlgorithmName.RS256,
) -> None:
    """List the keys that sign tokens or did, the newest first."""
    with opened(environment, database, master_key_file, algorithm.value) as ctx:
        table = Table("key", "algorithm", "signs from", "believed until")
        for each in deeds.list_keys(ctx):
            until = f"{each.believed_until:{_MOMENT}}" if each.believed_until else "another takes over"
            table.add_row(
                each.life.kid,
                each.life.algorithm,
                f"{each.life.active_from:{_MOMENT}}",
                "signs now" if each.signs else until,
            )
        console.print(table)


@signing_keys.command()
def rotate(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    algorithm: AlgorithmOption = AlgorithmName.RS256,
    ahead_seconds: Annotated[
        int, typer.Option("--ahead", min=5, help="Seconds in which checkers may learn of the new key before it signs.")
    ] = _MINUTE,
) -> None:
    """Make a new key. It is published at once and signs after a while; the old one is believed until its tokens end."""
    with opened(environment, database, master_key_file, algorithm.value) as ctx:
        life = deeds.rotate(ctx, timedelta(seconds=ahead_seconds))
        console.print(f"{life.kid} is published now and signs from {life.active_from:{_MOMENT}} on.")
        console.print("Tokens of the key before it stay good. No worker needs to be started again.")
