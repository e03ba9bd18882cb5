"""What does `keysteward signing-keys` do? It shows the keys that sign tokens, and replaces or distrusts one."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape
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
    no_args_is_help=True,
    add_completion=False,
    help="Show the keys that sign tokens, let a new one take over, and distrust one that was stolen.",
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
            table.add_row(each.life.kid, each.life.algorithm, f"{each.life.active_from:{_MOMENT}}", _until(each))
        console.print(table)


def _until(each: deeds.Listed) -> str:
    if each.life.distrusted_at is not None:
        return f"distrusted since {each.life.distrusted_at:{_MOMENT}}"
    if each.signs:
        return "signs now"
    return f"{each.believed_until:{_MOMENT}}" if each.believed_until else "another takes over"


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


@signing_keys.command()
def distrust(
    kid: Annotated[str, typer.Argument(help="The key, as `list` names it.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    by: Annotated[str, typer.Option("--by", help="Who you are.")],
    reason: Annotated[str, typer.Option(help="What happened; it stays in the history.")],
) -> None:
    """Believe nothing that a stolen key signed. If it was the one that signs, a new key does from now on."""
    with opened(environment, database, master_key_file) as ctx:
        done = deeds.distrust(ctx, kid, by, reason)
        console.print(escape(f"{kid} is distrusted: within a second its tokens are refused, and it is not published."))
        console.print(
            f"{done.signs} is new and signs from now on." if done.is_new else f"{done.signs} signs, as before."
        )
        console.print("Apps get new tokens with their refresh tokens; whoever keeps /oauth/jwks must fetch it again.")
