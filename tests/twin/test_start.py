"""When does `keysteward dev` start again, when does it refuse, and what does it keep?"""

import json
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from keysteward.twin import cast
from tests.twin.running import ANY_PORTS, COMMAND, Twin, refused, running, state_of, until
from tests.twin.wire import ask_at, connect

NEW_APP = {"name": "Kept", "contact": "team@northwind.example"}
ACCOUNT = cast.TOWNS["demo"].account


def create_app(twin: Twin) -> str:
    """Create an app in demo and answer with its key."""
    return str(twin.demo.make(f"/accounts/{ACCOUNT}/keys", NEW_APP)["key"])


def keys_of(twin: Twin) -> set[str]:
    """The keys of the account in demo."""
    return {key["key"] for key in twin.demo.get(f"/accounts/{ACCOUNT}/keys")["keys"]}


def test_a_restart_keeps_what_was_there(folder: Path) -> None:
    """An app created before the restart is there after it, and the programs' tokens and secrets are the same ones."""
    with running(folder) as twin:
        key = create_app(twin)
        secrets = {name: value for name, value in twin.variables().items() if name.endswith(("SECRET_KEY", "TOKEN"))}

    with running(folder) as again:
        assert key in keys_of(again)
        assert secrets.items() <= again.variables().items()
        assert state_of(again.demo, cast.THIRTEEN_CALLS) == ("not ready", 13)


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_though_idle_connections_are_open(folder: Path, kind: signal.Signals) -> None:
    """It ends by itself and well while clients hold TLS connections open, and `ready.json` says that it stopped."""
    with running(folder) as twin:
        ports = (twin.demo.port, twin.production.port)
        idle = [connect("127.0.0.1", port, "localhost", twin.demo.ca_file) for port in ports for _ in range(5)]
        for connection in idle:
            connection.sendall(b"GET /restapi/service_information HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"

        status = twin.stop(kind)
        for connection in idle:
            connection.close()

    assert (status, twin.facts["state"]) == (0, "stopped")
    assert "Everything is kept" in twin.said


def test_a_second_start_on_the_same_folder_is_refused(folder: Path) -> None:
    """It names the process that holds the folder, says what to do, and leaves the first one alone."""
    with running(folder) as twin:
        status, said = refused(folder)

        assert status == 1
        assert f"Another twin runs on {folder} (process {twin.process.pid})." in said
        assert "Stop it, or name another folder with --data." in said
        assert twin.demo.get("/me")["environment"] == "demo"


@pytest.mark.parametrize("option", ["--demo-port", "--production-port"])
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

    status, said = refused(folder)

    assert status == 1
    assert f"{folder} holds other things. Name an empty or new folder with --data." in said
    assert [path.name for path in folder.iterdir()] == ["chapter-1.txt"]
    assert oct(folder.stat().st_mode) == oct(0o40755)


@pytest.mark.parametrize("name", ["staging=api.local", "demo=two words"])
def test_a_host_name_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    """The form that it takes is told, and no folder is made."""
    status, said = refused(tmp_path / "twin", "--host-name", name)

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


def test_reset_begins_anew(folder: Path) -> None:
    """Data, secrets and the moved clock are gone; the authority that browsers trust and the control's token stay."""
    kept = [folder / "tls" / "ca.pem", folder / "dev.token"]
    before = [file.read_bytes() for file in kept]
    with running(folder) as twin:
        key, secret = create_app(twin), twin.demo.variables["DS_SECRET_KEY"]
        twin.set_clock(offset_seconds=86_400)

    with running(folder, "--reset", *ANY_PORTS) as again:
        assert key not in keys_of(again)
        assert again.demo.variables["DS_SECRET_KEY"] != secret
        assert again.control("GET", "/clock").json()["offset_seconds"] == 0
        assert state_of(again.demo, cast.READY_TO_GO) == ("Review Passed", 20)
        assert [file.read_bytes() for file in kept] == before


def test_trust_is_explained_whether_or_not_it_runs(folder: Path) -> None:
    """`--trust` names the authority's certificate and the programs' variables, and ends at once."""
    command = [str(COMMAND), "dev", "--data", str(folder), "--trust"]
    with running(folder):
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout

    ca_file = str(folder / "tls" / "ca.pem")
    assert ca_file in said.splitlines()
    assert [name for name in ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "curl --cacert") if name not in said] == []


def test_a_twin_that_was_killed_starts_again(folder: Path) -> None:
    """After kill -9 the folder is free, programs are not told of the dead process, and an answered deed is kept."""
    with running(folder) as twin:
        key = create_app(twin)
        twin.process.kill()
        assert twin.end() == -signal.SIGKILL

    stale = json.loads((folder / "ready.json").read_text())["process"]
    with running(folder) as again:
        assert key in keys_of(again)
        assert again.facts["process"] != stale


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


@pytest.mark.parametrize("moment", [has_authority, has_people, has_promoted])
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
    """The certificate holds it, requests to it are answered, and only by the environment that it was given to.

    Started without it again, the environment forgets the name.
    """
    names = ("--host-name", "demo=demo.docusign.test", "--host-name", "production=www.docusign.test")
    path = "/restapi/service_information"
    with running(folder, *names, *ANY_PORTS) as twin:
        for place, own, foreign in (
            (twin.demo, "demo.docusign.test", "www.docusign.test"),
            (twin.production, "www.docusign.test", "demo.docusign.test"),
        ):
            assert ask_at("127.0.0.1", place.port, own, path, place.ca_file) == 200
            assert ask_at("127.0.0.1", place.port, own, path, place.ca_file, host=own) == 200
            assert ask_at("127.0.0.1", place.port, own, path, place.ca_file, host=foreign) == 421

    with running(folder) as again:
        port, ca_file = again.demo.port, again.demo.ca_file
        with pytest.raises(ssl.SSLCertVerificationError):
            connect("127.0.0.1", port, "demo.docusign.test", ca_file)
        assert ask_at("127.0.0.1", port, "localhost", path, ca_file, host="demo.docusign.test") == 421


@pytest.mark.parametrize("name", ["clock.json", "seed.json", "demo.db"])
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
