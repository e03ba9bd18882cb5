"""What does `keysteward doctor` do? It names the cause of an error, or the step at which a connection fails."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from keysteward.cli.checkup import Step, examine
from keysteward.cli.options import EnvironmentName, stop
from keysteward.rules.troubleshooting import clues, library
from keysteward.rules.troubleshooting.articles import Article, Cause, parts
from keysteward.rules.troubleshooting.articles import filled as filled_with
from keysteward.rules.troubleshooting.connection import Connection, read_env
from keysteward.rules.troubleshooting.diagnosis import diagnose
from keysteward.rules.troubleshooting.facts import Facts, Place, values_of

_TEXT, _WHERE, _PROOF = "An error", "Where and who", "What proves it"
_NOTHING_LOOKED_AT = "Nothing was looked at."
_MARKS = {"good": "[bold green]✓[/]", "bad": "[bold red]✗[/]", "not asked": "[dim]–[/]"}
_MOST_CAUSES_OF_OTHERS = 2

console = Console(highlight=False)


def doctor(
    error: Annotated[
        str | None, typer.Argument(help="What you were answered; - reads it from standard input.", show_default=False)
    ] = None,
    error_file: Annotated[
        Path | None, typer.Option("--error-file", help="A file that holds it.", rich_help_panel=_TEXT)
    ] = None,
    env_file: Annotated[
        Path | None,
        typer.Option(help="A file of variables: the twin's dev.env, or your program's own.", rich_help_panel=_WHERE),
    ] = None,
    environment: Annotated[
        EnvironmentName, typer.Option(help="Which one; in an env file, production's variables begin with PRODUCTION_.")
    ] = EnvironmentName.demo,
    server: Annotated[str, typer.Option(help="The account server: HOST:PORT.", rich_help_panel=_WHERE)] = "",
    key: Annotated[str, typer.Option(help="The integration key.", rich_help_panel=_WHERE)] = "",
    user: Annotated[str, typer.Option(help="The user id to impersonate.", rich_help_panel=_WHERE)] = "",
    account: Annotated[str, typer.Option(help="The account id to call.", rich_help_panel=_WHERE)] = "",
    redirect_uri: Annotated[str, typer.Option(help="The redirect URI of the app.", rich_help_panel=_WHERE)] = "",
    private_key_file: Annotated[str, typer.Option(help="The RSA private key, as PEM.", rich_help_panel=_PROOF)] = "",
    secret_file: Annotated[
        Path | None, typer.Option(help="A file with the secret key.", rich_help_panel=_PROOF)
    ] = None,
    ca_file: Annotated[
        str, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust.", rich_help_panel=_PROOF)
    ] = "",
) -> None:
    """Name the cause of an error, or check a connection step by step: docs/guides/troubleshooting.md."""
    said = {
        "server": server, "key": key, "user": user, "account": account, "redirect_uri": redirect_uri,
        "private_key_file": private_key_file, "ca_file": ca_file, "secret": _read(secret_file).strip(),
    }  # fmt: skip
    connection = _connection(env_file, environment, said)
    text = _error_text(error, error_file, is_connected=bool(connection.server or connection.key))
    if text is None:
        raise typer.Exit(_check(connection, environment))
    if not text.strip():
        _stop_without_anything()
    raise typer.Exit(_explain(text, connection, environment))


def _explain(unverified_text: str, connection: Connection, environment: EnvironmentName) -> int:
    """Say what a text means; 0 where it is known."""
    found = [each.article for each in diagnose(clues.read(unverified_text))]
    if not found:
        console.print("[bold]Nothing in this text is known here.[/] Give all of it: status, body and address.")
        return 1
    _show_found(found, connection, environment)
    return 0


def _check(connection: Connection, environment: EnvironmentName) -> int:
    """Examine a connection, saying every step as it is done; 0 where all that was asked is good."""
    failed: Step | None = None
    console.print(f"[bold]{escape(connection.host)}[/] [dim]as {environment.value} knows it[/]\n")
    for step in examine(connection):
        console.print(_line(step))
        failed = step if step.outcome == "bad" else failed
    console.print()
    if failed is None:
        console.print("[bold green]Everything that was asked is good.[/]")
        return 0
    console.print(f"[bold red]It fails at:[/] {escape(failed.name)}.\n")
    _show_found(_causes_of(failed, environment), connection, environment)
    return 1


def _causes_of(step: Step, environment: EnvironmentName) -> list[Article]:
    if named := library.article_named(step.article):
        return [named]
    found = diagnose(clues.read(step.evidence), environment.value) if step.evidence else []
    return [each.article for each in found]


def _line(step: Step) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=1)
    table.add_column(width=20)
    table.add_column(overflow="fold")
    style = "dim" if step.outcome == "not asked" else ""
    table.add_row(_MARKS[step.outcome], Text(step.name, style=style or "bold"), Text(step.sentence, style))
    return table


def _show_found(found: Sequence[Article], connection: Connection, environment: EnvironmentName) -> None:
    """The likeliest article whole, the others shortly."""
    values = _values(connection, environment)
    for number, article in enumerate(found):
        is_first = number == 0
        causes = article.causes if is_first else article.causes[:_MOST_CAUSES_OF_OTHERS]
        body = Group(_text(article.means, values), Text(), *_causes(causes, values))
        title = f"[bold]{escape(article.title)}[/]"
        kind = "Most likely" if is_first else "Or"
        style = "yellow" if is_first else "dim"
        console.print(Panel(body, title=f"{kind}: {title}", title_align="left", border_style=style, padding=(1, 2)))


def _causes(causes: Sequence[Cause], values: Mapping[str, str]) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for number, cause in enumerate(causes, 1):
        table = Table.grid(padding=(0, 1))
        table.add_column(width=2, style="bold cyan")
        table.add_column(overflow="fold")
        table.add_row(f"{number}.", _text(cause.how, values, "bold"))
        table.add_row("", _text(cause.fix, values))
        if cause.shows:
            table.add_row("", Padding(Text(filled_with(cause.shows, values), "green"), (0, 0, 0, 2)))
        shown.append(Padding(table, (0, 0, 1 if number < len(causes) else 0, 0)))
    return shown


def _text(text: str, values: Mapping[str, str], style: str = "") -> Text:
    """A text with the values in it told apart, and what is unknown in angle brackets."""
    shown = Text(style=style)
    for part in parts(text, values):
        shown.append(part.words)
        if part.is_code and not part.is_known:
            shown.append(f"<{part.value}>", "italic")
        else:
            shown.append(part.value, "cyan" if part.is_code else "")
    return shown


def _values(connection: Connection, environment: EnvironmentName) -> dict[str, str]:
    place = Place(connection.origin if connection.server else "", user=connection.user)
    values = values_of(Facts(environment.value), place)
    known = {"key": connection.key, "account": connection.account, "redirect_uri": connection.redirect_uri}
    return values | {name: value for name, value in known.items() if value}


def _connection(env_file: Path | None, environment: EnvironmentName, said: Mapping[str, str]) -> Connection:
    """What the options say, and for what they leave out the file."""
    of_file = read_env(_read(env_file), environment.value) if env_file else {}
    given = {name: value for name, value in said.items() if value}
    return replace(Connection(), **(of_file | given))


def _error_text(error: str | None, file: Path | None, *, is_connected: bool) -> str | None:
    """The error that was given, wherever; None where a connection is to be checked."""
    if error not in {None, "-"}:
        return error
    if file is not None:
        return _read(file)
    if error == "-" or (not is_connected and not sys.stdin.isatty()):
        return sys.stdin.read()
    if not is_connected:
        _stop_without_anything()
    return None


def _stop_without_anything() -> NoReturn:
    stop(
        "There is neither an error nor a connection to look at.",
        "Give the error as an argument, or name an --env-file or --server and --key.",
        done=_NOTHING_LOOKED_AT, status=2,
    )  # fmt: skip


def _read(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(errors="replace")
    except OSError as error:
        stop(f"{file}: {error.strerror}", "Name a file that can be read.", done=_NOTHING_LOOKED_AT, status=2)
