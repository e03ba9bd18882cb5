"""What does `keysteward replacement` do? It follows a new key that takes the place of an old one.

It is a client of production's API with a personal access token; a second organization admin approves on the page that
the command names.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.cli.asking import Answer, Asker, asker_of, keep_paper, text_of
from keysteward.cli.transfers import CaFile, To

replacement = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Let a new key take the place of an old one: docs/guides/replacements.md.",
)
console = Console(highlight=False, soft_wrap=True)

TokenFile = Annotated[
    Path, typer.Option(help="A file with a personal access token that may see keys.", show_default=False)
]
Key = Annotated[str, typer.Argument(help="The integration key that is to be replaced.")]
Successor = Annotated[str, typer.Argument(help="The new integration key, which names the old one.")]
Reason = Annotated[str, typer.Option(help="Why; whoever is told reads it.")]


@replacement.command("list")
def list_replacements(origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """List the replacements by and of keys of your accounts, the newest first."""
    found = asker_of(origin, token_file, ca_file).get("/replacements")["replacements"]
    for each in found:
        status = each["status"] or "cutting over"
        console.print(escape(f"{each['key']}  {status}: {each['name'] or 'a new key'} for {each['predecessor']}"))
    if not found:
        console.print("No key of your accounts replaces another, or is replaced.")


@replacement.command()
def preview(key: Key, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """Show what replacing a key asks of its people: nothing moves."""
    found = asker_of(origin, token_file, ca_file).get(f"/keys/{key}/replacement-preview")
    console.print(escape(f"{found['name']} ({found['key']}) can be replaced. Nothing of it moves; made anew are:"))
    for name in ("redirect_uris", "origins", "secrets", "keypairs"):
        console.print(f"  {name.replace('_', ' ')}: {found[name]}")
    console.print(
        f"{found['consents']} users and {found['organization_consents']} organizations allow the new app once more, "
        f"and {found['refresh_tokens']} refresh tokens stay with the old one."
    )
    console.print("Nothing breaks before you retire the old key; then whatever still uses it is refused at once.")
    for each in found["successors"]:
        console.print(escape(f"It is being replaced: {each['name']} ({each['key']})"))


@replacement.command()
def show(successor: Successor, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """Show how far a new key has taken the place of the old one, and whether that is safe to retire."""
    asker = asker_of(origin, token_file, ca_file)
    _print(asker, asker.get(f"/replacements/{successor}"))


@replacement.command()
def prove(
    successor: Successor,
    origin: To,
    token_file: TokenFile,
    secret_file: Annotated[Path | None, typer.Option(help="A file with a secret key of the old app.")] = None,
    assertion_file: Annotated[Path | None, typer.Option(help="A file with a JWT that its private key signed.")] = None,
    ca_file: CaFile = None,
) -> None:
    """Prove once that you hold a live credential of the old key; then you see the cut-over."""
    asker = asker_of(origin, token_file, ca_file)
    body = {
        "secret": text_of(secret_file) if secret_file else "",
        "assertion": text_of(assertion_file) if assertion_file else "",
    }
    asker.make(f"/replacements/{successor}/proofs", body)
    console.print("Proved.")
    _print(asker, asker.get(f"/replacements/{successor}"))


@replacement.command()
def retire(
    successor: Successor,
    origin: To,
    token_file: TokenFile,
    hand: Annotated[str, typer.Option("--as", help="admin, stand-in or operator.")] = "admin",
    reason: Reason = "",
    despite_use: Annotated[bool, typer.Option("--despite-use", help="You know what still uses it.")] = False,
    ca_file: CaFile = None,
) -> None:
    """Retire the old key: it stops at once, and can be brought back for a while."""
    asker = asker_of(origin, token_file, ca_file)
    body = {"hand": hand, "reason": reason, "despite_use": despite_use}
    _print(asker, asker.make(f"/replacements/{successor}/retirements", body))


@replacement.command()
def undo(successor: Successor, origin: To, token_file: TokenFile, reason: Reason = "", ca_file: CaFile = None) -> None:
    """Bring the old key back, or call retiring it off."""
    asker = asker_of(origin, token_file, ca_file)
    _print(asker, asker.make(f"/replacements/{successor}/reversals", {"reason": reason}))


@replacement.command()
def record(
    successor: Successor,
    file: Annotated[Path, typer.Argument(help="Where to keep it.")],
    origin: To,
    token_file: TokenFile,
    ca_file: CaFile = None,
) -> None:
    """Download the signed record of an old key that retired."""
    keep_paper(asker_of(origin, token_file, ca_file), f"/replacements/{successor}/record", file)
    console.print(escape(f"Kept in {file}."))


def _print(asker: Asker, found: Answer) -> None:
    old, new = found["old"], found["new"]
    console.print(escape(f"{new['name']} ({new['key']}) replaces {old['name']} ({old['key']})"))
    if found["percent_moved"] is not None:
        console.print(f"{found['percent_moved']} % of the calls of seven days came with the new key.")
    for each in found["still"]:
        program = each["sdk"] or each["agent"] or "a program that does not say which"
        console.print(escape(f"  still used by {program} at {each['address']}, last {each['last_at']}"))
    _print_retirement(found)
    if "approve" in found["you_may"]:
        console.print(f"Your turn, in the console: {asker.peer.origin}/replacements/{new['key']}")


def _print_retirement(found: Answer) -> None:
    asked = found["retirement"]
    if asked is not None:
        until = f" It can be brought back until {asked['final_at']}." if asked["status"] == "retired" else ""
        console.print(escape(f"{asked['status'].capitalize()}, by {asked['asked_by']}.{until}"))
        if asked["held_up"]:
            console.print(escape(f"It does not happen yet: {asked['held_up']}"))
    elif found["is_safe"]:
        console.print("The old key is safe to retire.")
    for each in [] if asked is not None else found["why_not"]:
        console.print(escape(f"Not safe to retire yet: {each}"))
