"""What does `keysteward legacy` do? It lets a key go on authenticating the old way for a while, and ends that."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import legacy as deeds
from keysteward.cli.operating import NOTHING_DONE, console, opened
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption, stop
from keysteward.rules.legacy import Waiver

legacy = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Waive the end of legacy authentication for single keys: docs/guides/retiring-legacy-authentication.md.",
)

Key = Annotated[str, typer.Argument(help="The integration key.")]
By = Annotated[str, typer.Option("--by", help="Who you are.")]


@legacy.command()
def waive(
    key: Key,
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    owner: Annotated[str, typer.Option(help="The address of the person who answers for that it stops.")],
    reason: Annotated[str, typer.Option(help="Why it cannot stop before; the account's admins see it.")],
    until: Annotated[str, typer.Option(help="When it ends: 2027-01-31, or 2027-01-31T14:00:00Z.")],
    by: By,
) -> None:
    """Let a key go on until a date, also in brown-outs and when all others are blocked."""
    ends = _instant(until)
    with opened(environment, database, master_key_file) as ctx:
        waiver = deeds.waive(ctx, key, by, owner, reason, ends)
        console.print(f"{waiver.key} may go on until {waiver.until:%Y-%m-%d %H:%M} UTC.")


@legacy.command()
def revoke(
    key: Key, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, by: By
) -> None:
    """End the waiver of a key at once."""
    with opened(environment, database, master_key_file) as ctx:
        deeds.revoke_waiver(ctx, key, by)
        console.print("The waiver ended.")


@legacy.command()
def waivers(environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption) -> None:
    """List every waiver, newest first."""
    with opened(environment, database, master_key_file) as ctx:
        found = deeds.list_waivers(ctx)
        for waiver in found:
            console.print(escape(f"{waiver.key}: {_state(waiver, ctx.now)}; owner {waiver.owner}"))
            console.print(escape(f"  {waiver.reason} (by {waiver.made_by}, {waiver.made_at:%Y-%m-%d})"))
        if not found:
            console.print("No key has a waiver.")


def _state(waiver: Waiver, now: datetime) -> str:
    if waiver.revoked_at is not None:
        return f"ended {waiver.revoked_at:%Y-%m-%d} by {waiver.revoked_by}"
    word = "holds until" if waiver.holds(now) else "ended"
    return f"{word} {waiver.until:%Y-%m-%d %H:%M} UTC"


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        stop(f"--until {text} is no date.", "Say it as 2027-01-31 or 2027-01-31T14:00:00Z.", done=NOTHING_DONE)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
