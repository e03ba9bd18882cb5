"""What do another master key, and a restored backup, leave of what was there?"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import make_url

from keysteward.actions import accounts, credentials, request_logs, signin
from keysteward.rules.access import PERMISSIONS
from tests.actions.test_request_logs import passed
from tests.cast import ADA, SAM, Made
from tests.peers.databases import BOTH_AT_LENGTH, Stock
from tests.peers.postgres import Postgres
from tests.serving.estate import Estate, basic, bearer, copied
from tests.serving.running import Home, Line, serving

ALL = ["access token", "keypair", "secret key", "program", "request log"]


class Kept(NamedTuple):
    """What people keep of an environment: an app with its secret key, tokens of it, and a program's own token."""

    made: Made
    access_token: str
    refresh_token: str
    personal_token: str


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """An environment that nobody serves, on SQLite unless the test says otherwise."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield Home(tmp_path, f"sqlite:///{tmp_path / 'demo.db'}").make_master_key().migrate()
        return
    stock: Stock = request.getfixturevalue("stock")
    name = stock.take()
    yield Home(tmp_path, stock.url(name)).make_master_key().migrate()
    stock.give_back(name)


def furnish(home: Home) -> Kept:
    """Let the cast move in, and keep what they got; Sam logs a request."""
    estate = Estate(home)
    made = estate.furnish()
    request_logs.turn_on(estate.ctx, accounts.load_user(estate.ctx, SAM.demo))
    request_logs.keep(estate.ctx, estate.caller(estate.ctx, made), passed())
    answer = estate.sign_in_with(estate.ctx, made, SAM)
    estate.consent(estate.ctx, made, SAM)
    personal = signin.issue_personal_token(estate.ctx, estate.actor(ADA), "CI", frozenset(PERMISSIONS), 30)
    estate.close()
    return Kept(made, answer.access_token, answer.refresh_token or "", personal)


def what_works(line: Line, home: Home, kept: Kept) -> dict[str, bool]:
    """Which of the things kept from before are good now."""
    refreshing = {"grant_type": "refresh_token", "refresh_token": kept.refresh_token}
    estate = Estate(home)
    works = {
        "access token": line.ask("GET", "/oauth/userinfo", headers=bearer(kept.access_token)).status == 200,
        "keypair": estate.grant(line, kept.made).status == 200,
        "secret key": line.post("/oauth/token", refreshing, basic(kept.made)).status == 200,
        "program": line.ask("GET", "/api/v1/me", headers=bearer(kept.personal_token)).status == 200,
        "request log": len(list(request_logs.open_files(estate.ctx, SAM.demo))) == 1,
    }
    estate.close()
    return works


@pytest.mark.long
def test_a_master_key_is_replaced_in_two_steps(home: Home) -> None:
    """With the new key in front and the old one behind, everything of before works and what is new is made with the
    new one; without the old key, signatures and what is new go on, and what the old key made is refused.
    """
    kept = furnish(home)
    new_file = home.folder / "new.key"
    new_file.write_bytes(os.urandom(32))
    new_file.chmod(0o600)
    both = replace(home, variables={"KEYSTEWARD_MASTER_KEY_FILE": f"{new_file}{os.pathsep}{home.master_key}"})
    new_only = replace(home, variables={"KEYSTEWARD_MASTER_KEY_FILE": str(new_file)})

    assert new_only.run("serve")[0] == 1
    with serving(both) as server:
        assert what_works(server.line(), both, kept) == dict.fromkeys(ALL, True)
        renewed = _renew(both, kept)
    with serving(new_only) as server:
        line = server.line()
        assert what_works(line, new_only, kept) == {
            "access token": True, "keypair": True, "secret key": False, "program": False, "request log": True,
        }  # fmt: skip
        assert what_works(line, new_only, renewed) == dict.fromkeys(ALL, True)
    status, said = home.run("serve")
    assert (status, f"The master key in {home.master_key} is not the one" in said) == (1, True)


def _renew(home: Home, kept: Kept) -> Kept:
    """Make a second secret key and new tokens, as people do before the old master key goes."""
    estate = Estate(home)
    secret = credentials.add_secret(estate.ctx, estate.actor(ADA), kept.made.key).value
    made = replace(kept.made, secret=secret)
    answer = estate.sign_in_with(estate.ctx, made, SAM)
    personal = signin.issue_personal_token(estate.ctx, estate.actor(ADA), "CI", frozenset(PERMISSIONS), 30)
    estate.close()
    return Kept(made, answer.access_token, answer.refresh_token or "", personal)


@pytest.mark.parametrize("home", BOTH_AT_LENGTH, indirect=True)
def test_a_backup_and_its_master_key_are_the_environment(
    home: Home, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    """A backup taken while it is served, put up elsewhere with the master key, knows every secret and token of before;
    with any other master key it refuses to start.
    """
    kept = furnish(home)
    with serving(home) as server:
        restored = _restored(home, tmp_path_factory.mktemp("elsewhere"), request)
        assert what_works(server.line(), home, kept)["access token"]

    stranger = replace(restored, folder=tmp_path_factory.mktemp("stranger")).make_master_key()
    status, said = stranger.run("serve")
    assert (status, "is not the one that" in said, "Put the right key in its place." in said) == (1, True, True)
    copied(home.master_key, restored.folder)
    assert restored.run("migrate")[0] == 0
    with serving(restored) as server:
        assert what_works(server.line(), restored, kept) == dict.fromkeys(ALL, True)


def _restored(home: Home, folder: Path, request: pytest.FixtureRequest) -> Home:
    """The database once more, elsewhere, by the means of the database itself."""
    if home.database.startswith("sqlite"):
        with (
            closing(sqlite3.connect(home.folder / "demo.db")) as origin,
            closing(sqlite3.connect(folder / "restored.db")) as copy,
        ):
            origin.backup(copy)
        return Home(folder, f"sqlite:///{folder / 'restored.db'}")
    postgres, stock = request.getfixturevalue("postgres"), request.getfixturevalue("stock")
    name = stock.take()
    _copy_with_pg_dump(postgres, str(make_url(home.database).database), name)
    request.addfinalizer(lambda: stock.give_back(name))
    return Home(folder, stock.url(name))


def _copy_with_pg_dump(postgres: Postgres, origin: str, copy: str) -> None:
    dump = _run(postgres, "pg_dump", "--no-owner", origin)
    _run(postgres, "psql", "--set", "ON_ERROR_STOP=1", "--quiet", "--no-psqlrc", copy, read=dump)


def _run(postgres: Postgres, program: str, *arguments: str, read: bytes = b"") -> bytes:
    """Run one of PostgreSQL's own programs on the server of the tests, and answer with what it wrote."""
    server = ["--host", str(postgres.folder), "--port", "5432", "--username", "postgres"]
    command: list[str | Path] = [postgres._binaries / program, *server, *arguments]
    return subprocess.run(command, input=read, stdout=subprocess.PIPE, check=True).stdout
