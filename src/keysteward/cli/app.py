"""Which commands are there?

Each is imported when somebody asks for it, for together they take more than a second.
"""

import gc
from collections import UserDict
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command


def _dev() -> typer.Typer:
    from keysteward.cli.dev import dev  # noqa: PLC0415 — on demand

    return _alone(dev)


def _serve() -> typer.Typer:
    from keysteward.cli.serve import serve  # noqa: PLC0415 — on demand

    return _alone(serve)


def _migrate() -> typer.Typer:
    from keysteward.cli.migrate import migrate  # noqa: PLC0415 — on demand

    return _alone(migrate)


def _bootstrap() -> typer.Typer:
    from keysteward.cli.bootstrap import bootstrap  # noqa: PLC0415 — on demand

    return _alone(bootstrap)


def _audit() -> typer.Typer:
    from keysteward.cli.audit import audit  # noqa: PLC0415 — on demand

    return audit


def _policy() -> typer.Typer:
    from keysteward.cli.policy import policy  # noqa: PLC0415 — on demand

    return policy


def _packs() -> typer.Typer:
    from keysteward.cli.packs import packs  # noqa: PLC0415 — on demand

    return packs


def _legacy() -> typer.Typer:
    from keysteward.cli.legacy import legacy  # noqa: PLC0415 — on demand

    return legacy


def _limits() -> typer.Typer:
    from keysteward.cli.limits import limits  # noqa: PLC0415 — on demand

    return limits


def _signing_keys() -> typer.Typer:
    from keysteward.cli.signing_keys import signing_keys  # noqa: PLC0415 — on demand

    return signing_keys


def _gateways() -> typer.Typer:
    from keysteward.cli.gateways import gateways  # noqa: PLC0415 — on demand

    return gateways


def _organizations() -> typer.Typer:
    from keysteward.cli.organizations import organizations  # noqa: PLC0415 — on demand

    return organizations


def _ingest() -> typer.Typer:
    from keysteward.cli.ingest import ingest  # noqa: PLC0415 — on demand

    return _alone(ingest)


def _review() -> typer.Typer:
    from keysteward.cli.review import review  # noqa: PLC0415 — on demand

    return review


def _custody() -> typer.Typer:
    from keysteward.cli.custody import custody  # noqa: PLC0415 — on demand

    return custody


def _smoke_test() -> typer.Typer:
    from keysteward.cli.smoke_test import smoke_test  # noqa: PLC0415 — on demand

    return _alone(smoke_test)


def _transfers() -> typer.Typer:
    from keysteward.cli.transfers import transfers  # noqa: PLC0415 — on demand

    return transfers


def _webhooks() -> typer.Typer:
    from keysteward.cli.webhooks import webhooks  # noqa: PLC0415 — on demand

    return webhooks


def _replacement() -> typer.Typer:
    from keysteward.cli.replacements import replacement  # noqa: PLC0415 — on demand

    return replacement


def _operator() -> typer.Typer:
    from keysteward.cli.operator import operator  # noqa: PLC0415 — on demand

    return operator


def _advice() -> typer.Typer:
    from keysteward.cli.advice import advice  # noqa: PLC0415 — on demand

    return _alone(advice)


def _account() -> typer.Typer:
    from keysteward.cli.account import account  # noqa: PLC0415 — on demand

    return account


def _doctor() -> typer.Typer:
    from keysteward.cli.doctor import doctor  # noqa: PLC0415 — on demand

    return _alone(doctor)


COMMANDS: dict[str, Callable[[], typer.Typer]] = {
    "dev": _dev,
    "serve": _serve,
    "migrate": _migrate,
    "bootstrap": _bootstrap,
    "audit": _audit,
    "operator": _operator,
    "account": _account,
    "signing-keys": _signing_keys,
    "policy": _policy,
    "packs": _packs,
    "legacy": _legacy,
    "limits": _limits,
    "gateways": _gateways,
    "organizations": _organizations,
    "ingest": _ingest,
    "advice": _advice,
    "doctor": _doctor,
    "smoke-test": _smoke_test,
    "transfers": _transfers,
    "replacement": _replacement,
    "webhooks": _webhooks,
    "review": _review,
    "custody": _custody,
}


class _OnDemand(UserDict[str, Any]):
    """Commands by name, each made when it is asked for."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 — Typer keeps the type of its commands to itself
        gc.disable()  # imports leave no garbage, and looking for it again and again is a sixth of their time
        command = get_command(self.data[name]())
        gc.freeze()
        gc.enable()
        command.name = name
        return command


class _Commands(TyperGroup):
    """The commands of COMMANDS."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401 — passed on
        super().__init__(**said)
        self.commands = _OnDemand(COMMANDS)


def _alone(command: Callable[..., None]) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(command)
    return app


app = typer.Typer(
    cls=_Commands,
    name="keysteward",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Issue, prove, promote and safeguard the integration keys of an HTTP API.",
)


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
