"""What does `keysteward operator` do? What only whoever runs an environment may do for its users."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import leavers, operators, personal_data, recovery
from keysteward.cli.audit_files import write_new
from keysteward.cli.operating import NOTHING_DONE, console, opened
from keysteward.cli.options import Author, DatabaseOption, EnvironmentOption, MasterKeyOption, OriginOption, origin_of
from keysteward.rules.keys import checked_text

operator = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Name the operators of an environment: docs/guides/go-live.md. Help users who cannot help themselves.",
)
_QUEUE = "/reviews"

Email = Annotated[str, typer.Argument(help="The address of a user of the environment.")]
By = Annotated[str, typer.Option("--by", help="Who you are.")]


@operator.command()
def add(
    email: Email, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, by: By
) -> None:
    """Name a user as operator: they settle the reviews that need a person."""
    with opened(environment, database, master_key_file) as ctx:
        made = operators.add(ctx, email, by)
        console.print(escape(f"{made.name} ({made.email}) is an operator and settles reviews at {_QUEUE}."))


@operator.command()
def remove(
    email: Email, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, by: By
) -> None:
    """Name a user as operator no more, at once; what they decided stays."""
    with opened(environment, database, master_key_file) as ctx:
        operators.remove(ctx, email, by)
        console.print("They are no operator any more.")


@operator.command("list")
def show(environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption) -> None:
    """List the operators, by address."""
    with opened(environment, database, master_key_file) as ctx:
        found = operators.list_operators(ctx)
        for each in found:
            console.print(escape(f"{each.email} ({each.name}): added {each.added_at:%Y-%m-%d} by {each.added_by}"))
        if not found:
            console.print("Nobody is an operator. Name one: keysteward operator add EMAIL")


@operator.command("reset-factor")
def reset_factor(
    email: Annotated[str, typer.Argument(help="The address of the user who lost it.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    origin: OriginOption,
    operator_name: Annotated[str, typer.Option("--author", help="Who you are; the user and their admins are told.")],
) -> None:
    """Remove a user's second factor. They are signed out everywhere, and they and the admins of their accounts told."""
    here = origin_of(origin, "--origin", done=NOTHING_DONE)
    with opened(environment, database, master_key_file, origin=here) as ctx:
        author = checked_text(operator_name, "author", most=100)
        user = recovery.reset_factors_as_operator(ctx, email, f"operator {author}")
        console.print(
            f"{escape(user.name)} has no second factor any more, and signs in with the password alone. "
            "They and the admins of their accounts are told by mail."
        )


@operator.command("close-user")
def close_user(
    email: Annotated[str, typer.Argument(help="The address of the user who left.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays on record.")],
    author: Author,
) -> None:
    """Close a user who left: sign-in, sessions and tokens end at once, last admin of an account or not."""
    with opened(environment, database, master_key_file) as ctx:
        hand = leavers.Operating(author)
        user = leavers.find_by_email(ctx, hand, email)
        left = leavers.report(ctx, hand, user.id, reason)
        console.print(f"{escape(user.name)} has no access any more.")
        for each in left.unmanaged:
            console.print(f"[bold red]No active admin[/] is left in the account {each}. Its keys keep working.")


@operator.command("reactivate-user")
def reactivate_user(
    email: Annotated[str, typer.Argument(help="The address of the user who is closed.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    author: Author,
) -> None:
    """Bring a user back who was reported to have left, whoever said so. Tokens of before stay dead."""
    with opened(environment, database, master_key_file) as ctx:
        hand = leavers.Operating(author)
        user = leavers.bring_back(ctx, hand, leavers.find_by_email(ctx, hand, email).id)
        console.print(f"{escape(user.name)} may sign in again.")


@operator.command("export-person")
def export_person(
    who: Annotated[str, typer.Argument(help="The user, by address or GUID.")],
    file: Annotated[Path, typer.Argument(help="A new file, in JSON.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    author: Author,
) -> None:
    """Write what is held on somebody into a file, without their request log: for their request for information."""
    with opened(environment, database, master_key_file) as ctx:
        user = personal_data.find(ctx, author, who).user

        def begin() -> Iterator[bytes]:
            known = personal_data.start_export(ctx, author, user.id)
            return personal_data.list_held(ctx, user.id, known, is_own=False)

        write_new(file, begin)
        console.print(f"All that is held on {escape(user.name)}, but for their request log, is in {escape(str(file))}.")


@operator.command("erase-person")
def erase_person(
    who: Annotated[str, typer.Argument(help="The user, by address or GUID, who is closed already.")],
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    author: Author,
) -> None:
    """Erase somebody who left, for ever: from every table and from the audit log, which still verifies."""
    with opened(environment, database, master_key_file) as ctx:
        fields = personal_data.erase(ctx, author, personal_data.find(ctx, author, who).user.id)
        console.print(f"They are erased, in the audit log from {fields:,} {'field' if fields == 1 else 'fields'}.")
