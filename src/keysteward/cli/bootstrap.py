"""What does `keysteward bootstrap` do? It opens the first account of an environment, with its first admin."""

from typing import Annotated

import typer
from rich.console import Console

from keysteward.actions import setup
from keysteward.assembly import CannotStart, assemble, close
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption, files_of, stop
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.refusals import Refusal
from keysteward.settings import Settings

console = Console()


def bootstrap(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    email: Annotated[str, typer.Option(prompt="E-mail address", help="Who administers the first account.")],
    first_name: Annotated[str, typer.Option(prompt=True, help="Their first name.")],
    last_name: Annotated[str, typer.Option(prompt=True, help="Their last name.")],
    account: Annotated[str, typer.Option(prompt="Name of the account", help="What the account is called.")],
    password: Annotated[
        str,
        typer.Option(
            envvar="KEYSTEWARD_PASSWORD",
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            help="At least 12 characters.",
        ),
    ],
    plan: Annotated[str, typer.Option(help="The account's plan; in demo Developer, in production Business Pro.")] = "",
) -> None:
    """Open the first account of an environment, with its first admin."""
    plan = plan or ("Developer" if environment == "demo" else "Business Pro")
    nowhere = "https://localhost"
    settings = Settings(environment.value, "serve", database, files_of(master_key_file), nowhere, nowhere)
    try:
        ctx = assemble(settings)
    except CannotStart as error:
        stop(str(error), "Then run keysteward bootstrap again.", done="Nothing was made.")
    try:
        standing = setup.bootstrap(ctx, account, plan, NewUser(email, first_name, last_name, ADMIN, password))
    except Refusal as refusal:
        stop(refusal.sentence, refusal.next_step, done="Nothing was made.")
    finally:
        close(ctx)
    console.print(
        f"{standing.user.name} is the admin of {standing.account.name}, account {standing.account.number}. "
        "Start the environment with keysteward serve and sign in.",
        highlight=False,
    )
