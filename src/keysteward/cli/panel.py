"""What does a person see once the twin is up, and how do they come to trust it?"""

import shlex
import sys
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin import cast
from keysteward.twin.declared import summary
from keysteward.twin.folder import Folder

_MOST_LISTED = 8
_PRESS_GO_LIVE = "Open demo, sign in, choose Apps and Keys, open Ready to Go and press Go Live."
_SIGN_IN = "Open demo, sign in and choose Apps and Keys."
_COLOURS: dict[Environment, str] = {"demo": "cyan", "production": "magenta"}


_BROWSERS_OF_MAC = (("Browsers", "security add-trusted-cert -k ~/Library/Keychains/login.keychain-db {path}"),)
_BROWSERS_OF_LINUX = (
    ("Browsers on Linux", "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n keysteward-twin -i {path}"),
    ("This whole machine", "sudo cp {path} /usr/local/share/ca-certificates/keysteward-twin.crt"),
    ("and then", "sudo update-ca-certificates"),
)


def show_panel(
    console: Console, folder: Folder, hosts: dict[Environment, str], ca_file: Path, *, seconds: float
) -> None:
    """Where both environments are, who can sign in, which keys are there, and what to try next."""
    declared = summary.load(folder)
    told: tuple[RenderableType, ...]
    if declared is None:
        told = (_people(), Text(), _keys(), Text(), _next_steps(folder, ca_file, _PRESS_GO_LIVE))
    else:
        told = (_declared(folder, declared), Text(), _next_steps(folder, ca_file, _SIGN_IN))
    parts = (_places(hosts), Text(), *told)
    title = f"[bold]Keysteward is ready[/] [dim]in {seconds:.1f} s[/]"
    console.print(Panel(Group(*parts), title=title, title_align="left", border_style="green", padding=(1, 2)))


def show_trust(console: Console, ca_file: Path) -> None:
    """How browsers and programs come to trust the twin's certificates."""
    path = str(ca_file.resolve())
    quoted = shlex.quote(path)
    ways = [
        ("Programs in Python", f"export SSL_CERT_FILE={quoted} REQUESTS_CA_BUNDLE={quoted}"),
        ("Programs in Node.js", f"export NODE_EXTRA_CA_CERTS={quoted}"),
        ("curl", f"curl --cacert {quoted} …"),
        *(_BROWSERS_OF_MAC if sys.platform == "darwin" else _BROWSERS_OF_LINUX),
    ]
    console.print("[bold]The twin signs its certificates with an authority of its own.[/] Its certificate is here:")
    console.print(Text(path), soft_wrap=True)
    for where, command in ways:
        console.print(f"\n[dim]{where}[/]")
        console.print(Text(command.format(path=quoted)), soft_wrap=True)
    console.print("\nIts private key never leaves the twin's folder. Remove the folder and the trust means nothing.")


def _places(hosts: dict[Environment, str]) -> Table:
    table = _table()
    for environment in ENVIRONMENTS:
        colour = _COLOURS[environment]
        table.add_row(f"[bold {colour}]{environment.capitalize()}[/]", f"[link]https://{hosts[environment]}[/]")
    table.add_row("Style page", f"[link]https://{hosts['demo']}/_dev/style[/]")
    return table


def _people() -> Table:
    table = _table()
    ada = cast.ada("demo")
    table.add_row("Sign in", f"[bold]{ada.email}[/], an admin, in both environments")
    for person in cast.others("demo"):
        role = "service admin" if person.service else "admin" if person.profile.is_admin else "sender"
        table.add_row("", f"{person.email}, {role}")
    table.add_row("", f"{cast.dana('demo').email}, admin of the second account")
    table.add_row("", f"{cast.OPERATOR.email}, operator in demo")
    table.add_row("Password", f"[bold]{cast.PASSWORD}[/] for everybody")
    return table


def _keys() -> Table:
    table = _table()
    table.add_row("Keys", f"{cast.FRESH_START}  Fresh Start, new")
    table.add_row("", f"{cast.THIRTEEN_CALLS}  Thirteen Good Calls, 13 of 20")
    table.add_row("", f"{cast.READY_TO_GO}  Ready to Go, Review Passed")
    table.add_row("", f"{cast.TOOLBOX}  Toolbox, Live and configured; its secrets are in dev.env")
    return table


def _declared(folder: Folder, declared: summary.Summary) -> Table:
    """Who and what a file declared, as much as fits; all of it, with passwords and secrets, is in `declared.json`."""
    table = _table()
    for environment in ENVIRONMENTS:
        place = declared.place(environment)
        _list(table, f"Sign in, {environment}", [f"{user.email}, {', '.join(user.accounts)}" for user in place.users])
        _list(table, f"Keys, {environment}", [f"{app.key}  {app.name}, {app.status}" for app in place.apps])
    passwords = {user.password for environment in ENVIRONMENTS for user in declared.place(environment).users}
    if passwords == {cast.PASSWORD}:
        table.add_row("Password", f"[bold]{cast.PASSWORD}[/] for everybody")
    table.add_row("Declared", Text(f"{declared.file}, with all passwords and secrets in {folder.declared}"))
    return table


def _list(table: Table, title: str, lines: list[str]) -> None:
    shown = lines if len(lines) <= _MOST_LISTED else [*lines[:_MOST_LISTED], f"and {len(lines) - _MOST_LISTED} more"]
    for number, line in enumerate(shown):
        table.add_row(title if number == 0 else "", Text(line))


def _next_steps(folder: Folder, ca_file: Path, first: str) -> Table:
    table = _table()
    table.add_row("Try next", first)
    table.add_row("Programs", Text(f"set -a; . {shlex.quote(str(folder.env))}; set +a"))
    table.add_row("Authority", Text(str(ca_file)))
    table.add_row("Trust it", Text(f"{_command()} dev --data {shlex.quote(str(folder.path))} --trust"))
    table.add_row("Stop", Text(f"Ctrl-C; everything is kept in {folder.path}"))
    return table


def _command() -> str:
    """How this program was called, as short as it can be said from here."""
    program = Path(sys.argv[0]).absolute()
    here = Path.cwd()
    return shlex.quote(str(program.relative_to(here) if program.is_relative_to(here) else program))


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table
