"""What does `keysteward account` do? What whoever runs an environment does with its accounts."""

from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import account_states
from keysteward.actions.account_states import Opening
from keysteward.actions.context import Context
from keysteward.cli.operating import NOTHING_DONE, console, opened
from keysteward.cli.options import Author, DatabaseOption, EnvironmentOption, MasterKeyOption, OriginOption, origin_of
from keysteward.rules.accounts import Account

account = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Open, suspend, close and reopen accounts, and change their plans: docs/guides/accounts-and-people.md.",
)

Named = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account, by GUID or number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays on record.")]


@account.command("open")
def open_account(
    name: Annotated[str, typer.Argument(help="What the account is called.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    origin: OriginOption,
    plan: Annotated[str, typer.Option("--plan", help="One of the plans of the policy.")],
    email: Annotated[str, typer.Option("--admin", help="The address of its first admin.")],
    first_name: Annotated[str, typer.Option("--first-name", help="Their first name, if they are new here.")],
    author: Author,
    last_name: Annotated[str, typer.Option("--last-name", help="Their last name.")] = "",
) -> None:
    """Open an account for somebody. They are told by mail; a new user chooses a password first."""
    here = origin_of(origin, "--origin", done=NOTHING_DONE)
    with opened(environment, database, master_key_file, origin=here) as ctx:
        standing = account_states.open_for(ctx, author, Opening(name, plan, email, first_name, last_name))
        console.print(
            f"{_named(standing.account)} is open. {escape(standing.user.email)} is its only admin, and told by mail."
        )


@account.command()
def suspend(
    name: Named, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption,
    reason: Reason, author: Author,
) -> None:  # fmt: skip
    """Suspend an account: its members change nothing, and calls in it are refused."""
    with opened(environment, database, master_key_file) as ctx:
        _told(account_states.change_state(ctx, author, name, "suspend", reason))


@account.command()
def close(
    name: Named, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption,
    reason: Reason, author: Author,
    force: Annotated[bool, typer.Option("--force", help="Although it manages live keys: they keep working.")] = False,
) -> None:  # fmt: skip
    """Close an account. One that manages live keys is refused, with their names, unless it is forced."""
    with opened(environment, database, master_key_file) as ctx:
        _told(account_states.change_state(ctx, author, name, "close", reason, is_forced=force))
        _warn(ctx, author, name)


@account.command()
def reopen(
    name: Named, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption,
    reason: Reason, author: Author,
) -> None:  # fmt: skip
    """Open an account again that is suspended or closed."""
    with opened(environment, database, master_key_file) as ctx:
        _told(account_states.change_state(ctx, author, name, "reopen", reason))


@account.command("change-plan")
def change_plan(
    name: Named, plan: Annotated[str, typer.Argument(help="One of the plans of the policy.")],
    environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, reason: Reason,
    author: Author,
) -> None:  # fmt: skip
    """Give an account another plan; keys that are live there stay."""
    with opened(environment, database, master_key_file) as ctx:
        changed = account_states.change_plan(ctx, author, name, plan, reason)
        console.print(f"{_named(changed)} has the plan {escape(changed.plan)}.")


@account.command("list")
def show(
    environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption,
    words: Annotated[str, typer.Argument(help="A part of the name, the GUID or the number.")] = "",
) -> None:  # fmt: skip
    """List accounts, the newest first."""
    with opened(environment, database, master_key_file) as ctx:
        found = account_states.list_accounts(ctx, "host", words)
        for each in found:
            console.print(f"{each.number}  {each.id}  {each.state:9}  {escape(each.plan)}  {escape(each.name)}")
        if not found:
            console.print("No such account. Look for a part of its name, its GUID or its number.")


def _told(changed: Account) -> None:
    console.print(f"{_named(changed)} is {changed.state}.")


def _warn(ctx: Context, author: str, name: str) -> None:
    for app in account_states.view(ctx, author, name).keys:
        console.print(f"[bold red]Nobody can manage[/] {escape(app.name)} ({app.key}) now. It keeps working.")


def _named(found: Account) -> str:
    return f"{escape(found.name)} ({found.number})"
