"""Is a ZIP of our own Diagnostics API judged offline as the same calls are on the server?"""

from collections.abc import Callable

import pytest
import requests

from keysteward.actions import golive
from keysteward.actions.golive import Readiness
from keysteward.rules.foreign_logs.judging import Asked, Judged
from keysteward.rules.policy import DEFAULT
from tests.cast import ADA, UNKNOWN
from tests.gateway.peer import Gate, answering
from tests.rules.foreign_logs.logs import judged

DIAGNOSTICS = "/restapi/v2.1/diagnostics"
ERROR = b'{"errorCode":"ENVELOPE_DOES_NOT_EXIST","message":"No."}'

Story = Callable[[Gate], None]


def good(opened: Gate) -> None:
    """Twenty-four calls, reads of one envelope among them, with another query or much later."""
    for number in range(20):
        opened.town.clock.advance(seconds=0.5)
        opened.call("POST", json={"emailSubject": "Lease"})
        if number % 5 == 0:
            opened.call("GET", f"/{UNKNOWN}/documents", params={"page": number})
    ask(opened, "GET", "/restapi/v2.1/login_information")


def polling(opened: Gate) -> None:
    """The same read after five minutes, the second time with its query in another writing."""
    opened.call("GET", f"/{UNKNOWN}?include=recipients&a=1%2C2")
    opened.town.clock.advance(minutes=5)
    opened.call("GET", f"/{UNKNOWN.upper()}?include=recipients&a=1,2")
    good(opened)


def failing(opened: Gate) -> None:
    """An error of the app, and answers that are not its fault."""
    good(opened)
    opened.api.answer = answering(404, ERROR)
    opened.call("GET", f"/{UNKNOWN}/recipients")
    opened.api.answer = answering(503)
    opened.call("POST")
    opened.api.answer = answering()
    for _ in range(4):
        opened.call("POST")


def over_days(opened: Gate) -> None:
    """Twenty calls, ten of them a day later."""
    for _ in range(2):
        opened.token = opened.sign_in()
        for _ in range(10):
            opened.call("POST")
        opened.town.clock.advance(hours=24.5)
    opened.token = opened.sign_in()


def of_strangers(opened: Gate) -> None:
    """A token that does not verify is no call of any key; a foreign account is a failed call."""
    good(opened)
    opened.call("POST", headers={"Authorization": "Bearer nonsense"})
    opened.call("POST", account=UNKNOWN)
    opened.call("POST")


def ask(opened: Gate, method: str, path: str, **headers: str) -> requests.Response:
    """Call something else than envelopes."""
    said = {"Authorization": f"Bearer {opened.token}", "Content-Type": "application/json"} | headers
    with requests.Session() as session:
        session.trust_env = False
        body = '{"apiRequestLogging":"true"}' if method == "PUT" else None
        return session.request(method, opened.address + path, headers=said, data=body, timeout=30)


def online(opened: Gate) -> Readiness:
    """What the server would say now."""
    return golive.readiness(opened.ctx, opened.town.actor(ADA), opened.made.key)


def offline(opened: Gate) -> Judged:
    """What the ZIP says of the same calls, to a review that would start at the same time."""
    answer = ask(opened, "GET", f"{DIAGNOSTICS}/request_logs", Accept="application/zip")
    return judged(("logs.zip", answer.content), asked=Asked(DEFAULT, opened.made.key, opened.ctx.now))


@pytest.mark.parametrize("story", [good, polling, failing, over_days, of_strangers])
def test_a_request_log_is_judged_as_the_server_does(opened: Gate, story: Story) -> None:
    """The same verdict, the same n, the same calls in the evidence, and the same findings about them."""
    assert ask(opened, "PUT", f"{DIAGNOSTICS}/settings").status_code == 200
    story(opened)

    found, said = offline(opened), online(opened)
    assert (found.verdict, found.run) == ("failed" if said.findings else "passed", said.run)
    assert [each.call.trace for each in found.evidence.calls] == [each.call.trace for each in said.evidence.calls]
    assert [(each.rule, each.sentence, each.url, each.status) for each in found.findings] == [
        (each.rule, each.sentence, each.url, each.status) for each in said.findings
    ]


def test_the_fifty_first_call_is_not_in_the_zip(opened: Gate) -> None:
    """Request logging ends by itself after 50, so an error after that is missing; the verdict says that it may be."""
    ask(opened, "PUT", f"{DIAGNOSTICS}/settings")
    for _ in range(50):
        opened.call("POST")
    opened.call("POST", account=UNKNOWN)

    found = offline(opened)
    assert (found.verdict, online(opened).run) == ("passed", 0)
    assert "full" in [silence.code for silence in found.silences if silence.matters]
