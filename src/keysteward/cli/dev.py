"""What does `keysteward dev` do? It runs demo and production on this machine, seeded, in one process."""

import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.assembly import CannotStart, assemble, close, found
from keysteward.cli.declaring import fill, read_checked, show_mistakes, write_export
from keysteward.cli.panel import show_panel, show_trust
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import ENVIRONMENTS, OTHER, Environment
from keysteward.serve.house import Place, serve
from keysteward.serve.logs import log_to_stderr
from keysteward.settings import Settings
from keysteward.twin import certificates, control, seed
from keysteward.twin.clock import TwinClock
from keysteward.twin.declared.problems import Mistakes
from keysteward.twin.declared.reading import SUFFIXES, Declared
from keysteward.twin.dns import TwinDns
from keysteward.twin.faults import Arsenal
from keysteward.twin.files import write_private
from keysteward.twin.folder import Busy, Damaged, Folder, NotOurs
from keysteward.twin.injecting import around
from keysteward.twin.sockets import PortForbidden, PortTaken, listen
from keysteward.web.app import Door
from keysteward.web.pages import style

console = Console()
complaints = Console(stderr=True)


def dev(
    data: Annotated[Path, typer.Option(help="The folder that everything is kept in.")] = Path(".keysteward"),
    demo_port: Annotated[int, typer.Option(min=0, max=65535, help="Demo's port; 0 picks one.")] = 8443,
    production_port: Annotated[int, typer.Option(min=0, max=65535, help="Production's port; 0 picks one.")] = 9443,
    host_name: Annotated[
        list[str] | None, typer.Option(help="A further host name: demo=NAME or production=NAME; repeatable.")
    ] = None,
    seed_file: Annotated[
        Path | None,
        typer.Option("--seed", help="Fill a new twin with what this file declares (JSON or TOML)."),
    ] = None,
    export_file: Annotated[
        Path | None,
        typer.Option("--export", help="Write what is in the twin into such a file, and stop; it may run meanwhile."),
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
    log_to_stderr(logging.WARNING)
    folder = Folder(data)
    names = _host_names(host_name or [])
    ports: dict[Environment, int] = {"demo": demo_port, "production": production_port}
    _demand_possible(seed_file, export_file, reset=reset)
    with _told_plainly(data, seed_file):
        if export_file is not None:
            _export(folder, export_file)
            return
        declared = None if seed_file is None else read_checked(seed_file)
        folder.prepare()
        if trust:
            _show_trust(folder)
            return
        with folder.held():
            if declared is not None and not reset:
                _demand_same(folder, declared)
            folder.ready.unlink(missing_ok=True)
            _run(folder, ports, names, declared, reset=reset, began=began)


@contextmanager
def _told_plainly(data: Path, seed_file: Path | None) -> Iterator[None]:
    """Whatever keeps the twin from starting is said in a sentence, with what to do next."""
    try:
        yield
    except Mistakes as mistakes:
        complaints.print(f"[bold red]Not started.[/] {escape(str(seed_file))} cannot be applied:", highlight=False)
        show_mistakes(complaints, mistakes)
        complaints.print("Mend it and start again.", highlight=False)
        raise typer.Exit(2) from None
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
    declared: Declared | None,
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
        _start(folder, sockets, hosts, names, declared, began)
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
    declared: Declared | None,
    began: float,
) -> None:
    ca_file = certificates.ca_file(folder.certificates)
    clock, dns = folder.load_clock(), folder.load_dns()
    pems = {each: certificates.ensure(folder.certificates, each, names[each]) for each in ENVIRONMENTS}
    contexts = {each: _assemble(folder, each, hosts, names[each], clock, dns) for each in ENVIRONMENTS}
    _fill(folder, contexts, clock, declared)
    folder.write_env(hosts, ca_file)
    arsenal = Arsenal()
    doors = (
        Door(style.claims, style.build()),
        Door(control.claims, control.build(clock, folder.token(), arsenal, dns)),
    )
    places = [
        Place(ctx, sockets[each], pems[each], folder.sample_database(each), doors, around=around(ctx, arsenal))
        for each, ctx in contexts.items()
    ]

    async def ready() -> None:
        _write_ready(folder, hosts, ca_file, "ready")
        show_panel(console, folder, hosts, ca_file, seconds=time.monotonic() - began)

    uvloop.run(serve(places, ready))


def _assemble(
    folder: Folder,
    environment: Environment,
    hosts: dict[Environment, str],
    names: tuple[str, ...],
    clock: TwinClock,
    dns: TwinDns,
) -> Context:
    port = hosts[environment].rpartition(":")[2]
    aliases = tuple(f"{name}{suffix}" for name in names for suffix in ("", f":{port}"))
    settings = Settings(
        environment=environment,
        profile="twin",
        database=folder.address(environment),
        master_key_files=(folder.master_key(environment),),
        origin=f"https://{hosts[environment]}",
        other_origin=f"https://{hosts[OTHER[environment]]}",
        host_names=(*aliases, f"127.0.0.1:{port}", f"[::1]:{port}"),
        ca_file=certificates.ca_file(folder.certificates),
    )
    found(settings)
    return assemble(settings, clock, dns)


def _fill(folder: Folder, contexts: dict[Environment, Context], clock: TwinClock, declared: Declared | None) -> None:
    if folder.is_seeded():
        _renew_tokens(folder, contexts)
        return
    with console.status("Filling the new twin") as status:

        def tell(scene: str) -> None:
            status.update(f"Filling the new twin: {scene}")

        if declared is not None:
            fill(folder, contexts, clock, declared, tell)
            return
        played = seed.play(contexts["demo"], contexts["production"], tell)
    folder.keep(played, {each: seed.personal_token(contexts[each]) for each in ENVIRONMENTS})


def _renew_tokens(folder: Folder, contexts: dict[Environment, Context]) -> None:
    for environment, ctx in contexts.items():
        token = folder.kept_token(environment)
        if token is None:
            continue
        try:
            signin.recognize(ctx, token)
        except Refusal:
            folder.renew_token(environment, seed.token_of(ctx, folder.named(environment)["DS_USER_ID"]))


def _export(folder: Folder, file: Path) -> None:
    if not folder.is_seeded():
        _stop(f"There is no twin in {folder.path}.", "Start it once, or name its folder with --data.")
    clock, dns = folder.load_clock(), folder.load_dns()
    hosts: dict[Environment, str] = {"demo": "localhost:8443", "production": "localhost:9443"}
    contexts = {each: _assemble(folder, each, hosts, (), clock, dns) for each in ENVIRONMENTS}
    try:
        write_export(console, folder, contexts, file)
    finally:
        for ctx in contexts.values():
            close(ctx)


def _demand_possible(seed_file: Path | None, export_file: Path | None, *, reset: bool) -> None:
    if export_file is None:
        return
    if seed_file is not None or reset:
        _misused("--export only looks at a twin.", "Give it without --seed and --reset.")
    if export_file.suffix not in SUFFIXES:
        _misused(f"{export_file} is neither JSON nor TOML.", f"Give it a name that ends in {' or '.join(SUFFIXES)}.")


def _demand_same(folder: Folder, declared: Declared) -> None:
    """A twin that was filled with something else keeps it until somebody says otherwise."""
    if folder.is_seeded() and folder.applied() != declared.digest:
        _stop(
            f"{folder.path} was filled with something else than what {declared.file} says now.",
            "To forget all data and apply the file, add --reset; to start the twin as it is, leave --seed out.",
        )


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
