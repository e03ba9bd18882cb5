"""What does `keysteward transfers` do? It follows keys from one production account to another.

It is a client of production's API with a personal access token, so it starts, accepts and cancels; a person confirms,
approves and vetoes on the page that each command names.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.cli.asking import Answer, Asker, asker_of, keep_paper

transfers = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Give a live key to another account: docs/guides/transfers.md."
)
console = Console(highlight=False, soft_wrap=True)

To = Annotated[
    str, typer.Option("--to", envvar="KEYSTEWARD_ORIGIN", help="Production: https://HOST.", show_default=False)
]
TokenFile = Annotated[
    Path, typer.Option(help="A file with a personal access token that may transfer keys.", show_default=False)
]
CaFile = Annotated[
    Path | None, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust beside the system's.")
]
Key = Annotated[str, typer.Argument(help="The integration key.")]
Transfer = Annotated[str, typer.Argument(help="The transfer, by its id.")]
Destination = Annotated[str, typer.Argument(help="The account that is to manage it, by its GUID.")]


@transfers.command("list")
def list_transfers(origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """List the transfers of your accounts and organizations, the newest first."""
    found = asker_of(origin, token_file, ca_file).get("/transfers")["transfers"]
    for each in found:
        console.print(escape(f"{each['id']}  {each['status']}: {each['name']} to {each['destination']['name']}"))
    if not found:
        console.print("No transfer from or to your accounts.")


@transfers.command()
def show(transfer: Transfer, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """Show where a transfer stands, and what comes next."""
    asker = asker_of(origin, token_file, ca_file)
    _print(asker, asker.get(f"/transfers/{transfer}"))


@transfers.command()
def preview(key: Key, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """Show what a transfer of a key would move, who signs, and what to replace afterwards."""
    found = asker_of(origin, token_file, ca_file).get(f"/keys/{key}/transfer-preview")
    console.print(escape(f"{found['name']} ({found['key']}) moves with:"))
    for name, count in found["contents"].items():
        console.print(f"  {name.replace('_', ' ')}: {count}")
    console.print(
        f"One admin of each side confirms in writing within {found['days_to_confirm']} days. Apps that use the key "
        f"notice nothing; its secret keys and keypairs expire {found['old_credentials_days']} days after the move."
    )
    if found["pending"]:
        console.print(f"A transfer is under way: {found['pending']}")


@transfers.command()
def start(key: Key, destination: Destination, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """Offer a key to another production account."""
    asker = asker_of(origin, token_file, ca_file)
    _print(asker, asker.make(f"/keys/{key}/transfers", {"destination": destination}))


@transfers.command()
def stand_in(
    organization: Annotated[str, typer.Argument(help="The organization that acts for the lost admin.")],
    key: Key,
    destination: Destination,
    origin: To,
    token_file: TokenFile,
    ca_file: CaFile = None,
) -> None:
    """Start a transfer in the place of an account's lost admin."""
    asker = asker_of(origin, token_file, ca_file)
    body = {"key": key, "destination": destination}
    _print(asker, asker.make(f"/organizations/{organization}/stand-ins", body))


@transfers.command()
def accept(transfer: Transfer, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """Agree to look at a key that is offered to an account of yours."""
    asker = asker_of(origin, token_file, ca_file)
    _print(asker, asker.make(f"/transfers/{transfer}/acceptances", {}))


@transfers.command()
def cancel(
    transfer: Transfer,
    origin: To,
    token_file: TokenFile,
    reason: Annotated[str, typer.Option(help="Why; both sides read it.")] = "",
    ca_file: CaFile = None,
) -> None:
    """End a transfer before the key moves."""
    asker = asker_of(origin, token_file, ca_file)
    _print(asker, asker.make(f"/transfers/{transfer}/cancellations", {"reason": reason}))


@transfers.command()
def record(
    transfer: Transfer,
    file: Annotated[Path, typer.Argument(help="Where to keep it.")],
    origin: To,
    token_file: TokenFile,
    ca_file: CaFile = None,
) -> None:
    """Download the signed record of a key that has moved."""
    keep_paper(asker_of(origin, token_file, ca_file), f"/transfers/{transfer}/record", file)
    console.print(escape(f"Kept in {file}."))


def _print(asker: Asker, found: Answer) -> None:
    source = f"from {found['source']['name']} " if found["source"] else ""
    console.print(escape(f"{found['name']} ({found['key']}) {source}to {found['destination']['name']}"))
    console.print(f"{found['status'].capitalize()}. Transfer {found['id']}, until {found['expires_at']}")
    if found["held_up"]:
        console.print(escape(f"It does not go on: {found['held_up']}"))
    for each in found["confirmations"]:
        console.print(escape(f"  {each['side']} confirmed by {each['by']}: {each['statement']}"))
    if found["to_type"] or {"approve", "veto"} & set(found["you_may"]):
        console.print(f"Your turn, in the console: {asker.peer.origin}/transfers/{found['id']}")
    for each in found["to_type"]:
        console.print(escape(f"  for the {each['side']} you type: {each['statement']}"))
