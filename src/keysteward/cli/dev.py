"""What does `keysteward dev` do? It runs demo and production on this machine, seeded, in one process."""

import json
import logging
import os
import socket
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.assembly import CannotStart, assemble
from keysteward.cli.panel import show_panel, show_trust
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import ENVIRONMENTS, OTHER, Environment
from keysteward.serve import Place, serve
from keysteward.settings import Settings
from keysteward.twin import certificates, control, seed
from keysteward.twin.clock import TwinClock
from keysteward.twin.files import write_private
from keysteward.twin.folder import Busy, Damaged, Folder, NotOurs
from keysteward.twin.sockets import PortForbidden, PortTaken, listen
from keysteward.web.app import Door

console = Console()
complaints = Console(stderr=True)


def dev(
    data: Annotated[Path, typer.Option(help="The folder that everything is kept in.")] = Path(".keysteward"),
    demo_port: Annotated[int, typer.Option(min=0, max=65535, help="Demo's port; 0 picks one.")] = 8443,
    production_port: Annotated[int, typer.Option(min=0, max=65535, help="Production's port; 0 picks one.")] = 9443,
    host_name: Annotated[
        list[str] | None, typer.Option(help="A further host name: demo=NAME or production=NAME; repeatable.")
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget all data first; the certificate authority stays.")
    ] = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="Tell how to trust the twin's certificates, and stop.")
    ] = False,
) -> None:
    """Run demo and production on this machine: seeded, with TLS, nothing else to install."""
    began = time.monotonic()
    os.umask(0o077)
    _quiet_logs()
    folder = Folder(data)
    names = _host_names(host_name or [])
    ports: dict[Environment, int] = {"demo": demo_port, "production": production_port}
    try:
        folder.prepare()
        if trust:
            _show_trust(folder)
            return
        with folder.held():
            folder.ready.unlink(missing_ok=True)
            _run(folder, ports, names, reset=reset, began=began)
    except NotOurs as error:
        _stop(f"{error} holds other things.", "Name an empty or new folder with --data.")
    except Busy as error:
        _stop(f"Another twin runs on {data} (process {error}).", "Stop it, or name another folder with --data.")
    except PortTaken as error:
        _stop(f"Port {error} is in use.", "Choose others with --demo-port and --production-port; 0 picks a free one.")
    except PortForbidden as error:
        _stop(f"Port {error} is not yours to open.", "Choose ports above 1023 with --demo-port and --production-port.")
    except Damaged as error:
        _stop(f"{error} cannot be read.", "To forget all data and begin anew, add --reset.")
    except CannotStart as error:
        _stop(str(error), "To forget all data and begin anew, add --reset.")
    except OSError as error:
        _stop(f"{error.strerror}: {error.filename or data}", "Check the folder's permissions and free space.")


def _show_trust(folder: Folder) -> None:
    ca_file = certificates.ca_file(folder.certificates)
    if not ca_file.exists():
        with folder.held():
            certificates.ensure(folder.certificates, "demo", ())
    show_trust(console, ca_file)


def _run(
    folder: Folder,
    ports: dict[Environment, int],
    names: dict[Environment, tuple[str, ...]],
    *,
    reset: bool,
    began: float,
) -> None:
    if ports["demo"] == ports["production"] != 0:
        _misused("Demo and production cannot share a port.", "Give --demo-port and --production-port two numbers.")
    sockets = {environment: listen(ports[environment]) for environment in ENVIRONMENTS}
    hosts: dict[Environment, str] = {
        environment: f"localhost:{sockets[environment][0].getsockname()[1]}" for environment in ENVIRONMENTS
    }
    if reset or not folder.is_seeded():
        folder.clear()
    ca_file = certificates.ca_file(folder.certificates)
    try:
        _write_ready(folder, hosts, ca_file, "starting")
        _start(folder, sockets, hosts, names, began)
    except KeyboardInterrupt:
        console.print()
    finally:
        _write_ready(folder, hosts, ca_file, "stopped")
    console.print("Stopped. Everything is kept; the same command starts it again.")


def _start(
    folder: Folder,
    sockets: dict[Environment, list[socket.socket]],
    hosts: dict[Environment, str],
    names: dict[Environment, tuple[str, ...]],
    began: float,
) -> None:
    ca_file = certificates.ca_file(folder.certificates)
    clock = folder.load_clock()
    pems = {each: certificates.ensure(folder.certificates, each, names[each]) for each in ENVIRONMENTS}
    contexts = {each: _assemble(folder, each, hosts, names[each], clock) for each in ENVIRONMENTS}
    _fill(folder, contexts)
    folder.write_env(hosts, ca_file)
    doors = (Door(control.claims, control.build(clock, folder.token())),)
    places = [
        Place(contexts[each], sockets[each], pems[each], folder.sample_database(each), doors) for each in ENVIRONMENTS
    ]

    async def ready() -> None:
        _write_ready(folder, hosts, ca_file, "ready")
        show_panel(console, folder, hosts, ca_file, seconds=time.monotonic() - began)

    uvloop.run(serve(places, ready))


def _assemble(
    folder: Folder, environment: Environment, hosts: dict[Environment, str], names: tuple[str, ...], clock: TwinClock
) -> Context:
    port = hosts[environment].rpartition(":")[2]
    aliases = tuple(f"{name}{suffix}" for name in names for suffix in ("", f":{port}"))
    return assemble(
        Settings(
            environment=environment,
            profile="twin",
            database=folder.database(environment),
            master_key_file=folder.master_key(environment),
            origin=f"https://{hosts[environment]}",
            other_origin=f"https://{hosts[OTHER[environment]]}",
            host_names=(*aliases, f"127.0.0.1:{port}", f"[::1]:{port}"),
            ca_file=certificates.ca_file(folder.certificates),
        ),
        clock,
    )


def _fill(folder: Folder, contexts: dict[Environment, Context]) -> None:
    demo, production = contexts["demo"], contexts["production"]
    if not folder.is_seeded():
        with console.status("Filling the new twin") as status:
            played = seed.play(demo, production, lambda scene: status.update(f"Filling the new twin: {scene}"))
        folder.keep(played, {each: seed.personal_token(contexts[each]) for each in ENVIRONMENTS})
        return
    for environment in ENVIRONMENTS:
        try:
            signin.recognize(contexts[environment], folder.kept_token(environment))
        except Refusal:
            folder.renew_token(environment, seed.personal_token(contexts[environment]))


def _write_ready(folder: Folder, hosts: dict[Environment, str], ca_file: Path, state: str) -> None:
    facts = {
        "state": state,
        "process": os.getpid(),
        "ca_file": str(ca_file.resolve()),
        "env_file": str(folder.env.resolve()),
    }
    places = {
        environment: {"port": int(host.rpartition(":")[2]), "origin": f"https://{host}"}
        for environment, host in hosts.items()
    }
    write_private(folder.ready, json.dumps(facts | places, indent=2) + "\n")


def _host_names(given: list[str]) -> dict[Environment, tuple[str, ...]]:
    names: dict[Environment, tuple[str, ...]] = {"demo": (), "production": ()}
    for each in given:
        environment, separator, name = each.partition("=")
        if not separator or environment not in names or not _is_host_name(name):
            _misused(f"--host-name {each} cannot be read.", "Say demo=NAME or production=NAME, such as demo=api.local.")
        key: Environment = "demo" if environment == "demo" else "production"
        if name.lower() in names[OTHER[key]]:
            _misused(f"Demo and production cannot both be {name}.", "Give each environment host names of its own.")
        names[key] = (*names[key], name.lower())
    return names


def _is_host_name(name: str) -> bool:
    labels = name.split(".")
    return len(name) <= 253 and all(
        0 < len(label) <= 63 and label.replace("-", "").isalnum() and label.isascii() and label.strip("-") == label
        for label in labels
    )


def _misused(sentence: str, next_step: str) -> NoReturn:
    _stop(sentence, next_step, 2)


def _stop(sentence: str, next_step: str, status: int = 1) -> NoReturn:
    complaints.print("[bold red]Not started.[/]", escape(sentence), highlight=False)
    complaints.print(escape(next_step), highlight=False)
    raise typer.Exit(status)


def _quiet_logs() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.format_exc_info,  # frames only: never the values that were in them
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
