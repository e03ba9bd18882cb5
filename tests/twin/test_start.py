"""When does `keysteward dev` start again, when does it refuse, and what does it keep?"""

import json
import shutil
import signal
import socket
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from keysteward.twin import cast
from tests.polling import until
from tests.twin.running import ANY_PORTS, Place, Twin, refused, running, said_here, state_of
from tests.twin.wire import ask_at, connect

NEW_APP = {"name": "Kept", "contact": "team@northwind.example"}
ACCOUNT = cast.TOWNS["demo"].account
NAMES = ("--host-name", "demo=demo.docusign.test", "--host-name", "production=www.docusign.test")
KEPT_BY_A_RESET = ("tls/ca.pem", "dev.token")


def create_app(twin: Twin) -> str:
    """Create an app in demo and answer with its key."""
    return str(twin.demo.make(f"/accounts/{ACCOUNT}/keys", NEW_APP)["key"])


def keys_of(twin: Twin) -> set[str]:
    """The keys of the account in demo."""
    return {key["key"] for key in twin.demo.get(f"/accounts/{ACCOUNT}/keys")["keys"]}


class Life(NamedTuple):
    """What a twin was, and said, while it was killed, started, stopped, begun anew and stopped again."""

    key: str
    secrets: dict[str, str]
    authority: tuple[bytes, ...]
    killed: dict[str, Any]
    after_kill: "Look"
    after_term: "Look"
    after_reset: "Look"
    after_int: "Look"


class Look(NamedTuple):
    """What one start of it was: its keys and variables, its clock, how far an app was, how it ended, what it said."""

    facts: dict[str, Any]
    keys: set[str]
    variables: dict[str, str]
    offset_seconds: float
    state: tuple[str, int]
    status: int
    said: str


@pytest.fixture(scope="module")
def life(stopped: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A twin's life, lived once for all tests that ask what is kept."""
    folder = shutil.copytree(stopped, tmp_path_factory.mktemp("life") / "twin")
    with running(folder) as twin:
        key = create_app(twin)
        secrets = {name: value for name, value in twin.variables().items() if name.endswith(("SECRET_KEY", "TOKEN"))}
        twin.process.kill()
        assert twin.end() == -signal.SIGKILL
    killed = json.loads((folder / "ready.json").read_text())
    authority = tuple((folder / name).read_bytes() for name in KEPT_BY_A_RESET)
    after_kill, ended = look(folder, signal.SIGTERM)
    after_reset, ended_again = look(folder, signal.SIGINT, "--reset", *ANY_PORTS)
    return Life(key, secrets, authority, killed, after_kill, ended, after_reset, ended_again)


def look(folder: Path, kind: signal.Signals, *options: str) -> tuple[Look, Look]:
    """Start a twin, look, move its clock, and stop it by a signal while clients hold idle connections."""
    with running(folder, *options) as twin:
        began = _look(twin, 0)
        twin.set_clock(offset_seconds=86_400)
        idle = [connect("127.0.0.1", place.port, "localhost", place.ca_file) for place in _places(twin)]
        for connection in idle:
            connection.sendall(b"GET /restapi/service_information HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
        for unfinished in (b"GET / HTTP/1.1\r\nHost: local", b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
            idle.append(connect("127.0.0.1", twin.demo.port, "localhost", twin.demo.ca_file))
            idle[-1].sendall(unfinished)
        status = twin.stop(kind)
        for connection in idle:
            connection.close()
        return began, began._replace(facts=twin.facts, status=status, said=twin.said)


def _look(twin: Twin, status: int) -> Look:
    offset_seconds = twin.control("GET", "/clock").json()["offset_seconds"]
    state = state_of(twin.demo, cast.THIRTEEN_CALLS)
    return Look(twin.facts, keys_of(twin), twin.variables(), offset_seconds, state, status, twin.said)


def _places(twin: Twin) -> list[Place]:
    return [place for place in (twin.demo, twin.production) for _ in range(5)]


def test_a_restart_keeps_what_was_there(life: Life) -> None:
    """An app created before the restart is there after it, and the programs' tokens and secrets are the same ones."""
    assert life.key in life.after_kill.keys
    assert life.secrets.items() <= life.after_kill.variables.items()
    assert life.after_kill.state == ("not ready", 13)


def test_a_twin_that_was_killed_starts_again(life: Life) -> None:
    """After kill -9 the folder is free, programs are not told of the dead process, and an answered deed is kept."""
    assert life.killed["state"] == "ready"
    assert life.after_kill.facts["process"] != life.killed["process"]
    assert life.key in life.after_kill.keys


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_though_idle_connections_are_open(life: Life, kind: signal.Signals) -> None:
    """It ends by itself and well while clients hold TLS connections open, and `ready.json` says that it stopped."""
    ended = life.after_term if kind is signal.SIGTERM else life.after_int

    assert (ended.status, ended.facts["state"]) == (0, "stopped")
    assert "Everything is kept" in ended.said


def test_reset_begins_anew(life: Life, stopped: Path) -> None:
    """Data, secrets and the moved clock are gone; the authority that browsers trust and the control's token stay."""
    anew = life.after_reset

    assert (life.key in anew.keys, cast.THIRTEEN_CALLS in anew.keys) == (False, True)
    assert anew.variables["DS_SECRET_KEY"] != life.secrets["DS_SECRET_KEY"]
    assert (anew.offset_seconds, anew.state) == (0, ("not ready", 13))
    assert anew.variables["KEYSTEWARD_DEV_TOKEN"] == life.secrets["KEYSTEWARD_DEV_TOKEN"]
    assert life.authority == tuple((stopped / name).read_bytes() for name in KEPT_BY_A_RESET)
    assert Path(anew.variables["DS_CA_FILE"]).read_bytes() == life.authority[0]


@pytest.fixture(scope="module")
def held(stopped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin that runs, for the tests that leave it alone."""
    with running(shutil.copytree(stopped, tmp_path_factory.mktemp("held") / "twin")) as twin:
        yield twin


def test_a_second_start_on_the_same_folder_is_refused(held: Twin) -> None:
    """It names the process that holds the folder, says what to do, and leaves the first one alone."""
    status, said = refused(held.folder)

    assert status == 1
    assert f"Another twin runs on {held.folder} (process {held.process.pid})." in said
    assert "Stop it, or name another folder with --data." in said
    assert held.demo.get("/me")["environment"] == "demo"


@pytest.mark.parametrize("option", ["--demo-port", pytest.param("--production-port", marks=pytest.mark.long)])
def test_a_port_that_is_taken_is_refused(tmp_path: Path, option: str) -> None:
    """It names the port and the options that choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        other = "--production-port" if option == "--demo-port" else "--demo-port"

        status, said = refused(tmp_path / "twin", option, port, other, "0")

    assert status == 1
    assert f"Port {port} is in use. Choose others with --demo-port and --production-port; 0 picks a free one." in said


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    """It is left as it was, and the advice is to name another."""
    folder = tmp_path / "thesis"
    folder.mkdir(mode=0o755)
    (folder / "chapter-1.txt").write_text("It was a dark night.")

    status, said = said_here(folder)

    assert status == 1
    assert f"{folder} holds other things. Name an empty or new folder with --data." in said
    assert [path.name for path in folder.iterdir()] == ["chapter-1.txt"]
    assert oct(folder.stat().st_mode) == oct(0o40755)


@pytest.mark.parametrize("name", ["staging=api.local", "demo=two words"])
def test_a_host_name_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    """The form that it takes is told, and no folder is made."""
    status, said = said_here(tmp_path / "twin", "--host-name", name)

    assert status == 2
    assert f"--host-name {name} cannot be read. Say demo=NAME or production=NAME" in said
    assert not (tmp_path / "twin").exists()


def test_the_wrong_master_key_is_refused(folder: Path) -> None:
    """A database with another environment's master key is not opened; both ways out are named."""
    shutil.copy(folder / "production-master.key", folder / "demo-master.key")

    status, said = refused(folder)

    assert status == 1
    assert "is not the one that" in said
    assert "Put the right key in its place. To forget all data and begin anew, add --reset." in said


def test_trust_is_explained_whether_or_not_it_runs(held: Twin) -> None:
    """`--trust` names the authority's certificate and the programs' variables, and ends at once."""
    status, said = said_here(held.folder, "--trust")

    assert (status, str(held.folder / "tls" / "ca.pem") in said) == (0, True)
    assert [name for name in ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "curl --cacert") if name not in said] == []


def has_authority(folder: Path) -> bool:
    """The certificates are being made."""
    return (folder / "tls" / "ca.pem").exists()


def has_people(folder: Path) -> bool:
    """The seed has begun to fill demo."""
    return _count(folder / "demo.db", "users") > 0


def has_promoted(folder: Path) -> bool:
    """The seed has brought a key to production."""
    return _count(folder / "production.db", "apps") > 0


def _count(file: Path, table: str) -> int:
    if not file.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 — our own table
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(has_authority, marks=pytest.mark.long),
        pytest.param(has_people, marks=pytest.mark.long),
        has_promoted,
    ],
)
def test_a_first_start_that_was_killed_heals(tmp_path: Path, moment: Callable[[Path], bool]) -> None:
    """Killed while the seed is played, the next start begins it anew and ends with all four apps where they belong."""
    folder = tmp_path / "twin"
    killed = Twin(folder)
    until(lambda: moment(folder), 20)
    killed.process.kill()
    killed.end()

    assert not (folder / "seed.json").exists()
    with running(folder) as twin:
        apps = (cast.FRESH_START, cast.THIRTEEN_CALLS, cast.READY_TO_GO, cast.TOOLBOX)
        assert [state_of(twin.demo, key)[0] for key in apps] == ["not ready", "not ready", "Review Passed", "Live"]
        assert keys_of(twin) == set(apps)


def test_a_further_host_name_is_the_environments_own(folder: Path) -> None:
    """The certificate holds it, requests to it are answered, and only by the environment that it was given to."""
    path = "/restapi/service_information"
    with running(folder, *NAMES, *ANY_PORTS) as twin:
        for place, own, foreign in (
            (twin.demo, "demo.docusign.test", "www.docusign.test"),
            (twin.production, "www.docusign.test", "demo.docusign.test"),
        ):
            assert ask_at("127.0.0.1", place.port, own, path, place.ca_file) == 200
            assert ask_at("127.0.0.1", place.port, own, path, place.ca_file, host=own) == 200
            assert ask_at("127.0.0.1", place.port, own, path, place.ca_file, host=foreign) == 421


@pytest.mark.long
def test_a_further_host_name_is_forgotten(folder: Path) -> None:
    """Started without it again, the environment has no certificate for the name, and does not answer to it."""
    path = "/restapi/service_information"
    with running(folder, *NAMES, *ANY_PORTS):
        pass

    with running(folder) as again:
        port, ca_file = again.demo.port, again.demo.ca_file
        with pytest.raises(ssl.SSLCertVerificationError):
            connect("127.0.0.1", port, "demo.docusign.test", ca_file)
        assert ask_at("127.0.0.1", port, "localhost", path, ca_file, host="demo.docusign.test") == 421


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("clock.json", marks=pytest.mark.long),
        pytest.param("seed.json", marks=pytest.mark.long),
        "demo.db",
    ],
)
def test_a_damaged_file_is_named(folder: Path, name: str) -> None:
    """What cannot be read is said without a stack trace, with the way to begin anew."""
    for part in folder.glob(f"{name}-*"):
        part.unlink()
    (folder / name).write_text("{this was something else}" * 100)
    status, said = refused(folder)

    assert status == 1
    assert name in said
    assert "cannot be read" in said
    assert ". To forget all data and begin anew, add --reset." in said
    assert "Traceback" not in said
