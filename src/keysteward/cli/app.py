"""Which commands are there?"""

from importlib.metadata import version
from typing import Annotated

import typer

from keysteward.cli.audit import audit
from keysteward.cli.bootstrap import bootstrap
from keysteward.cli.dev import dev
from keysteward.cli.migrate import migrate
from keysteward.cli.serve import serve

app = typer.Typer(
    name="keysteward",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Issue, prove, promote and safeguard the integration keys of an HTTP API.",
)
app.command()(dev)
app.command()(serve)
app.command()(migrate)
app.command()(bootstrap)
app.add_typer(audit, name="audit")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"keysteward {version('keysteward')}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keysteward: start with `keysteward dev`."""
