"""What becomes of outcomes that the ASGI middleware cannot bring, or that Keysteward does not take?"""

import asyncio
import logging

import pytest
from keysteward_asgi import Keysteward, Told
from keysteward_asgi.outcomes import Heard, Outcomes, heard
from starlette.applications import Starlette

from keysteward.actions import gateways
from tests.alone import alone
from tests.cast import Made, Town
from tests.checked import OLGA
from tests.gateway.front import Front, asking
from tests.gateway.peer import Api, answering, serving
from tests.gateway.test_middleware import ROUTES
from tests.polling import until


class Listener:
    """Keysteward, as the outcomes meet it: it says `answer`, and keeps what it was told."""

    def __init__(self, answer: Heard | None) -> None:
        self.answer = answer
        self.asked = asyncio.Event()
        self.lines: list[bytes] = []

    async def __call__(self, lines: bytes) -> Heard | None:
        """Hear of some."""
        self.lines = lines.split(b"\n")
        self.asked.set()
        return self.answer


def test_what_is_not_taken_is_counted_and_logged(town: Town, made: Made, caplog: pytest.LogCaptureFixture) -> None:
    """An app reads how many outcomes arrived, and its log says of the others why they stay unknown."""
    with asking(town, made) as keys:
        app = Keysteward(Starlette(routes=ROUTES), url=keys.address, credential=keys.credential)
        with serving(app, app.close) as address:
            opened = Front(town, made, Api(answering()), address, keys.token, asking=keys)
            opened.call("POST")
            until(lambda: app.told == Told(taken=1))
            opened.call("POST")
            gateways.remove(keys.ctx, "edge", OLGA)
            until(lambda: app.told == Told(taken=1, refused=1))

    assert [record.getMessage() for record in caplog.records if record.name == "keysteward_asgi"] == [
        "1 outcomes were not taken: answered 401 (1); they stay unknown"
    ]


def test_memory_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """While Keysteward takes nothing the oldest are given up; those that are kept arrive once it does."""

    async def story() -> tuple[Told, Told, list[bytes]]:
        silent = Listener(None)
        outcomes = Outcomes(silent, most=3)
        for number in range(5):
            outcomes.add({"decision": number})
        full = outcomes.told
        await silent.asked.wait()
        silent.answer = Heard(3, 0, [])
        await outcomes.flush(10)
        return full, outcomes.told, silent.lines

    with caplog.at_level(logging.WARNING, "keysteward_asgi"):
        full, told, lines = alone(story())

    assert (full, told) == (Told(given_up=2, waiting=3), Told(taken=3, given_up=2))
    assert lines == [b'{"decision": 2}', b'{"decision": 3}', b'{"decision": 4}']
    assert [record.getMessage() for record in caplog.records] == [
        "too many outcomes wait: the oldest are given up, and stay unknown",
        "Keysteward takes no outcomes now; it is asked again until it does",
    ]


def test_an_app_that_stops_says_what_it_could_not_tell(caplog: pytest.LogCaptureFixture) -> None:
    """It waits for Keysteward no longer than it is told to, and counts what it takes along."""

    async def story() -> Told:
        outcomes = Outcomes(Listener(None), most=10)
        outcomes.add({"decision": 1})
        await outcomes.flush(0.01)
        return outcomes.told

    assert alone(story()) == Told(given_up=1)
    assert caplog.messages == ["the app stopped before 1 outcomes were told: they stay unknown"]


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b'{"taken":1,"repeated":2,"refused":[{"code":"outcome-late"}]}', Heard(1, 2, ["outcome-late"])),
        (200, b"<html>", None),
        (200, b"{}", None),
        (429, b"", None),
        (503, b"", None),
        (413, b"", Heard(0, 0, ["answered 413"] * 4)),
    ],
)
def test_only_keysteward_acknowledges(status: int, body: bytes, found: Heard | None) -> None:
    """What somebody else answers, or Keysteward in trouble, is asked again; what it refuses whole is not."""
    assert heard(status, body, 4) == found
