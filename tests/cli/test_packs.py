"""Does `keysteward packs` check, install, list and remove, and do installed checks in Python have their say?"""

import contextlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.assembly import found
from keysteward.cli.app import app
from keysteward.settings import Settings
from tests.packs import ENVELOPES, a_document

SAMPLE = Path(__file__).parents[2] / "docs" / "guides" / "orders-pack.toml"
CHECK = {
    "kind": "check",
    "code": "c",
    "check": "odd-calls",
    "distribution": "acme-rules",
    "distribution_version": "1.2",
}
PYTHON = """
def odd(calls):
    odd = [call["sequence"] for call in calls if call["status"] == 299]
    return [(f"Call {sequence} is odd.", "Mend it.", sequence) for sequence in odd]

def broken(calls):
    raise KeyError("a slip")
"""


class Operator:
    """Somebody on the host of a demo environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._variables = {
            "COLUMNS": "300",
            "KEYSTEWARD_ENVIRONMENT": "demo",
            "KEYSTEWARD_DATABASE": f"sqlite:///{folder / 'demo.db'}",
            "KEYSTEWARD_MASTER_KEY_FILE": str(folder / "demo.key"),
        }

    def run(self, *arguments: object) -> Result:
        """Run `keysteward packs`."""
        with contextlib.chdir("/"):
            return CliRunner().invoke(app, ["packs", *map(str, arguments)], env=self._variables)

    def install(self, file: object) -> Result:
        """Install a pack."""
        return self.run("install", file, "--author", "Olga", "--reason", "Our API.")

    def written(self, document: object, name: str = "pack.json") -> Path:
        """A file with a pack."""
        file = self.folder / name
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return file


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """A new environment and its operator."""
    nowhere = "https://localhost"
    found(Settings("demo", "serve", f"sqlite:///{tmp_path / 'demo.db'}", (tmp_path / "demo.key",), nowhere, nowhere))
    return Operator(tmp_path)


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider's distribution in the server's environment, as pip leaves it there."""
    site = tmp_path / "site"
    info = site / "acme_rules-1.2.dist-info"
    info.mkdir(parents=True)
    (site / "acme_rules.py").write_text(PYTHON)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(
        "[keysteward.rules]\nodd-calls = acme_rules:odd\nslips = acme_rules:broken\n"
    )
    monkeypatch.syspath_prepend(site)
    yield
    sys.modules.pop("acme_rules", None)


def test_a_pack_is_checked_with_nothing_running(operator: Operator) -> None:
    """The sample of the guide is good; what is not is named, with what to do."""
    good = operator.run("check", SAMPLE)
    bad = operator.run("check", operator.written(a_document(version=0)))

    assert (good.exit_code, good.stdout) == (
        0, "All 5 examples hold: orders, version 1, with 6 rules and 2 readings.\n",
    )  # fmt: skip
    assert (bad.exit_code, bad.stderr.splitlines()[0]) == (
        1, "The pack is not good. This pack cannot be used: version: Expected `int` >= 1.",
    )  # fmt: skip


def test_a_pack_comes_and_goes(operator: Operator) -> None:
    """Installed, listed with a star, replaced, removed; every version stays listed."""
    assert operator.install(SAMPLE).stdout.splitlines()[0].startswith("In force: orders, version 1")
    operator.install(operator.written(a_document()))
    operator.install(operator.written(a_document(version=2)))
    removed = operator.run("remove", "orders", "--author", "Otto", "--reason", "Never mind.")
    listed = operator.run("list").stdout.splitlines()

    assert (removed.exit_code, removed.stdout) == (0, "orders is out of force since version 5 of the policy.\n")
    assert [line.split(", with")[0] for line in listed] == [
        "* built-in rules, version 1", "* envelopes, version 2", "  envelopes, version 1", "  orders, version 1",
    ]  # fmt: skip
    assert listed[1].endswith("by Olga: Our API.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[", "cannot be read"),
        ("[]", "is no pack"),
        ("\xff", "cannot be read"),
        (json.dumps(a_document() | {"says": "x" * 300_000}), "too long"),
        (json.dumps(a_document({"kind": "forbidden", "code": "f", "operations": [ENVELOPES]})), "does not hold"),
        (json.dumps(a_document(CHECK)), "names a check that is not installed here: odd-calls of acme-rules 1.2"),
    ],
    ids=["no JSON", "a list", "no text", "too long", "an example fails", "no such check"],
)
def test_what_is_no_good_pack_changes_nothing(operator: Operator, text: str, words: str) -> None:
    """It says why, and the built-in rules stay alone."""
    file = operator.folder / "pack.json"
    file.write_bytes(text.encode("latin-1"))
    said = operator.install(file)

    assert (said.exit_code, words in said.stderr) == (1, True), said.output
    assert operator.run("list").stdout == "* built-in rules, version 1\n"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [((), 2, "No environment is named."), (("--data", "/nowhere"), 1, "There is no twin in /nowhere.")],
    ids=["nothing", "no twin"],
)
def test_an_environment_has_to_be_named(arguments: tuple[str, ...], status: int, words: str) -> None:
    """By its database and master key, or by the folder of a twin."""
    said = CliRunner().invoke(app, ["packs", "list", "--environment", "demo", *arguments])

    assert (said.exit_code, words in said.stderr) == (status, True), said.output


def test_a_file_that_is_not_there(operator: Operator) -> None:
    """It is named."""
    said = operator.run("check", operator.folder / "nothing.toml")

    assert (said.exit_code, "cannot be read: No such file" in said.stderr) == (1, True)


# ── checks in Python ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("distribution")
def test_an_installed_check_is_asked(operator: Operator) -> None:
    """A pack that names it is held against its examples with it."""
    finds = [{"says": "An odd one.", "calls": [{"operation": ENVELOPES, "status": 299, "times": 20}],
              "finds": ["envelopes/c"]}]  # fmt: skip

    assert operator.run("check", operator.written(a_document(CHECK, examples=finds))).exit_code == 0
    assert operator.install(operator.written(a_document(CHECK, examples=finds))).exit_code == 0


@pytest.mark.usefixtures("distribution")
@pytest.mark.parametrize(
    ("field", "value"),
    [("distribution_version", "1.3"), ("distribution", "other-rules"), ("check", "even-calls"), ("check", "gone")],
)
def test_only_just_that_check_is_asked(operator: Operator, field: str, value: str) -> None:
    """Another version, another distribution or another name is not the one that somebody looked at."""
    said = operator.run("check", operator.written(a_document(CHECK | {field: value})))

    assert (said.exit_code, "not installed here" in said.stderr) == (1, True)


@pytest.mark.usefixtures("distribution")
def test_a_check_that_fails_itself_breaks_its_rule(operator: Operator) -> None:
    """What nobody could answer has not passed."""
    said = operator.run("check", operator.written(a_document(CHECK | {"check": "slips"})))

    assert (said.exit_code, "a review finds envelopes/c, and it expects nothing" in said.stderr) == (1, True)


def test_a_name_runs_nothing(operator: Operator, tmp_path: Path) -> None:
    """A module that lies in the way is no installed check, whatever a pack says of it."""
    shutil.copy(__file__, tmp_path / "acme_rules.py")
    said = operator.run("check", operator.written(a_document(CHECK | {"check": "os"})))

    assert (said.exit_code, "acme_rules" in sys.modules) == (1, False)
