"""Does `keysteward custody audit` judge inventories, and say so to people, pages and programs?"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from keysteward.assembly import found
from keysteward.cli.app import app
from keysteward.rules.custody.columns import COLUMNS
from keysteward.settings import Settings
from tests.cli.test_policy import House

GUIDE = Path(__file__).parents[2] / "docs/guides/custody.md"
KEY = "1e90a5e0-0000-4000-8000-000000000001"
FJORD = "0acc0000-0000-4000-8000-000000000001"
INVENTORY = f"""
[[organizations]]
organization = "Fjord Group"
admins = ["cy@fjord.example", "eva@fjord.example"]
domains = ["fjord.example"]

[[accounts]]
account = "{FJORD}"
name = "Fjord Freight"
plan = "Business Pro"
organization = "Fjord Group"

[[users]]
account = "Fjord Freight"
email = "ada@fjord.example"
name = "Ada Berg"
profile = "DS Admin"
last_sign_in = 2026-11-20

[[keys]]
key = "{KEY}"
account = "Fjord Freight"
name = "Freight tracker"
requester = "ada@fjord.example"
secrets = ["2027-11-01", "never"]
last_call = 2026-11-20
"""
EXPORT = """\ufeffAccountID,AccountName,FirstName,LastName,UserEmail,eSignPermissionProfile,Group,UserStatus,LastLogin
7f1,Harbor Ltd,Ada,Berg,ada@harbor.example,Account Administrator,Everyone,Active,11/20/2026 9:30:00 AM
7f1,Harbor Ltd,Bo,Dahl,bo@harbor.example,Account Administrator,Everyone,ActivationSent,
7f1,Harbor Ltd,Dee,Holm,dee@harbor.example,DocuSign Sender,Everyone,Active,5/1/2026 9:30:00 AM
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the inventories are."""
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    (tmp_path / "users.csv").write_text(EXPORT)
    (tmp_path / "keys.csv").write_text(
        f"Integration Key;Account;Name;Requester\n{KEY};7f1;Harbor app;bo@harbor.example\n"
    )
    (tmp_path / "leavers.csv").write_text("Work email\nada@harbor.example\nnobody@harbor.example\n")
    return tmp_path


def audit(*arguments: object) -> Result:
    """Run the command in a wide terminal."""
    said = ["custody", "audit", "--at", "2026-11-22", *map(str, arguments)]
    return CliRunner().invoke(app, said, env={"COLUMNS": "200"})


def report(*arguments: object) -> dict[str, Any]:
    """What the command says to programs."""
    said: dict[str, Any] = json.loads(audit("--json", "-", *arguments).stdout)
    return said


def test_an_inventory_written_by_hand(folder: Path) -> None:
    """Status 1; the score, the finding with who mends it, and what was not judged because nobody said it."""
    result = audit(folder / "inventory.toml")

    assert (result.exit_code, result.stderr) == (1, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "Custody score 60 of 100. 1 finding: 1 critical."
    assert "Ada Berg (ada@fjord.example) is the only admin of Fjord Freight." in result.stdout
    assert "An admin of the account: Give a second person the DS Admin profile." in result.stdout
    assert "which devices are second factors" in result.stdout


@pytest.mark.parametrize(("limit", "status"), [("critical", 1), ("never", 0)])
def test_when_it_fails(folder: Path, limit: str, status: int) -> None:
    """The exit status says whether a finding is as grave as asked."""
    assert audit(folder / "inventory.toml", "--fail-on", limit).exit_code == status


def test_a_user_list_of_docusign_admin(folder: Path) -> None:
    """Read as it is, with American dates: an admin who never activated is none, and unknown columns are named."""
    said = report(folder / "users.csv")

    assert [each["code"] for each in said["findings"]] == ["only-admin-is-a-person"]
    assert "users.csv: users, 3 rows; not used: Group" in audit(folder / "users.csv").stdout


def test_a_user_list_beside_a_list_of_keys(folder: Path) -> None:
    """Files are put together by account: who manages each key, the ways back, and a leaver that HR names."""
    said = report(folder / "users.csv", folder / "keys.csv", "--leavers", folder / "leavers.csv")

    (key,) = said["keys"]
    assert (key["name"], key["managers"]) == ("Harbor app", ["ada@harbor.example"])
    assert [(way["way"], way["open"]) for way in key["ways"]] == [
        ("transfer", True),
        ("stand-in", False),
        ("replacement", True),
    ]
    (lost,) = said["what_if"]["consequences"]
    assert (lost["effect"], lost["because"]) == (
        "unmanageable",
        [{"event": "leaves", "subject": "ada@harbor.example"}],
    )
    assert said["what_if"]["unknown"] == [{"event": "leaves", "subject": "nobody@harbor.example"}]


def test_the_page_needs_nothing_else(folder: Path) -> None:
    """The page is written with its style in it, asks nobody for anything, and takes no markup from a file."""
    (folder / "inventory.toml").write_text(INVENTORY.replace("Freight tracker", "<script>x</script>"))
    result = audit(
        folder / "inventory.toml", "--html", folder / "r.html", "--json", folder / "r.json",
        "--closes", FJORD, "--lapses", "fjord.example", "--leaves", "ada@fjord.example",
    )  # fmt: skip
    page = (folder / "r.html").read_text()

    assert result.stdout.splitlines()[-2:] == [f"Written: {folder}/r.html", f"Written: {folder}/r.json"]
    assert json.loads((folder / "r.json").read_text())["score"] == 60
    assert "<script>" not in page
    assert re.findall(r"(?:src|href|url)\s*[=(]", page) == []
    assert "Nobody could manage the key." in page
    assert "Fjord Freight" in page


WRONG: dict[str, tuple[str, str | bytes, str]] = {
    "a date": ("users.csv", "Email,Last Login\na@b.example,soon\n", "column 2 (last_sign_in): soon is no date."),
    "a status": ("users.csv", "email,status\na@b.example,odd\n", "line 2, column 2 (status): odd is no status."),
    "an address": ("users.csv", 'email\n"a\nb"\n', "line 2, column 1 (email): a\nb is no e-mail address."),
    "no address": ("users.csv", "email,name\n,Ada\n", "line 2, column 1 (email): email is missing."),
    "too many values": ("users.csv", "email\na@b.example,x\n", "line 2, column 2: the line has 2 values"),
    "two of a kind": ("users.csv", "email,Mail\n", "line 1, column 2: email and Mail both mean email."),
    "no headings": ("users.csv", "a,b\n1,2\n", "line 1: the headings tell neither of users"),
    "no CSV": ("users.csv", 'email\n"a', "line 2: this is not CSV"),
    "no UTF-8": ("users.csv", b"email\na\xff@b.example\n", "line 2, column 2: this is not UTF-8 text."),
    "a key twice": ("keys.csv", "key,account\nk,a\nK,a\n", "line 3, column 1 (key): k is there already."),
    "a number": ("keys.csv", "key,account,legacy_calls\nk,a,many\n", "(legacy_calls): many is no whole number."),
    "an environment": ("accounts.csv", "account,environment\na,moon\n", "(environment): moon is not known here."),
    "an account twice": ("accounts.csv", "account\na\na\n", "line 3, column 1 (account): a is there already."),
    "yes or no": ("users.csv", "email,admin\na@b.example,maybe\n", "(admin): maybe is neither yes nor no."),
    "no TOML": ("x.toml", "[[users]]\nemail = \n", "line 2, column 9: this is not TOML"),
    "no such table": ("x.toml", "[[people]]\n", "line 1, column 3: there is no table people."),
    "no such setting": ("x.toml", '[[users]]\n  emial = "a"\n', "line 2, column 3 (emial): users have no emial."),
    "a setting missing": ("x.toml", '[[users]]\nname = "a"\n', "line 1, column 3: email is missing."),
    "no list": ("x.toml", "users = 1\n", "line 1, column 1: users is not a list of tables."),
    "a float": ("x.toml", "[[users]]\nemail = 1.5\n", "line 2, column 1 (email): this is neither text"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_what_cannot_be_read(tmp_path: Path, case: str) -> None:
    """Status 2, with file, line and column, why, and what to do next; nothing is judged."""
    name, content, sentence = WRONG[case]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = audit(tmp_path / name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Not judged. {name}, " in result.stderr
    assert sentence in result.stderr


def test_an_account_that_nobody_named(folder: Path) -> None:
    """A key of an account that no user belongs to is a mistake in one of the files."""
    (folder / "keys.csv").write_text("key,account\nk,7f2\n")
    result = audit(folder / "users.csv", folder / "keys.csv")

    assert result.exit_code == 2
    assert "keys.csv, line 2, column 2 (account): no account is called 7f2." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.csv"], "absent.csv cannot be read"),
        (["users.csv", "--at", "someday"], "--at someday is no day."),
        (["users.csv", "--fail-on", "some"], "--fail-on some is not known."),
        (["users.csv", "--html", "none/r.html"], "none/r.html cannot be written"),
        (["users.csv", "--leavers", "users.toml"], "users.toml cannot be read"),
    ],
    ids=["no file", "no day", "no severity", "no folder", "no list"],
)
def test_what_is_asked_wrongly(folder: Path, arguments: list[str], sentence: str) -> None:
    """Status 2, and what to do next."""
    result = audit(*[each if each.startswith("-") or "." not in each else folder / each for each in arguments])

    assert result.exit_code == 2
    assert sentence in result.stderr


def test_the_guide_lists_every_column() -> None:
    """The guide has one line for each column of each kind of row."""
    guide = GUIDE.read_text()

    missing = [
        f"{kind}.{column.name}"
        for kind, columns in COLUMNS.items()
        for column in columns
        if f"| `{column.name}` | {column.holds} |" not in guide
    ]
    assert missing == []


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A new environment with Acme in it, whose only admin is Ada."""
    folder, nowhere = tmp_path_factory.mktemp("house"), "https://localhost"
    found(Settings("demo", "serve", f"sqlite:///{folder / 'demo.db'}", (folder / "demo.key",), nowhere, nowhere))
    house = House(folder)
    house.create_app()
    return house


def test_operators_list_findings(house: House) -> None:
    """Nothing before anything was judged; then what is found in every account, as text and as JSON."""
    before = house.run("custody", "findings")
    after = house.run("custody", "findings", "--judge", "--severity", "high")
    lines = house.run("custody", "findings", "--json").stdout.splitlines()

    assert (before.exit_code, before.stdout) == (0, "Nothing puts integration keys at risk.\n")
    assert "is the only admin of Acme" in after.stdout
    assert "lone-developer" in {json.loads(line)["code"] for line in lines}
    assert house.run("custody", "findings", "--severity", "odd").exit_code == 1


def test_operators_ask_what_if(house: House, tmp_path: Path) -> None:
    """Every key of the environment that would be lost, as text and as JSON; nothing is asked without a question."""
    (tmp_path / "leavers.csv").write_text("email\nada@acme.example\nx@y.example\n")
    said = house.run("custody", "what-if", "--leavers", tmp_path / "leavers.csv")
    found_ = json.loads(house.run("custody", "what-if", "--leaves", "x@y.example", "--json").stdout)

    assert said.stdout.splitlines()[0] == "Nobody could manage the key."
    assert said.stdout.splitlines()[-1] == "Not known here: x@y.example"
    assert found_ == {"consequences": [], "unknown": [{"event": "leaves", "subject": "x@y.example"}]}
    assert house.run("custody", "what-if").exit_code == 1
    assert house.run("custody", "what-if", "--leavers", tmp_path / "absent.csv").exit_code == 1


EXPORTED = {
    "another order": "UserEmail,UserStatus,LicenseType,eSignPermissionProfile,AccountName,AccountID\r\n"
    "ada@harbor.example,Active,Full - Professional,Account Administrator,Harbor Ltd,7f1\r\n",
    "semicolons": "AccountID;AccountName;UserEmail;eSignPermissionProfile;UserStatus\r\n"
    "7f1;Harbor Ltd;ada@harbor.example;Account Administrator;Active\r\n",
    "a separator that is said": "sep=;\r\nAccountID;AccountName;UserEmail;eSignPermissionProfile;UserStatus\r\n"
    "7f1;Harbor Ltd;ada@harbor.example;Account Administrator;Active\r\n",
    "tabs": "AccountID\tAccountName\tUserEmail\teSignPermissionProfile\tUserStatus\r\n"
    "7f1\tHarbor Ltd\tada@harbor.example\tAccount Administrator\tActive\r\n",
    "cells without headings": "AccountID,AccountName,UserEmail,eSignPermissionProfile,UserStatus,,\r\n"
    "7f1,Harbor Ltd,ada@harbor.example,Account Administrator,Active,,,,\r\n",
    "an account named twice": "AccountID,API Account ID,AccountName,UserEmail,eSignPermissionProfile,UserStatus\r\n"
    "7f1,0acc,Harbor Ltd,ada@harbor.example,Account Administrator,Active\r\n",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("shape", EXPORTED, ids=str)
def test_a_user_list_however_it_was_saved(folder: Path, shape: str, encoding: str) -> None:
    """Column order, separator, Excel's Unicode text and its empty cells at the end make no difference."""
    (folder / "users.csv").write_bytes(EXPORTED[shape].encode(encoding))
    said = report(folder / "users.csv")

    assert [each["code"] for each in said["findings"]] == ["only-admin-is-a-person"]
    assert [each["name"] for each in said["accounts"]] == ["Harbor Ltd"]


def test_a_user_list_that_tells_no_profile(folder: Path) -> None:
    """A list of a domain's users says nothing of who administers an account, so nobody is said to be missing."""
    (folder / "users.csv").write_text("UserName,UserEmail,UserStatus\nAda Berg,ada@harbor.example,Active\n")
    said = report(folder / "users.csv")

    assert said["findings"] == []
    assert "no-admin" in [each["rule"] for each in said["not_judged"]]


def test_a_list_of_leavers_in_unicode_text(folder: Path) -> None:
    """HR's list too is read as a spreadsheet saves it."""
    (folder / "leavers.csv").write_bytes("Work email\r\nada@harbor.example\r\n".encode("utf-16"))
    said = report(folder / "users.csv", folder / "keys.csv", "--leavers", folder / "leavers.csv")

    assert [each["effect"] for each in said["what_if"]["consequences"]] == ["unmanageable"]
