"""What does `keysteward limits` do? It gives single accounts other limits, and shows how tried limits would do."""

from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import limits as deeds
from keysteward.actions.limits import Shown, Tried
from keysteward.cli.operating import console, opened
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption
from keysteward.rules.limits import MOST_CALLS, Limits, Override, Wish

limits = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Give single accounts other limits: docs/guides/limits.md."
)

Account = Annotated[str, typer.Argument(help="The account, by GUID or number.")]
_PLACES = "0 for the policy's; what you do not say stays."


@limits.command("set")
def set_limits(
    account: Account,
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    reason: Annotated[str, typer.Option(help="Why; the account's admins see it.")],
    by: Annotated[str, typer.Option("--by", help="Who you are.")],
    hourly: Annotated[int | None, typer.Option(min=0, max=MOST_CALLS, help=f"Calls in a clock hour; {_PLACES}")] = None,
    burst: Annotated[int | None, typer.Option(min=0, max=MOST_CALLS, help="Calls in a burst window; likewise.")] = None,
    candidate_hourly: Annotated[
        int | None, typer.Option(min=0, max=MOST_CALLS, help="Calls in a clock hour, tried: counted, never refused.")
    ] = None,
    candidate_burst: Annotated[
        int | None, typer.Option(min=0, max=MOST_CALLS, help="Calls in a burst window, tried likewise.")
    ] = None,
) -> None:
    """Give an account limits of its own; every running worker goes by them within a second."""
    with opened(environment, database, master_key_file) as ctx:
        wish = Wish(hourly, burst, candidate_hourly, candidate_burst)
        made = deeds.set_limits(ctx, account, wish, by, reason)
        _print(deeds.show(ctx, made.account))


@limits.command()
def show(
    account: Account, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption
) -> None:
    """Show what applies to an account, and how the limits that are tried would do."""
    with opened(environment, database, master_key_file) as ctx:
        _print(deeds.show(ctx, account))


@limits.command()
def history(
    account: Account, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption
) -> None:
    """List every change of an account's limits, the newest first: when, by whom, why."""
    with opened(environment, database, master_key_file) as ctx:
        found = deeds.show(ctx, account).overrides
        for each in found:
            console.print(
                escape(f"{each.number}, {each.made_at:%Y-%m-%d %H:%M:%S} UTC, by {each.made_by}: {each.reason}")
            )
            console.print(f"  {_numbers(each)}")
        if not found:
            console.print("This account has the policy's limits, and always had.")


@limits.command()
def trials(environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption) -> None:
    """List what tried limits would have refused of each account in the last seven days, the most first."""
    with opened(environment, database, master_key_file) as ctx:
        found = deeds.sum_trials(ctx)
        for each in found:
            console.print(f"{each.trial.account}: {_tried(each)}")
        if not found:
            console.print("No call came while limits were tried.")


def _print(shown: Shown) -> None:
    console.print(escape(f"{shown.account.name} ({shown.account.id}): {_said(shown.measure.limits)}."))
    if shown.measure.candidate:
        console.print(f"Tried, and refusing nothing: {_said(shown.measure.candidate)}.")
    for each in shown.trials:
        console.print(f"  {_tried(each)}")


def _tried(each: Tried) -> str:
    return f"{_said(each.trial.candidate)} would have refused {each.refused} of {each.calls} calls"


def _said(limits: Limits) -> str:
    return f"{limits.hourly} calls an hour and {limits.burst} in a burst"


def _numbers(each: Override) -> str:
    names = ("hourly", "burst", "candidate_hourly", "candidate_burst")
    said = [f"{name} {getattr(each, name)}" for name in names if getattr(each, name) is not None]
    return ", ".join(said) or "as the policy says"
