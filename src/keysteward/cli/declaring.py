"""What do `--seed` and `--export` do? They apply a file to a new twin, and write a twin back into one."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from keysteward.actions import export
from keysteward.actions.context import Context
from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin import seed
from keysteward.twin.clock import TwinClock
from keysteward.twin.declared import summary
from keysteward.twin.declared.checking import check
from keysteward.twin.declared.exported import declaration_of
from keysteward.twin.declared.playing import play, set_clock
from keysteward.twin.declared.problems import Mistakes
from keysteward.twin.declared.reading import Declared, read
from keysteward.twin.declared.written import written
from keysteward.twin.files import write_private
from keysteward.twin.folder import Folder

_LEFT_OUT = (
    "Secret keys, passwords, tokens and credentials are kept as hashes only and are not in it: write in what your "
    "programs need, or let the next twin make new ones; its declared.json names them. The secrets of authenticator "
    "apps and identity providers are in it."
)


def read_checked(file: Path) -> Declared:
    """What a file declares; raises Mistakes with everything that can be seen to be wrong with it."""
    declared = read(file)
    check(declared.declaration)
    return declared


def fill(
    folder: Folder,
    contexts: dict[Environment, Context],
    clock: TwinClock,
    declared: Declared,
    tell: Callable[[str], None],
) -> None:
    """Apply a checked file to a new twin; what a rule refuses raises Mistakes and leaves the folder cleared."""
    try:
        set_clock(clock, declared.declaration)
        made = play(contexts, declared.declaration, tell)
    except Mistakes:
        folder.clear()
        raise
    said = summary.keep(folder, declared, made)
    variables = {each: summary.variables(said, declared, each) for each in ENVIRONMENTS}
    users: dict[Environment, str | None] = {each: said.place(each).user for each in ENVIRONMENTS}
    tokens = {each: seed.token_of(contexts[each], user) for each, user in users.items() if user is not None}
    folder.keep_declared(declared.digest, variables, tokens)


def write_export(console: Console, folder: Folder, contexts: dict[Environment, Context], file: Path) -> None:
    """Write what is in a twin into a file, whether or not it runs."""
    kept = {each: summary.kept(folder, each) for each in ENVIRONMENTS}
    demo = export.read(contexts["demo"])  # before production: what is promoted meanwhile is there, if not live here yet
    declaration = declaration_of(demo, export.read(contexts["production"]), kept, folder.load_clock().offset_seconds)
    write_private(file, written(declaration, file))
    console.print(Text(f"Written to {file}."), soft_wrap=True)
    console.print(_LEFT_OUT)


def show_mistakes(console: Console, mistakes: Mistakes) -> None:
    """What is wrong with a file, one thing a line."""
    for path, sentence in mistakes.problems:
        console.print(Text.assemble("  ", (path, "bold"), f": {sentence}"), soft_wrap=True)
