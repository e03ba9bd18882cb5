"""When does `keysteward serve` refuse to start, and does it say what to do?"""

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from keysteward.assembly import assemble, close, found
from keysteward.settings import Settings
from tests.serving.running import Home

Change = Callable[[Home], tuple[Home, list[str]]]
AGAIN = "Mend that and start again; nothing was changed."


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A demo environment that was started before, on SQLite; nobody serves it now."""
    folder = tmp_path_factory.mktemp("founded")
    home = Home(folder, f"sqlite:///{folder / 'demo.db'}").make_master_key().migrate()
    close(assemble(home.settings))
    return home


def no_master_key(home: Home) -> tuple[Home, list[str]]:
    """The file of the master key is not where it should be."""
    return replace(home, variables={"KEYSTEWARD_MASTER_KEY_FILE": str(home.folder / "none.key")}), []


def another_master_key(home: Home) -> tuple[Home, list[str]]:
    """It holds 32 bytes, but not those that the database was made with."""
    return replace(home, variables={"KEYSTEWARD_MASTER_KEY_FILE": str(_file(home, "other.key", os.urandom(32)))}), []


def half_a_master_key(home: Home) -> tuple[Home, list[str]]:
    """It holds too little."""
    return replace(home, variables={"KEYSTEWARD_MASTER_KEY_FILE": str(_file(home, "half.key", b"short"))}), []


def an_open_master_key(home: Home) -> tuple[Home, list[str]]:
    """Everybody on the host may read it."""
    file = _file(home, "open.key", home.master_key.read_bytes())
    file.chmod(0o644)
    return home, ["--master-key-file", str(file)]


def a_twins_database(home: Home) -> tuple[Home, list[str]]:
    """The database was made by `keysteward dev`."""
    file = home.folder / "twin.db"
    settings = Settings("demo", "twin", f"sqlite:///{file}", (home.master_key,), home.origin, home.other_origin)
    found(settings)
    close(assemble(settings))
    return replace(home, database=settings.database), []


def another_environments_database(home: Home) -> tuple[Home, list[str]]:
    """The database is of demo, and production is to start."""
    return home, ["--environment", "production"]


def no_tables(home: Home) -> tuple[Home, list[str]]:
    """Nobody ran `keysteward migrate`."""
    return replace(home, database=f"sqlite:///{home.folder / 'empty.db'}"), []


def tables_of_the_future(home: Home) -> tuple[Home, list[str]]:
    """A newer program migrated them."""
    file = home.folder / "future.db"
    replace(home, database=f"sqlite:///{file}").migrate()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    return replace(home, database=f"sqlite:///{file}"), []


def many_workers_on_one_file(home: Home) -> tuple[Home, list[str]]:
    """Four workers are asked for on SQLite."""
    return home, ["--workers", "4"]


def no_origin(home: Home) -> tuple[Home, list[str]]:
    """The origin has a path."""
    return home, ["--origin", "https://demo.test/keys"]


def nobody_there(home: Home) -> tuple[Home, list[str]]:
    """No PostgreSQL listens there."""
    return home, ["--database", f"postgresql://ks:hidden@/none?host={home.folder}&port=1"]


def no_address(home: Home) -> tuple[Home, list[str]]:
    """The database is named by a word."""
    return home, ["--database", "keysteward"]


def no_certificate(home: Home) -> tuple[Home, list[str]]:
    """The certificate is not where it should be."""
    return home, ["--certificate-file", str(home.folder / "none.pem")]


def no_port(home: Home) -> tuple[Home, list[str]]:
    """The address to listen on has no port."""
    return home, ["--listen", "localhost"]


MISTAKES: list[tuple[Change, str, str]] = [
    (no_master_key, "There is no master key in {folder}/none.key.", "Put the one of this environment there"),
    (another_master_key, "The master key in {folder}/other.key is not the one", "Put the right key in its place."),
    (
        an_open_master_key,
        "Others on this host may read or change the master key in {folder}/open.key.",
        "Run chmod 600",
    ),
    (
        a_twins_database,
        "is a twin database of the demo environment, not a serve database of demo.",
        "Name another one.",
    ),
    (no_tables, "have version none, and this program works with", "Run keysteward migrate first."),
    (many_workers_on_one_file, "Several workers need PostgreSQL", "or --workers 1."),
]
MORE: list[tuple[Change, str, str]] = [
    (
        half_a_master_key,
        "The master key in {folder}/half.key is not 32 bytes long.",
        "Put the right file in its place.",
    ),
    (
        another_environments_database,
        "is a serve database of the demo environment, not a serve database of production.",
        "Name another one.",
    ),
    (no_origin, "--origin https://demo.test/keys is no origin.", "Say scheme and host, such as https://"),
    (tables_of_the_future, "have version 9999, and this program works with", "Install the release that made them."),
    (nobody_there, "cannot be read: connection is bad", AGAIN),
    (no_address, "The database address is no good: it is no database address.", AGAIN),
    (no_certificate, "There is no certificate in {folder}/none.pem.", "Say a PEM file with key and chain."),
    (no_port, "--listen localhost cannot be read.", "Say ADDRESS:PORT"),
]


@pytest.mark.parametrize(
    ("change", "sentence", "next_step"),
    [*MISTAKES, *(pytest.param(*each, marks=pytest.mark.long) for each in MORE)],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_mistake_is_told_and_nothing_starts(founded: Home, change: Change, sentence: str, next_step: str) -> None:
    """What is wrong is said in one sentence with what to do next, without a traceback, and the status is 1."""
    home, options = change(founded)
    before = _content(founded)
    status, said = home.run("serve", *options)

    assert status == 1, said
    assert said.startswith("Not started. "), said
    assert sentence.format(folder=home.folder) in said
    assert next_step in said
    assert "Traceback" not in said
    assert "hidden" not in said
    assert _content(founded) == before


def test_an_address_in_use_is_told(founded: Home) -> None:
    """Where something else listens already, the command says so and how to choose another address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = founded.run("serve", "--listen", f"127.0.0.1:{port}")

    assert (status, "Traceback" in said) == (1, False)
    assert f"127.0.0.1:{port} cannot be opened: Address already in use." in said
    assert "Choose another address or port with --listen." in said


def _file(home: Home, name: str, content: bytes) -> Path:
    file = home.folder / name
    file.write_bytes(content)
    file.chmod(0o600)
    return file


def _content(home: Home) -> list[tuple[object, ...]]:
    """What says whose database it is, and under which key."""
    with closing(sqlite3.connect(home.folder / "demo.db")) as database:
        return [*database.execute("SELECT * FROM stamp"), *database.execute("SELECT kid FROM signing_keys")]
