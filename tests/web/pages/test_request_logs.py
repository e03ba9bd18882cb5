"""Can somebody turn their request logging on, read what happened, and clear it?"""

import io
import zipfile
from datetime import timedelta

import pytest

from keysteward.actions import request_logs
from keysteward.actions.callers import Caller
from keysteward.rules.accounts import SENDER
from keysteward.rules.log_bodies import Captured
from keysteward.rules.request_logs import Exchange
from keysteward.rules.words import new_guid
from tests.cast import ACME, ADA, SAM, UNKNOWN, Made, Town
from tests.web.pages.browsing import Street

PAGE = "/request-logs"
NONE = Captured(b"", 0, "0" * 64)


def body(text: str) -> Captured:
    """A short body."""
    return Captured(text.encode(), len(text), "1" * 64)


def passed(town: Town, sent: str = '{"emailSubject":"<b>Lease</b>"}', status: int = 201) -> Exchange:
    """A call that passed."""
    typed = ((b"content-type", b"application/json"), (b"authorization", b"Bearer abcdefgh"))
    return Exchange(
        "POST", town.demo.origin, f"/restapi/v2.1/accounts/{ACME.demo}/envelopes", "", "1.1", typed, body(sent), status,
        typed[:1], NONE, new_guid(), town.clock.now, town.clock.now, timedelta(milliseconds=12), "whole",
    )  # fmt: skip


@pytest.fixture
def caller(town: Town, made: Made) -> Caller:
    """An app that acts for Sam, whose requests are logged."""
    caller = town.caller(town.demo, made, SAM)
    assert caller.user
    request_logs.turn_on(town.demo, caller.user)
    return caller


def test_on_and_off(street: Street) -> None:
    """The page says how it stands and what comes next, and each button does what it says."""
    sam = street.signed_in(SAM)
    page = sam.open(PAGE)
    on = sam.open(sam.send(page, f"{PAGE}/on").location)
    off = sam.open(sam.send(on, f"{PAGE}/off").location)

    assert page.heading == "Request logs"
    assert "Logging is off" in page.main.text
    assert "Nothing is logged yet" in page.main.text
    assert ("Logging is on" in on.notice, "50 of 50 left" in on.main.text) == (True, True)
    assert "Logging is off" in off.notice
    assert page.forms(f"/account/request-logging/{SENDER.id}/forbid") == []
    assert sam.ask("GET", f"{PAGE}/on").location == PAGE


def test_an_entry_is_read(street: Street, town: Town, caller: Caller) -> None:
    """Request and answer stand beside each other, nothing in them is markup, and curl makes the request again."""
    assert request_logs.keep(town.demo, caller, passed(town))
    sam = street.signed_in(SAM)
    page = sam.open(PAGE)
    (link,) = [each.get("href") for each in page.main.all("a") if each.get("href").startswith(f"{PAGE}/") and
               "download" not in each.get("href")]  # fmt: skip
    entry = sam.open(link)

    assert "49 of 50 left" in page.main.text
    assert "201 Created" in page.main.text
    assert entry.heading == "CreateEnvelope"
    assert (entry.fact("Took"), entry.fact("Answer")) == ("12.0 ms", "201 Created")
    shown = {node.get("aria-label"): node.text for node in entry.main.all("pre")}
    assert shown["Body of the request"] == '{ "emailSubject": "<b>Lease</b>" }'
    assert "Authorization: [omitted]" in shown["Headers of the request"]
    assert shown["First line of the answer"] == "HTTP/1.1 201 Created"
    assert "'Authorization: Bearer <ACCESS_TOKEN>'" in shown["curl"]
    assert entry.main.all("b") == []
    assert street.signed_in(ADA).open(link).status == 404


def test_all_as_files_and_cleared(street: Street, town: Town, caller: Caller) -> None:
    """The ZIP holds each as a text; clearing asks once more and makes room."""
    for status in (201, 400):
        request_logs.keep(town.demo, caller, passed(town, status=status))
    sam = street.signed_in(SAM)
    cookies = "; ".join(f"{name}={value}" for name, value in sam.cookies.items())
    answer = street.ask("GET", f"{PAGE}/download", Cookie=cookies)
    cleared = sam.open(sam.send(sam.open(PAGE), f"{PAGE}/clear").location)

    files = zipfile.ZipFile(io.BytesIO(answer.content))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="request-logs-demo.zip"'
    assert files.namelist() == ["00_Created_CreateEnvelope.txt", "01_BadRequest_CreateEnvelope.txt"]
    assert "Log cleared" in cleared.notice
    assert "Nothing is logged yet" in cleared.main.text


def test_a_full_log(street: Street, town: Town, caller: Caller) -> None:
    """It says that it is full and what to do next; turning it on is no button any more, and is refused."""
    for _ in range(town.demo.policy.request_log_entries):
        request_logs.keep(town.demo, caller, passed(town))
    sam = street.signed_in(SAM)
    page = sam.open(PAGE)

    assert "Your log holds 50 entries, and logging turned itself off." in page.main.text
    assert page.forms(f"{PAGE}/on") == []
    assert sam.ask("POST", f"{PAGE}/on", []).status == 409


def test_a_profile_that_forbids_it(street: Street) -> None:
    """An admin forbids it in one press and allows it again; who may not log is told so, and whom to ask."""
    ada, sam = street.signed_in(ADA), street.signed_in(SAM)
    told = ada.open(ada.send(ada.open(PAGE), f"/account/request-logging/{SENDER.id}/forbid").location)
    page = sam.open(PAGE)

    assert "Request logging forbidden" in told.notice
    assert "Your permission profile does not allow request logging." in page.main.text
    assert page.forms(f"{PAGE}/on") == []
    assert sam.ask("POST", f"{PAGE}/on", []).status == 403
    assert sam.ask("POST", f"/account/request-logging/{SENDER.id}/allow", []).status == 403
    assert (
        "Request logging allowed"
        in ada.open(ada.send(told, f"/account/request-logging/{SENDER.id}/allow").location).notice
    )
    assert street.signed_in(SAM).open(f"{PAGE}/{UNKNOWN}").status == 404
