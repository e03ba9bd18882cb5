"""What does `keysteward operator` do? What only whoever runs an environment may do for its users."""

from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import recovery
from keysteward.cli.operating import NOTHING_DONE, console, opened
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption, OriginOption, origin_of
from keysteward.rules.keys import checked_text

operator = typer.Typer(no_args_is_help=True, add_completion=False, help="Help users who cannot help themselves.")


@operator.callback()
def _group() -> None:
    """Help users who cannot help themselves."""


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
