"""What does `keysteward gateways` do? It names the proxies that ask before each call, each with a credential."""

from typing import Annotated

import typer
from rich.markup import escape

from keysteward.actions import gateways as deeds
from keysteward.cli.operating import console, opened
from keysteward.cli.options import DatabaseOption, EnvironmentOption, MasterKeyOption

gateways = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Name the proxies that ask before each call: docs/guides/check-mode.md.",
)

Name = Annotated[str, typer.Argument(help="What this gateway is called.")]
By = Annotated[str, typer.Option("--by", help="Who you are.")]


@gateways.command()
def add(
    name: Name, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, by: By
) -> None:
    """Make the ingest credential of one gateway, and print it once."""
    with opened(environment, database, master_key_file) as ctx:
        new = deeds.add(ctx, name, by)
        console.print(escape(f"The ingest credential of {new.gateway.name}, which is shown this once:"))
        console.print(new.credential)


@gateways.command()
def remove(
    name: Name, environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption, by: By
) -> None:
    """End the credential of a gateway at once: it gets no decision any more, and its log is not taken."""
    with opened(environment, database, master_key_file) as ctx:
        deeds.remove(ctx, name, by)
        console.print("Its credential is dead.")


@gateways.command("list")
def show(environment: EnvironmentOption, database: DatabaseOption, master_key_file: MasterKeyOption) -> None:
    """List the gateways by name."""
    with opened(environment, database, master_key_file) as ctx:
        found = deeds.list_gateways(ctx)
        for each in found:
            console.print(escape(f"{each.name}: added {each.created_at:%Y-%m-%d} by {each.created_by}; id {each.id}"))
        if not found:
            console.print("No gateway was added.")
