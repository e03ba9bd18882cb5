"""Does the command follow a key from one account to another, and leave the signing to people?"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keysteward.actions import signin, transfer_views
from keysteward.cli.transfers import transfers
from keysteward.rules.access import TRANSFER_KEYS, Actor
from tests.cast import ADA, MALLORY, STRANGE, Made, Person, Town
from tests.transferring import confirm
from tests.web.api.program import answering


class Desk:
    """Production, answering, and the command as several people run it."""

    def __init__(self, town: Town, folder: Path, address: str) -> None:
        self.town = town
        self._folder = folder
        self._address = address

    def actor(self, by: Person) -> Actor:
        """Somebody in production."""
        return self.town.actor(by, self.town.production)

    def run(self, by: Person, *arguments: str) -> tuple[int, str]:
        """Run the command: its exit status, and what it said."""
        token, ctx = self._folder / by.first_name, self.town.production
        if not token.exists():
            kept = frozenset({TRANSFER_KEYS})
            token.write_text(signin.issue_personal_token(ctx, self.town.actor(by, ctx), "CLI", kept, 30))
        options = ["--to", self._address, "--token-file", str(token)]
        done = CliRunner().invoke(transfers, [*arguments, *options], env={"COLUMNS": "400"})
        return done.exit_code, done.output


@pytest.fixture
def desk(town: Town, made: Made, tmp_path: Path) -> Iterator[Desk]:
    """A desk, once Ada's app is live."""
    town.go_live(made)
    with ExitStack() as doors:
        yield Desk(town, tmp_path, doors.enter_context(answering(town.production)))


def test_the_whole_way(desk: Desk, made: Made, tmp_path: Path) -> None:
    """Previewed, offered, accepted and recorded by the command; each answer says whose turn it is and where."""
    assert "secrets: 1" in desk.run(ADA, "preview", made.key)[1]
    status, said = desk.run(ADA, "start", made.key, STRANGE.production)
    assert (status, "To be accepted." in said, "Your turn, in the console" in said) == (0, True, True), said
    listed = desk.run(MALLORY, "list")[1]
    transfer = listed.split()[0]
    assert listed.endswith("to be accepted: Lease signer to Strange\n")
    said = desk.run(MALLORY, "accept", transfer)[1]
    assert "for the destination you type: Strange takes Lease signer" in said
    (begun,) = [each.transfer for each in transfer_views.list_seen(desk.town.production, desk.actor(ADA))]
    confirm(desk.town, begun, "source", ADA)
    confirm(desk.town, begun, "destination", MALLORY)

    assert "Moved." in desk.run(ADA, "show", transfer)[1]
    assert desk.run(MALLORY, "record", transfer, str(tmp_path / "record.jws"))[0] == 0
    assert (tmp_path / "record.jws").read_text().count(".") == 2


def test_it_says_why_not(desk: Desk, made: Made) -> None:
    """A refusal in the server's words, and where to read on; nothing was changed."""
    status, said = desk.run(ADA, "start", made.key, made.key)

    assert (status, "invalid-field" in said, "/help/refusals" in said) == (1, True, True), said
    assert desk.run(MALLORY, "preview", made.key)[0] == 1


def test_it_cancels(desk: Desk, made: Made) -> None:
    """Either side, with a reason."""
    desk.run(ADA, "start", made.key, STRANGE.production)
    transfer = desk.run(ADA, "list")[1].split()[0]

    assert "Cancelled." in desk.run(MALLORY, "cancel", transfer, "--reason", "We expect no key.")[1]
