"""What does a person see once the twin is up, and how do they come to trust it?"""

import sys
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin import cast
from keysteward.twin.folder import Folder

_COLOURS: dict[Environment, str] = {"demo": "cyan", "production": "magenta"}


def show_panel(
    console: Console, folder: Folder, hosts: dict[Environment, str], ca_file: Path, *, seconds: float
) -> None:
    """Where both environments are, who can sign in, which keys are there, and what to try next."""
    parts = (_places(hosts), Text(), _people(), Text(), _keys(), Text(), _next_steps(folder, ca_file))
    title = f"[bold]Keysteward is ready[/] [dim]in {seconds:.1f} s[/]"
    console.print(Panel(Group(*parts), title=title, title_align="left", border_style="green", padding=(1, 2)))


def show_trust(console: Console, ca_file: Path) -> None:
    """How browsers and programs come to trust the twin's certificates."""
    path = str(ca_file.resolve())
    table = _table()
    table.add_row("Programs in Python", f"SSL_CERT_FILE={path} or REQUESTS_CA_BUNDLE={path}")
    table.add_row("Programs in Node.js", f"NODE_EXTRA_CA_CERTS={path}")
    table.add_row("curl", f"curl --cacert {path} …")
    if sys.platform == "darwin":
        table.add_row("Browsers", f"security add-trusted-cert -k ~/Library/Keychains/login.keychain-db {path}")
    else:
        table.add_row("Browsers on Linux", f"certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n keysteward-twin -i {path}")
        table.add_row("This whole machine", f"sudo cp {path} /usr/local/share/ca-certificates/keysteward-twin.crt")
        table.add_row("", "sudo update-ca-certificates")
    console.print("[bold]The twin signs its certificates with an authority of its own.[/] Its certificate is here:")
    console.print(path, soft_wrap=True, highlight=False)
    console.print()
    console.print(table)
    console.print("\nIts private key never leaves the twin's folder. Remove the folder and the trust means nothing.")


def _places(hosts: dict[Environment, str]) -> Table:
    table = _table()
    for environment in ENVIRONMENTS:
        colour = _COLOURS[environment]
        table.add_row(f"[bold {colour}]{environment.capitalize()}[/]", f"[link]https://{hosts[environment]}[/]")
    return table


def _people() -> Table:
    table = _table()
    ada = cast.ada("demo")
    table.add_row("Sign in", f"[bold]{ada.email}[/], an admin, in both environments")
    for person in cast.others("demo"):
        role = "service admin" if person.service else "admin" if person.profile.is_admin else "sender"
        table.add_row("", f"{person.email}, {role}")
    table.add_row("Password", f"[bold]{cast.PASSWORD}[/] for everybody")
    return table


def _keys() -> Table:
    table = _table()
    table.add_row("Keys", f"{cast.FRESH_START}  Fresh Start, new")
    table.add_row("", f"{cast.THIRTEEN_CALLS}  Thirteen Good Calls, 13 of 20")
    table.add_row("", f"{cast.READY_TO_GO}  Ready to Go, Review Passed")
    table.add_row("", f"{cast.TOOLBOX}  Toolbox, Live and configured; its secrets are in dev.env")
    return table


def _next_steps(folder: Folder, ca_file: Path) -> Table:
    table = _table()
    table.add_row("Try next", "Open demo, sign in, choose Apps and Keys, open Ready to Go and press Go Live.")
    table.add_row("Programs", f"set -a; . {folder.env}; set +a")
    table.add_row("Authority", f"{ca_file}  (keysteward dev --trust tells how to trust it)")
    table.add_row("Stop", "Ctrl-C; everything is kept in " + str(folder.path))
    return table


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table
