"""How does an operator's command open one environment, and say what was refused?"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from keysteward.actions.context import Context
from keysteward.assembly import CannotStart, assemble, close
from keysteward.cli.options import AlgorithmName, EnvironmentName, files_of, stop
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import Environment
from keysteward.settings import Algorithm, Settings

NOTHING_DONE = "Nothing was changed."
_NOWHERE = "https://localhost"

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def opened(
    environment: EnvironmentName,
    database: str,
    master_key_file: str,
    algorithm: Algorithm | None = None,
    origin: str = _NOWHERE,
    dns_servers: tuple[str, ...] = (),
    domain_prefix: str = "keysteward",
    domain_target: str = "",
) -> Iterator[Context]:
    """One environment, for as long as the block lasts; a refusal in it ends the command with what to do next.

    A command that takes no algorithm goes by the variable of `serve`, or it would make a key of the other kind. One
    that writes mail says the origin, for the mail does.
    """
    chosen = algorithm or AlgorithmName(os.environ.get("KEYSTEWARD_ALGORITHM", "RS256")).value
    settings = Settings(
        environment=environment.value,
        profile="serve",
        database=database,
        master_key_files=files_of(master_key_file),
        origin=origin,
        other_origin=_NOWHERE,
        algorithm=chosen,
        dns_servers=dns_servers,
        domain_prefix=domain_prefix,
        domain_target=domain_target,
    )
    with _acting(settings) as ctx:
        yield ctx


@contextmanager
def opened_twin(environment: EnvironmentName, data: Path) -> Iterator[Context]:
    """One environment of the twin in a folder, at the twin's own time; the twin may run meanwhile."""
    from keysteward.twin.folder import Folder  # noqa: PLC0415 — on demand

    folder = Folder(data)
    name: Environment = environment.value
    if not folder.is_seeded():
        _stop(f"There is no twin in {data}.", "Name the folder that keysteward dev has as its --data.")
    settings = Settings(name, "twin", folder.address(name), (folder.master_key(name),), _NOWHERE, _NOWHERE)
    with _acting(settings, folder.load_clock()) as ctx:
        yield ctx


@contextmanager
def _acting(settings: Settings, clock: Callable[[], datetime] | None = None) -> Iterator[Context]:
    try:
        ctx = assemble(settings, clock)
    except CannotStart as error:
        _stop(str(error), "Mend that and try again.")
    try:
        yield ctx
    except Refusal as refusal:
        _stop(refusal.sentence, refusal.next_step)
    finally:
        close(ctx)


def _stop(sentence: str, next_step: str) -> NoReturn:
    stop(sentence, next_step, done=NOTHING_DONE)
