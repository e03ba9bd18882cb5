"""How does an operator's command open one environment, and say what was refused?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console

from keysteward.actions.context import Context
from keysteward.assembly import CannotStart, assemble, close
from keysteward.cli.options import AlgorithmName, EnvironmentName, files_of, stop
from keysteward.rules.refusals import Refusal
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
) -> Iterator[Context]:
    """One environment, for as long as the block lasts; a refusal in it ends the command with what to do next.

    A command that takes no algorithm goes by the variable of `serve`, or it would make a key of the other kind. One
    that writes mail says the origin, for the mail does.
    """
    chosen = algorithm or AlgorithmName(os.environ.get("KEYSTEWARD_ALGORITHM", "RS256")).value
    settings = Settings(
        environment.value, "serve", database, files_of(master_key_file), origin, _NOWHERE, algorithm=chosen
    )
    try:
        ctx = assemble(settings)
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
