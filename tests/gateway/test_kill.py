"""Is every answered call in the evidence, though the process dies in the middle?"""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import jwt
import pytest
import requests

from keysteward.twin.cast import TOOLBOX, TOWNS
from tests.polling import until
from tests.twin.running import Place, Twin, running

CALLERS = 6
ENOUGH = 120


def access_token(place: Place) -> str:
    """A token for the user of `dev.env`."""
    now, variables = int(time.time()), place.variables
    claims = {"iss": TOOLBOX, "sub": variables["DS_USER_ID"], "aud": place.host, "iat": now, "exp": now + 3_600,
              "scope": "signature impersonation"}  # fmt: skip
    assertion = jwt.encode(claims, Path(variables["DS_PRIVATE_KEY_FILE"]).read_text(), "RS256")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return str(place.request("POST", "/oauth/token", data=form).json()["access_token"])


class Stream:
    """Callers that create envelopes one after another until nobody answers, and keep the trace of each answer."""

    def __init__(self, place: Place) -> None:
        self.answered: list[str] = []
        self._place = place
        self._token = access_token(place)
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]

    def start(self) -> None:
        """Begin to call."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until every caller has given up."""
        for thread in self._threads:
            thread.join(20)

    def _call(self) -> None:
        url = f"{self._place.origin}/restapi/v2.1/accounts/{TOWNS['demo'].account}/envelopes"
        with requests.Session() as session:
            session.trust_env, session.verify = False, self._place.ca_file
            session.headers["Authorization"] = f"Bearer {self._token}"
            try:
                while True:
                    self._note(session.post(url, json={"emailSubject": "Lease"}, timeout=10))
            except requests.RequestException:
                return

    def _note(self, answer: requests.Response) -> None:
        if answer.status_code == 201:
            self.answered.append(answer.headers["X-DocuSign-TraceToken"])


def traces_in(folder: Path) -> set[str]:
    """The traces of all calls on record in demo, none of which is there twice."""
    with closing(sqlite3.connect(f"file:{folder / 'demo.db'}?mode=ro", uri=True)) as database:
        traces = [trace for (trace,) in database.execute("SELECT trace FROM calls")]
    assert len(traces) == len(set(traces))
    return set(traces)


def kill_in_the_middle(folder: Path, enough: int) -> set[str]:
    """Start, let callers call, kill -9 once enough were answered; the traces of all that were."""
    twin = Twin(folder).wait_until_ready()
    stream = Stream(twin.demo)
    stream.start()
    until(lambda: len(stream.answered) >= enough)
    twin.process.kill()
    stream.join()
    twin.end()
    assert len(stream.answered) >= enough
    return set(stream.answered)


def test_no_answered_call_is_lost(tmp_path: Path) -> None:
    """After kill -9 during a stream of calls and a restart, every answered call is on record and none twice."""
    answered = kill_in_the_middle(tmp_path / "twin", ENOUGH)

    with running(tmp_path / "twin") as again:
        assert answered - traces_in(again.folder) == set()
        assert again.demo.get(f"/keys/{TOOLBOX}/readiness")["run"] == 20
        assert again.demo.get("/me")["environment"] == "demo"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_no_answered_call_is_lost_however_often(tmp_path: Path) -> None:
    """20 deaths at other moments of other streams, on one folder: all that was ever answered is on record."""
    answered: set[str] = set()
    for death in range(20):
        answered |= kill_in_the_middle(tmp_path / "twin", 10 + 37 * death % 150)  # within one burst
        assert answered - traces_in(tmp_path / "twin") == set()

    with running(tmp_path / "twin") as again:
        assert answered - traces_in(again.folder) == set()
