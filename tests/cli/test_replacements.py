"""Does the command follow a cut-over, prove, retire and bring back, and say what comes next?"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keysteward.actions import signin
from keysteward.cli.replacements import replacement
from keysteward.rules.access import READ_KEYS, TRANSFER_KEYS, WRITE_KEYS
from tests.cast import ADA, CY, MALLORY, SAM, Made, Person, Town
from tests.replacing import replace_key
from tests.transferring import add_second
from tests.web.api.program import answering


class Desk:
    """Production, answering, and the command as several people run it."""

    def __init__(self, town: Town, folder: Path, address: str) -> None:
        self.town = town
        self._folder = folder
        self._address = address

    def run(self, by: Person, *arguments: str) -> tuple[int, str]:
        """Run the command: its exit status, and what it said."""
        token, ctx = self._folder / by.first_name, self.town.production
        if not token.exists():
            kept = frozenset({READ_KEYS, WRITE_KEYS, TRANSFER_KEYS})
            token.write_text(signin.issue_personal_token(ctx, self.town.actor(by, ctx), "CLI", kept, 30))
        options = ["--to", self._address, "--token-file", str(token)]
        done = CliRunner().invoke(replacement, [*arguments, *options], env={"COLUMNS": "400"})
        return done.exit_code, done.output


@pytest.fixture
def old(town: Town, made: Made) -> Made:
    """Ada's app, live."""
    return town.go_live(made)


@pytest.fixture
def new(town: Town, old: Made) -> Made:
    """Mallory's, in its place."""
    return replace_key(town, old)


@pytest.fixture
def desk(town: Town, new: Made, tmp_path: Path) -> Iterator[Desk]:
    """A desk, once both are live."""
    assert new.key
    with ExitStack() as doors:
        yield Desk(town, tmp_path, doors.enter_context(answering(town.production)))


def test_the_whole_way(desk: Desk, old: Made, new: Made, tmp_path: Path) -> None:
    """Previewed, listed, proved, retired and brought back; each answer says how it stands."""
    assert "secrets: 1" in desk.run(ADA, "preview", old.key)[1]
    assert desk.run(ADA, "list")[1] == f"{new.key}  cutting over: New signer for {old.key}\n"
    secret = tmp_path / "secret"
    secret.write_text(old.secret)
    assert desk.run(MALLORY, "show", new.key)[0] == 1
    status, said = desk.run(MALLORY, "prove", new.key, "--secret-file", str(secret))
    assert (status, said.startswith("Proved.\nNew signer")) == (0, True), said

    desk.town.call(old, ctx=desk.town.production)
    assert "Not safe to retire yet: It was called with" in desk.run(ADA, "show", new.key)[1]
    status, said = desk.run(ADA, "retire", new.key)
    assert (status, "not-safe-to-retire" in said) == (1, True), said
    said = desk.run(ADA, "retire", new.key, "--despite-use", "--reason", "Moved.")[1]
    assert "Retired, by ada@acme.example. It can be brought back until" in said
    kept = tmp_path / "record.jws"
    assert desk.run(MALLORY, "record", new.key, str(kept)) == (0, f"Kept in {kept}.\n")
    assert kept.read_text().count(".") == 2
    assert "Brought back, by ada@acme.example." in desk.run(ADA, "undo", new.key)[1]


def test_an_organization_asks(desk: Desk, new: Made) -> None:
    """And its second admin is told where to approve."""
    add_second(desk.town)
    assert "To be approved, by cy@acme.example." in desk.run(CY, "retire", new.key, "--as", "stand-in")[1]
    assert f"/replacements/{new.key}" in desk.run(SAM, "show", new.key)[1]


def test_a_file_that_is_not_there(desk: Desk, new: Made, tmp_path: Path) -> None:
    """Nothing is sent."""
    status, said = desk.run(MALLORY, "prove", new.key, "--secret-file", str(tmp_path / "none"))
    assert (status, "Name a file that can be read." in said) == (2, True)
    assert "No key of your accounts" in desk.run(SAM, "list")[1]
