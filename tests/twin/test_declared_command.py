"""Does `keysteward dev` start from a file as test suites and CI need it to, and write one?"""

import json
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import jwt
import pytest

from keysteward.twin import cast
from tests.cast import rsa_keypair
from tests.polling import until
from tests.twin.declaring import ACCOUNT, ADA, LIVE, SMALL
from tests.twin.person import Person
from tests.twin.running import ANY_PORTS, COMMAND, Place, Twin, refused, running, said_here, state_of

CALLBACK = "http://localhost:3000/callback"
SECRET = "0f3c5e2a+7b1d/4c8e=9a6f"
SCOPES = "signature impersonation"
PRIVATE_PEM, PUBLIC_PEM = rsa_keypair()
FILE = f"""{SMALL}
redirect_uris = ["{CALLBACK}"]
secrets = ["{SECRET}", {{}}]
keypairs = [{{}}, {json.dumps(PUBLIC_PEM)}]
calls = [{{ count = 20 }}]
{LIVE}
secrets = [{{}}]
[[demo.consents]]
user = "ada@acme.example"
app = "Lease signer"
scopes = ["signature", "impersonation"]
[[demo.personal_access_tokens]]
user = "ada@acme.example"
name = "CI"
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that these tests start from."""
    file = tmp_path_factory.mktemp("file") / "twin.toml"
    file.write_text(FILE)
    return file


class Refused(NamedTuple):
    """What a start said that a rule refused in the middle, and what of both environments was left."""

    status: int
    said: str
    left: list[str]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Refused]:
    """A folder whose first start a rule refused, and what came of that."""
    folder = tmp_path_factory.mktemp("declared") / "twin"
    wrong = folder.with_name("wrong.toml")
    wrong.write_text(f'{SMALL}calls = [{{ count = 13 }}]\nreview = "passed"\n')
    status, said = refused(folder, "--seed", str(wrong), *ANY_PORTS)
    left = [path.name for path in folder.iterdir() if "demo" in path.name or "production" in path.name]
    return folder, Refused(status, said, left)


@pytest.fixture(scope="module")
def declared(before: tuple[Path, Refused], file: Path) -> Iterator[Twin]:
    """A running twin that was filled with the file."""
    with running(before[0], "--seed", str(file), *ANY_PORTS) as twin:
        yield twin


@pytest.fixture(scope="module")
def halted(tmp_path_factory: pytest.TempPathFactory, file: Path) -> Path:
    """The folder of such a twin that was stopped, after a program had made an app."""
    folder = tmp_path_factory.mktemp("halted") / "twin"
    with running(folder, "--seed", str(file), *ANY_PORTS) as twin:
        make_app(twin, "Made since")
    return folder


@pytest.fixture
def kept(halted: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return shutil.copytree(halted, tmp_path / "twin")


def make_app(twin: Twin, name: str) -> str:
    """An app that a program makes in demo."""
    account = twin.demo.get("/me")["accounts"][0]["id"]
    return str(twin.demo.make(f"/accounts/{account}/keys", {"name": name, "contact": "team@acme.example"})["key"])


def names_in(twin: Twin) -> set[str]:
    """The names of the apps in demo."""
    account = twin.demo.get("/me")["accounts"][0]["id"]
    return {key["name"] for key in twin.demo.get(f"/accounts/{account}/keys")["keys"]}


def export(folder: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """Write a twin into a file."""
    command = [str(COMMAND), "dev", "--data", str(folder), "--export", str(file)]
    wide = os.environ | {"COLUMNS": "300"}  # or the name of a file could be broken in two
    return subprocess.run(command, env=wide, capture_output=True, text=True, check=False)


def token_of(place: Place, private_pem: str) -> str:
    """The access token that an assertion for the user of `dev.env` is given."""
    variables, now = place.variables, int(time.time())
    claims = {
        "iss": variables["DS_INTEGRATION_KEY"], "sub": variables["DS_USER_ID"], "aud": place.host,
        "iat": now, "exp": now + 600, "scope": SCOPES,
    }  # fmt: skip
    assertion = jwt.encode(claims, private_pem, "RS256")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    answer = place.request("POST", "/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def address_of(place: Place, token: str) -> str:
    """Whom an access token speaks for, as userinfo says."""
    answer = place.request("GET", "/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
    return str(answer.json()["email"])


def test_a_declared_public_key_gets_a_token(declared: Twin) -> None:
    """A program that brings its own private key is let in over HTTPS."""
    assert address_of(declared.demo, token_of(declared.demo, PRIVATE_PEM)) == "ada@acme.example"


def test_a_generated_keypair_gets_a_token(declared: Twin) -> None:
    """Its private half lies where `dev.env` and `declared.json` say."""
    file = Path(declared.demo.variables["DS_PRIVATE_KEY_FILE"])
    told = json.loads((declared.folder / "declared.json").read_text())["demo"]["apps"][0]["keypairs"]

    assert (declared.folder / told[0]["private_key_file"]).resolve() == file
    assert told[1]["private_key_file"] is None
    assert address_of(declared.demo, token_of(declared.demo, file.read_text())) == "ada@acme.example"


@pytest.mark.parametrize("how", ["basic", "form"])
def test_a_declared_secret_gets_a_token(declared: Twin, how: str) -> None:
    """A secret key of somebody's own shape, with a plus in it, redeems a code, sent either way and unencoded."""
    place, key = declared.demo, declared.demo.variables["DS_INTEGRATION_KEY"]
    asked = {"response_type": "code", "scope": SCOPES, "client_id": key, "redirect_uri": CALLBACK}
    person = Person("ada@acme.example", place.ca_file)
    code = person.authorize(f"{place.origin}/oauth/auth?{urlencode(asked)}", CALLBACK)["code"]
    form = {"grant_type": "authorization_code", "code": code}

    answer = place.request(
        "POST",
        "/oauth/token",
        data=form if how == "basic" else form | {"client_id": key, "client_secret": SECRET},
        auth=(key, SECRET) if how == "basic" else None,
    )

    assert answer.status_code == 200, answer.text
    assert address_of(place, answer.json()["access_token"]) == "ada@acme.example"


def test_dev_env_has_what_is_there(declared: Twin) -> None:
    """The first app and the first user of demo, the same in production; what production has not is left out."""
    usual = {"DS_AUTH_HOST", "DS_CA_FILE", "DS_ADMIN_BASE", "DS_INTEGRATION_KEY", "DS_SECRET_KEY", "KEYSTEWARD_TOKEN",
             "DS_USER_ID", "DS_LOGIN_EMAIL", "DS_LOGIN_PASSWORD"}  # fmt: skip

    assert declared.demo.variables.keys() == usual | {"DS_REDIRECT_URI", "DS_PRIVATE_KEY_FILE", "KEYSTEWARD_DEV_TOKEN"}
    assert declared.production.variables.keys() == usual
    assert declared.demo.variables["DS_SECRET_KEY"] == SECRET
    assert declared.demo.get("/me")["user"]["email"] == declared.demo.variables["DS_LOGIN_EMAIL"]


def test_the_live_key_is_live(declared: Twin) -> None:
    """The console's API shows the declared states."""
    key = declared.demo.variables["DS_INTEGRATION_KEY"]

    assert state_of(declared.demo, key) == ("Live", 20)
    assert declared.production.get(f"/keys/{key}")["name"] == "Lease signer"


def test_declared_json_has_all_that_is_shown_once(declared: Twin) -> None:
    """Secret keys and personal access tokens, declared or made, and they work."""
    said = json.loads((declared.folder / "declared.json").read_text())
    token = said["demo"]["personal_access_tokens"][0]

    assert said["demo"]["apps"][0]["secrets"][0] == SECRET
    assert said["production"]["apps"][0]["secrets"] == [declared.production.variables["DS_SECRET_KEY"]]
    assert (token["user"], token["name"]) == ("ada@acme.example", "CI")
    assert declared.demo.with_token(token["value"]).get("/me")["user"]["email"] == "ada@acme.example"


def test_the_folder_is_its_owners_alone(declared: Twin) -> None:
    """Whatever a file adds to the folder has mode 0600, in folders of 0700."""
    for path in (declared.folder / "declared.json", declared.folder / "seed.json", *declared.folder.glob("keys/*")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((declared.folder / "keys").stat().st_mode) == 0o700


def test_the_panel_tells_who_and_what_was_declared(declared: Twin) -> None:
    """People with their accounts, apps with where they stand, the file, and where the secrets are."""
    until(lambda: declared.said.rstrip().endswith("╯"))
    wanted = (
        "Sign in, demo", "ada@acme.example, Acme", "Keys, production", "Lease signer, Live", "declared.json",
        f"{cast.PASSWORD} for everybody", "twin.toml, with all passwords and secrets in",
    )  # fmt: skip

    assert [text for text in wanted if text not in declared.said] == []


def test_a_running_twin_can_be_exported(declared: Twin, tmp_path: Path) -> None:
    """Nothing has to be stopped, and what consoles and programs did meanwhile is in the file."""
    make_app(declared, "Made meanwhile")

    ended = export(declared.folder, tmp_path / "out.json")

    assert ended.returncode == 0, ended.stderr
    assert "kept as hashes only" in " ".join(ended.stdout.split())
    assert [app["name"] for app in json.loads((tmp_path / "out.json").read_text())["demo"]["apps"]] == [
        "Lease signer",
        "Made meanwhile",
    ]


def test_the_same_file_starts_it_again(kept: Path, tmp_path: Path) -> None:
    """Laid out anew it says the same; nothing is made anew, and what happened since stays."""
    same = tmp_path / "same.toml"
    same.write_text(f"# the same\n{FILE}\n")
    before = (kept / "declared.json").read_bytes()
    with running(kept, "--seed", str(same), *ANY_PORTS) as twin:
        assert names_in(twin) == {"Lease signer", "Made since"}
        assert (kept / "declared.json").read_bytes() == before
        assert twin.demo.variables["DS_SECRET_KEY"] == SECRET


@pytest.mark.long
def test_no_file_starts_it_again(kept: Path) -> None:
    """Once it was filled, a twin starts without its file as well."""
    with running(kept) as twin:
        assert names_in(twin) == {"Lease signer", "Made since"}
        assert twin.demo.variables["DS_SECRET_KEY"] == SECRET


def test_another_file_needs_a_reset(kept: Path, tmp_path: Path) -> None:
    """A changed file is refused and changes nothing; with --reset it is applied, and the old secrets are gone."""
    changed = tmp_path / "twin.toml"
    changed.write_text(ACCOUNT + ADA)
    before = sorted(path.name for path in kept.iterdir())

    status, said = said_here(kept, "--seed", str(changed), *ANY_PORTS)

    assert status == 1
    assert f"{kept} was filled with something else than what twin.toml says now." in said
    assert "To forget all data and apply the file, add --reset" in said
    assert sorted(path.name for path in kept.iterdir()) == before
    with running(kept, "--seed", str(changed), "--reset", *ANY_PORTS) as twin:
        assert "DS_INTEGRATION_KEY" not in twin.demo.variables
        assert twin.production.variables.keys() == {"DS_AUTH_HOST", "DS_CA_FILE", "DS_ADMIN_BASE"}
        assert not (kept / "keys").exists()


def test_the_usual_twin_is_something_else(folder: Path, file: Path) -> None:
    """A twin with the usual seed is not filled again by accident."""
    status, said = said_here(folder, "--seed", str(file), *ANY_PORTS)

    assert status == 1
    assert "add --reset" in said


def test_mistakes_are_told_and_nothing_is_touched(kept: Path, tmp_path: Path) -> None:
    """All at once, with their paths, even with --reset: the data is still there."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(f'{ACCOUNT}{ADA}[[demo.apps]]\nname = "A"\nredirect_uris = ["https://a.example/#x"]\nby = "zoe"\n')
    before = (kept / "demo.db").read_bytes()

    status, said = said_here(kept, "--seed", str(wrong), "--reset", *ANY_PORTS)

    assert status == 2
    assert f"{wrong} cannot be applied:" in said
    assert "demo.apps[0].by: no user called zoe is declared here." in said
    assert "demo.apps[0].redirect_uris[0]: This redirect URI cannot be used: it has a fragment." in said
    assert "Mend it and start again." in said
    assert (kept / "demo.db").read_bytes() == before


def test_what_a_rule_refuses_leaves_nothing_half_done(before: tuple[Path, Refused], declared: Twin) -> None:
    """The entry is named, no data stays, and the next start begins anew."""
    refusal = before[1]

    assert refusal.status == 2
    assert "demo.apps[0].review: its calls make the review failed. 13 of 20 calls in a row succeeded" in refusal.said
    assert refusal.left == []
    assert declared.demo.variables["DS_SECRET_KEY"] == SECRET


@pytest.mark.long
def test_the_usual_twin_comes_back(folder: Path, tmp_path: Path) -> None:
    """Exported, made again from the file and exported again, the usual twin is the same, and programs still work."""
    first, then = tmp_path / "first.json", tmp_path / "then.json"
    assert said_here(folder, "--export", str(first))[0] == 0

    with running(tmp_path / "again", "--seed", str(first), *ANY_PORTS) as twin:
        assert state_of(twin.demo, cast.READY_TO_GO) == ("Review Passed", 20)
        assert state_of(twin.demo, cast.THIRTEEN_CALLS) == ("not ready", 13)
        assert twin.demo.variables["DS_INTEGRATION_KEY"] == cast.TOOLBOX
        private_pem = Path(twin.demo.variables["DS_PRIVATE_KEY_FILE"]).read_text()
        assert address_of(twin.demo, token_of(twin.demo, private_pem)) == cast.ada("demo").email

    assert said_here(tmp_path / "again", "--export", str(then))[0] == 0
    assert then.read_text() == first.read_text()


@pytest.mark.long
def test_the_clock_is_where_the_file_says(tmp_path: Path) -> None:
    """Ages are counted from the declared moment; the clock's offset is exported, and comes back."""
    file, out = tmp_path / "twin.toml", tmp_path / "out.toml"
    file.write_text(f'[clock]\noffset_seconds = 8640000\n{SMALL}\nreview = "passed"\n')
    with running(tmp_path / "twin", "--seed", str(file), *ANY_PORTS) as twin:
        assert twin.control("GET", "/clock").json()["offset_seconds"] == 8_640_000
        assert state_of(twin.demo, twin.demo.variables["DS_INTEGRATION_KEY"]) == ("Review Passed", 20)
        twin.advance(days=-100)

    assert said_here(tmp_path / "twin", "--export", str(out))[0] == 0
    assert "[clock]" not in out.read_text()


REFUSALS = [
    (("--reset",), "out.json", 2, "--export only looks at a twin. Give it without --seed and --reset."),
    (("--seed", "x.toml"), "out.json", 2, "--export only looks at a twin. Give it without --seed and --reset."),
    ((), "out.yaml", 2, "out.yaml is neither JSON nor TOML. Give it a name that ends in .toml or .json."),
]


@pytest.mark.parametrize(("options", "name", "status", "sentence"), REFUSALS, ids=["reset", "seed", "yaml"])
def test_an_export_only_looks(
    halted: Path, tmp_path: Path, options: tuple[str, ...], name: str, status: int, sentence: str
) -> None:
    """What would change the twin, or cannot be written, is refused."""
    ended, said = said_here(halted, "--export", str(tmp_path / name), *options)

    assert (ended, sentence in said) == (status, True)
    assert not (tmp_path / name).exists()


def test_nothing_is_exported_from_nowhere(tmp_path: Path) -> None:
    """Where no twin is, none is made."""
    status, said = said_here(tmp_path / "twin", "--export", str(tmp_path / "out.json"))

    assert status == 1
    assert "Start it once, or name its folder with --data." in said
    assert list(tmp_path.iterdir()) == []
