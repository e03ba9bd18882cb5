"""How do the tests apply a file without the command, and how do they read what came of it?"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from keysteward.actions import accounts, export
from keysteward.actions.export import Registered, Snapshot
from keysteward.rules.access import Actor
from keysteward.rules.words import Environment
from keysteward.twin.declared.checking import check
from keysteward.twin.declared.exported import declaration_of
from keysteward.twin.declared.place import Kept
from keysteward.twin.declared.playing import play
from keysteward.twin.declared.problems import Mistakes
from keysteward.twin.declared.reading import Declared, read
from keysteward.twin.declared.stage import Made
from keysteward.twin.declared.written import written
from tests.cast import START, Person, Town

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "declared-twins.md"
NOTHING_KEPT: dict[Environment, Kept] = {
    "demo": Kept(None, None, frozenset()),
    "production": Kept(None, None, frozenset()),
}

_OWN = {
    "User": frozenset({"least_epoch"}),
    "Domain": frozenset({"id", "token", "checked_at", "confirmed_at", "due_at", "outcome", "said"}),
    "App": frozenset({"version", "least_epoch"}),
    "Secret": frozenset({"id", "hint", "created_by"}),
    "Keypair": frozenset({"id", "created_by", "public_pem", "thumbprint"}),  # what is generated is another one
    "Call": frozenset({"sequence", "trace", "url_digest"}),
    "Review": frozenset({"id", "cut_sequence", "evidence_digest"}),
    "Provider": frozenset({"client_secret_sealed"}),
    "Leak": frozenset({"id", "hint"}),
    "Leaked": frozenset({"successor"}),
    "Waiver": frozenset({"id"}),
    "Finding": frozenset({"call"}),
    "Transfer": frozenset({"id", "record"}),
    "Confirmation": frozenset({"paper"}),
    "Departure": frozenset({"id"}),
    "Registered": frozenset({"sealed"}),  # ids
    "Retirement": frozenset({"id"}),
    "RecoveryContact": frozenset({"digest", "expires_at"}),
    "Recipient": frozenset({"id"}),
    "Drill": frozenset({"id", "reminded"}),
    "Webhook": frozenset({"id", "secret_sealed", "repeats", "repeats_since"}),
    "Token": frozenset({"id"}),
    "Invitation": frozenset({"id", "digest"}),
    "Life": frozenset({"id", "found_at", "severity", "sentence"}),  # judged at another moment
}

ACCOUNT = """
[[demo.accounts]]
name = "Acme"
"""
ADA = """
[[demo.users]]
email = "ada@acme.example"
"""
APP = """
[[demo.apps]]
name = "Lease signer"
"""
LIVE = """
review = "live"
[[production.accounts]]
name = "Acme"
[[production.users]]
email = "ada@acme.example"
[[production.apps]]
key = "Lease signer"
"""
SMALL = ACCOUNT + ADA + APP


class Full(NamedTuple):
    """A town that a file was played into, and what was made there."""

    town: Town
    made: dict[Environment, Made]


def example(name: str) -> str:
    """A file that the guide shows."""
    found = re.search(rf"```toml\n# {re.escape(name)}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found, name
    return found[1]


def read_text(folder: Path, text: str, name: str = "twin.toml") -> Declared:
    """What a file of this text declares, if nothing is wrong with it."""
    file = folder / name
    file.write_text(text)
    declared = read(file)
    check(declared.declaration)
    return declared


def apply(town: Town, folder: Path, text: str, name: str = "twin.toml") -> dict[Environment, Made]:
    """Play a file into an empty town."""
    contexts = {ctx.environment: ctx for ctx in (town.demo, town.production)}
    scenes: list[str] = []
    return play(contexts, read_text(folder, text, name).declaration, scenes.append)


@contextmanager
def mistaken(*expected: str) -> Iterator[None]:
    """Expect a file to be refused with exactly these mistakes, each as `path: sentence`."""
    with pytest.raises(Mistakes) as caught:
        yield
    assert tuple(f"{path}: {sentence}" for path, sentence in caught.value.problems) == expected


def exported(town: Town, name: str = "twin.json", kept: dict[Environment, Kept] | None = None) -> str:
    """The file that a town would be written into."""
    demo, production = export.read(town.demo), export.read(town.production)
    return written(declaration_of(demo, production, kept or NOTHING_KEPT, 0.0), Path(name))


def again(model: Town, second: Town, folder: Path, name: str = "twin.json") -> tuple[str, str]:
    """The file of a town, and the file of the town that was made from it."""
    first = exported(model, name)
    apply(second, folder, first, name)
    return first, exported(second, name)


def snapshots(town: Town) -> tuple[Snapshot, Snapshot]:
    """All that is in demo and in production."""
    return export.read(town.demo), export.read(town.production)


def essence(value: object) -> object:
    """What a snapshot says, without what every twin makes for itself: ids, sequence numbers, digests and the like."""
    own = _OWN.get(type(value).__name__, frozenset[str]())
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return essence({name: each for name, each in value._asdict().items() if name not in own})
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: essence(getattr(value, each.name)) for each in fields(value) if each.name not in own}
    if isinstance(value, dict):
        return {name: essence(each) for name, each in value.items()}
    return [essence(each) for each in value] if isinstance(value, list | tuple) else value


def app_in(snapshot: Snapshot, name: str = "Lease signer") -> Registered:
    """An app by its name."""
    return next(each for each in snapshot.apps if each.app.name == name)


def copy_of(model: Town, files: Path, folder: Path) -> Town:
    """A town with the same keys, as empty as the model's files are."""
    return Town(shutil.copytree(files, folder), model=model)


def ada(town: Town) -> Actor:
    """Ada in demo."""
    user = snapshots(town)[0].people[0].standings[0].user
    return Actor(user.id, user.email, START)


def ada_of(town: Town) -> Person:
    """Ada, as she is in this town's demo environment."""
    user = accounts.list_standings_by_email(town.demo, "ada@acme.example")[0].user
    return Person(user.first_name, user.last_name, user.email, user.id, "", service=False)
