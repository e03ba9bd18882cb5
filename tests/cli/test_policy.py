"""Does `keysteward policy` show, apply and tell, and `keysteward legacy` waive?"""

import contextlib
import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.actions import keys, setup
from keysteward.assembly import assemble, close, found
from keysteward.cli.app import app
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.policy import DEFAULT
from keysteward.rules.policy_text import read
from keysteward.settings import Settings
from tests.cast import PASSWORD

KEY = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"


class House:
    """A demo environment as an operator has it: a database and a master key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {
            "COLUMNS": "300",
            "KEYSTEWARD_ENVIRONMENT": "demo",
            "KEYSTEWARD_DATABASE": f"sqlite:///{folder / 'demo.db'}",
            "KEYSTEWARD_MASTER_KEY_FILE": str(folder / "demo.key"),
        }

    def create_app(self) -> str:
        """An account with an admin and an app; its key."""
        nowhere = "https://localhost"
        database, key_file = self.variables["KEYSTEWARD_DATABASE"], self.folder / "demo.key"
        ctx = assemble(Settings("demo", "serve", database, (key_file,), nowhere, nowhere))
        ada = NewUser("ada@acme.example", "Ada", "Admin", ADMIN, PASSWORD)
        standing = setup.bootstrap(ctx, "Acme", "Developer", ada)
        actor = Actor(standing.user.id, standing.user.email, ctx.now)
        app = keys.create(ctx, actor, standing.account.id, keys.Draft("Till", "team@acme.example"))
        close(ctx)
        return app.key

    def run(self, *arguments: object) -> Result:
        """Run the command on this environment."""
        with contextlib.chdir("/"):
            return CliRunner().invoke(app, [str(argument) for argument in arguments], env=self.variables)

    def apply(self, text: str, *arguments: str, name: str = "policy.toml") -> Result:
        """Apply a file."""
        file = self.folder / name
        file.write_text(text)
        return self.run("policy", "apply", file, "--author", "Olga", "--reason", "The plan.", *arguments)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A new environment."""
    nowhere = "https://localhost"
    found(Settings("demo", "serve", f"sqlite:///{tmp_path / 'demo.db'}", (tmp_path / "demo.key",), nowhere, nowhere))
    return House(tmp_path)


def test_looking_makes_no_key_of_another_kind(house: House) -> None:
    """An environment that signs with ES256 gets no RS256 key from a command that only looks."""
    house.variables["KEYSTEWARD_ALGORITHM"] = "ES256"
    house.run("policy", "show")
    listed = house.run("signing-keys", "list", "--algorithm", "ES256")

    assert (listed.exit_code, "ES256" in listed.stdout, "RS256" in listed.stdout) == (0, True, False), listed.output


def test_what_is_shown_can_be_applied(house: House) -> None:
    """`policy show` prints a file that `policy apply` takes: every number, as TOML."""
    shown = house.run("policy", "show")

    assert (shown.exit_code, shown.stdout.startswith("# Version 1, ")) == (0, True)
    assert read(tomllib.loads(shown.stdout), DEFAULT) == DEFAULT


def test_a_version_is_applied_and_told(house: House) -> None:
    """Which number went from where to where; then it is shown, and so is every earlier one."""
    said = house.apply('calls_needed = 30\npolling_gap = "20m"\n')

    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == ["Version 2 applies.", "  calls_needed: 20 → 30", '  polling_gap: "15m" → "20m"']
    assert "calls_needed = 30" in house.run("policy", "show").stdout
    assert "calls_needed = 20" in house.run("policy", "show", "--version", 1).stdout
    history = house.run("policy", "history").stdout.splitlines()
    assert [line.split(",")[0] for line in history[::2]] == ["Version 2", "Version 1"]
    assert history[0].endswith("by Olga: The plan.")
    assert (history[1].strip(), history[3].strip()) == ("calls_needed, polling_gap", "every number")


def test_json_is_taken_too(house: House) -> None:
    """A file whose name ends in .json."""
    assert house.apply(json.dumps({"calls_needed": 30}), name="policy.json").exit_code == 0


def test_a_plan_of_phases(house: House) -> None:
    """Phases with TOML's own dates, and brown-outs; opening what was blocked needs a second operator."""
    plan = (
        'legacy_phases = [{ phase = "measure" }, { phase = "block all", from = 2027-03-31 }]\n'
        '[[legacy_brown_outs]]\ndays = ["tue", "thu"]\nat = ["09:00", 14:30:00]\nlength = "10m"\n'
    )
    alone = house.apply(plan)
    together = house.apply(plan, "--second", "Otto")

    assert (alone.exit_code, "legacy_phases" in alone.stderr) == (1, True)
    assert "--second" in alone.stderr
    assert together.exit_code == 0, together.output
    assert '[{ phase = "measure" }, { phase = "block all", from = "2027-03-31T00:00:00Z" }]' in together.stdout
    assert "approved by Otto" in house.run("policy", "history").stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("calls_needed = 0", "calls_needed: choose 1 to 1000."),
        ("calls = 20", "calls: there is no such number"),
        ('code_life = "soon"', "code_life: say a duration"),
        ("calls_needed = 20", "The file says what applies already."),
        ("calls_needed", "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(house: House, text: str, words: str) -> None:
    """The field, the reason and what is allowed; nothing is changed."""
    said = house.apply(text)

    assert (said.exit_code, said.stdout) == (1, "")
    assert words in said.stderr
    assert house.run("policy", "history").stdout.startswith("Version 1,")


@pytest.mark.parametrize(("name", "text"), [("a.json", "[1]"), ("a.json", "{"), ("a.toml", "\udcff")], ids=range(3))
def test_a_file_that_is_none(house: House, name: str, text: str) -> None:
    """What is no document is refused by its name."""
    file = house.folder / name
    file.write_bytes(text.encode(errors="surrogateescape"))
    said = house.run("policy", "apply", file, "--author", "Olga", "--reason", "Why.")

    assert (said.exit_code, str(file) in said.stderr) == (1, True)


def test_a_missing_file_and_version(house: House) -> None:
    """What is not there is named."""
    missing = house.run("policy", "apply", "/nowhere.toml", "--author", "Olga", "--reason", "Why.")

    assert (missing.exit_code, "/nowhere.toml" in missing.stderr) == (1, True)
    assert house.run("policy", "show", "--version", 7).exit_code == 1


GIVEN = ("--owner", "ada@acme.example", "--reason", "The till.", "--by", "Olga")


def test_a_waiver_is_made_listed_and_ended(house: House) -> None:
    """An operator names owner, reason and end; the list says whether it holds, and who ended it."""
    key = house.create_app()
    until = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"

    made = house.run("legacy", "waive", key, *GIVEN, "--until", until)
    assert made.stdout == f"{key} may go on until {until} 00:00 UTC.\n", made.output
    first, second = house.run("legacy", "waivers").stdout.splitlines()
    assert first == f"{key}: holds until {until} 00:00 UTC; owner ada@acme.example"
    assert second.startswith("  The till. (by Olga, ")
    assert house.run("legacy", "revoke", key, "--by", "Otto").stdout == "The waiver ended.\n"
    assert " by Otto; owner ada@acme.example" in house.run("legacy", "waivers").stdout


def test_a_waiver_that_cannot_be(house: House) -> None:
    """A date too far ahead, one that is none, and a key without a waiver are refused."""
    assert house.run("legacy", "waivers").stdout == "No key has a waiver.\n"
    unknown = house.run("legacy", "waive", KEY, *GIVEN, "--until", "2099-01-31")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "until" in unknown.stderr
    soon = house.run("legacy", "waive", KEY, *GIVEN, "--until", "tomorrow")
    assert (soon.exit_code, "tomorrow is no date" in soon.stderr) == (1, True)
    none = house.run("legacy", "revoke", KEY, "--by", "Olga")
    assert (none.exit_code, "There is no such waiver here." in none.stderr) == (1, True)
