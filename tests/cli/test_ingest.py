"""Does `keysteward ingest` bring a gateway's log to its environment, until all of it has arrived?"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from typer.testing import CliRunner, Result

from keysteward.actions import gateways
from keysteward.cli.app import app
from tests.cast import Made, Town
from tests.checked import OLGA, decide
from tests.gateway.front import Asking, asking
from tests.gateway.peer import serving
from tests.polling import until


@pytest.fixture
def asked(town: Town, made: Made) -> Iterator[Asking]:
    """Keysteward, as a gateway tells it how calls ended."""
    with asking(town, made) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the gateway's log is."""
    return tmp_path / "access.log"


def options(asked: Asking, log: Path) -> list[str]:
    """Whom to tell, and with what."""
    credential = log.with_name("credential")
    credential.write_text(asked.credential + "\n")
    return [str(log), "--to", asked.address, "--credential-file", str(credential)]


def ingest(asked: Asking, log: Path) -> Result:
    """Bring what is there."""
    return CliRunner().invoke(app, ["ingest", *options(asked, log)], env={"COLUMNS": "300"})


def write(asked: Asking, log: Path, times: int) -> None:
    """The gateway is asked, and logs how the calls ended."""
    assert asked.edge
    with log.open("a") as file:
        for decision in decide(asked.town, asked.made, asked.edge.gateway, times):
            file.write(json.dumps({"decision": decision, "status": 201, "remote_addr": "192.0.2.1"}) + "\n")


def known(asked: Asking) -> int:
    """How many calls have an outcome."""
    return sum(call.countable for call in asked.recorded())


def test_a_log_arrives_once(asked: Asking, log: Path) -> None:
    """A second run goes on where the first one ended, and says what it did."""
    write(asked, log, 3)
    first = ingest(asked, log)
    write(asked, log, 2)
    second = ingest(asked, log)

    assert (first.exit_code, second.exit_code, known(asked)) == (0, 0, 5)
    assert first.stdout == "3 outcomes taken, 0 known before, 0 not taken; 0 kB behind\n"
    assert second.stdout == "2 outcomes taken, 0 known before, 0 not taken; 0 kB behind\n"


def test_lines_that_are_not_taken_are_named(asked: Asking, log: Path) -> None:
    """The good ones around them arrive, and the command says at its end that something was wrong."""
    write(asked, log, 1)
    with log.open("a") as file:
        file.write(
            'garbage\n{"decision":"-","status":400}\n{"decision":"","status":400}\n{"decision":[],"status":400}\n'
        )
        file.write('{"decision":"00000000-0000-4000-8000-000000000000","status":200}\n')
    write(asked, log, 1)
    ended = ingest(asked, log)

    assert (ended.exit_code, known(asked)) == (1, 2)
    assert f"byte {log.read_bytes().index(b'garbage')}: the line is no JSON object." in ended.stderr
    assert "00000000-0000-4000-8000-000000000000: This gateway asked for no decision of this id." in ended.stderr


def test_a_dead_credential_stops_it(asked: Asking, log: Path) -> None:
    """What was not acknowledged is still to be sent."""
    write(asked, log, 1)
    gateways.remove(asked.ctx, "edge", OLGA)
    ended = ingest(asked, log)

    assert (ended.exit_code, log.with_name("access.log.position").exists()) == (2, False)
    assert "401 not-a-gateway" in ended.stderr


def test_it_needs_a_credential(asked: Asking, log: Path) -> None:
    """A file that is not there is named."""
    arguments = ["ingest", str(log), "--to", asked.address, "--credential-file", str(log.with_name("nothing"))]
    ended = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})

    assert (ended.exit_code, "No such file" in ended.stderr) == (2, True)


def test_it_tries_until_it_is_heard(asked: Asking, log: Path) -> None:
    """A server that is away for a while costs nothing but time."""
    write(asked, log, 2)
    silent = [503, 503]

    async def sometimes(scope: Scope, receive: Receive, send: Send) -> None:
        status = silent.pop() if silent else 200
        body = b'{"taken":2,"repeated":0,"refused":[]}'
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with serving(sometimes) as address:
        arguments = ["ingest", *options(asked, log), "--to", address]
        ended = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})

    assert (ended.exit_code, silent) == (0, [])
    assert ended.stdout.startswith("2 outcomes taken")


@contextmanager
def following(arguments: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """The command as it runs for long."""
    command = [sys.executable, "-m", "keysteward", "ingest", "--follow", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        yield process
        process.send_signal(signal.SIGINT)
        process.wait(20)


def test_it_follows_a_log_across_a_rotation(asked: Asking, log: Path) -> None:
    """What is written arrives by itself, in the file of today and in that of tomorrow."""
    write(asked, log, 1)
    with following(options(asked, log)) as process:
        until(lambda: known(asked) == 1)
        write(asked, log, 2)
        until(lambda: known(asked) == 3)
        log.rename(log.with_name("access.log.1"))
        write(asked, log, 2)
        until(lambda: known(asked) == 5)

    assert process.returncode == 0
