"""Does `keysteward operator` help a user who cannot help themselves, and say what it did?"""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.actions import factors, mailing, setup
from keysteward.actions.context import Context
from keysteward.assembly import assemble, close, found
from keysteward.cli.app import app
from keysteward.crypto.totp import code_at
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.settings import Settings
from tests.cast import ADA, PASSWORD


class House:
    """A demo environment as an operator has it, with one admin in it who has a second factor."""

    def __init__(self, folder: Path) -> None:
        keys, nowhere = (folder / "demo.key",), "https://localhost"
        self._settings = Settings("demo", "serve", f"sqlite:///{folder / 'demo.db'}", keys, nowhere, nowhere)
        found(self._settings)
        with self.opened() as ctx:
            admin = NewUser(ADA.email, ADA.first_name, ADA.last_name, ADMIN, PASSWORD)
            self.user = setup.bootstrap(ctx, "Acme", "Developer", admin).user
            actor = Actor(self.user.id, self.user.email, ctx.now)
            draft = factors.draft_app(ctx, actor)
            secret = factors._drafted(ctx, actor, draft.sealed)
            factors.add_app(ctx, actor, draft.sealed, code_at(secret, int(ctx.machine_clock()) // 30))

    @contextlib.contextmanager
    def opened(self) -> Iterator[Context]:
        """The environment itself."""
        ctx = assemble(self._settings)
        yield ctx
        close(ctx)

    def run(self, *arguments: str) -> Result:
        """Run the command on this environment."""
        variables = {
            "COLUMNS": "300",
            "KEYSTEWARD_ENVIRONMENT": "demo",
            "KEYSTEWARD_DATABASE": self._settings.database,
            "KEYSTEWARD_MASTER_KEY_FILE": str(self._settings.master_key_files[0]),
            "KEYSTEWARD_ORIGIN": "https://keys.acme.example/",
        }
        return CliRunner().invoke(app, ["operator", *arguments], env=variables)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A new environment."""
    return House(tmp_path)


def test_an_operator_resets_a_second_factor(house: House) -> None:
    """The only admin comes back in with the password, and is told who did it, and where."""
    done = house.run("reset-factor", ADA.email, "--author", "Olga")

    assert (done.exit_code, "has no second factor any more" in done.stdout) == (0, True)
    with house.opened() as ctx:
        (mail,) = mailing.list_newest(ctx)
        assert mail.letter is not None
        assert not factors.view(ctx, house.user.id).has_any
        assert (mail.recipient, "operator Olga removed" in mail.letter.text) == (ADA.email, True)
        assert mail.letter.text.endswith("Keysteward, demo\nhttps://keys.acme.example\n")


def test_an_operator_takes_along_what_is_held_but_no_request_log(house: House, tmp_path: Path) -> None:
    """A request log is its user's alone. By GUID or address; whoever did not leave is not erased."""
    file = tmp_path / "ada.json"
    said = house.run("export-person", house.user.id.upper(), str(file), "--author", "Olive")
    stays = house.run("erase-person", ADA.email, "--author", "Olive")

    assert (said.exit_code, "but for their request log" in said.stdout) == (0, True)
    told = json.loads(file.read_text())
    assert (told["address"], "request_log" in told) == (ADA.email, False)
    assert (stays.exit_code, "they left first" in stays.stderr) == (1, True)


def test_an_unknown_address_is_said(house: House) -> None:
    """Nothing is changed, and the command fails."""
    done = house.run("reset-factor", "nobody@acme.example", "--author", "Olga")

    assert (done.exit_code, "There is no such user here." in done.stderr) == (1, True)
