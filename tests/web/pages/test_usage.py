"""Does the console show how the API is used, readable, narrowed by its address, and only to whom it concerns?"""

from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.cast import ACME, ADA, MALLORY, SAM, STRANGE, VERA, Made, Town
from tests.web.pages.browsing import Street

OPERATION = "GET /restapi/v2.1/accounts/{id}/users"


@pytest.fixture
def used(town: Town, made: Made) -> str:
    """The usage page of an app with good calls, failures, and one resource read twice in 30 seconds."""
    town.call(made, 3)
    town.clock.advance(hours=1)
    town.call(made, 2, by=ADA, method="GET", below="/users", status=404)
    town.call(made, 2, method="GET", below="/envelopes/1?a=secret", status=200, every=timedelta(seconds=30))
    return f"/apps/{made.key}/usage"


def test_a_key_is_shown_in_numbers(street: Street, used: str) -> None:
    """Calls, failures, who and what, in tables that say the same as the chart."""
    page = street.signed_in(ADA).open(used)
    words = page.main.text

    assert page.heading == "Lease signer"
    assert "Calls 7" in words
    assert "Failed 2 28.6 %" in words
    assert "404 INVALID_REQUEST_PARAMETER" in words
    assert "Sam Sender (sam@acme.example)" in words
    assert "GET /restapi/v2.1/accounts/{id}/envelopes/{id}" in words
    assert "30 s" in words
    assert "secret" not in words
    (chart,) = [svg for svg in page.main.all("svg") if svg.get("role") == "img"]
    assert chart.get("aria-label") == "Calls of Lease signer over time: 7 calls, 2 failed"
    assert len([title for title in chart.all("title") if ": 0 succeeded, 0 failed" not in title.text]) in {1, 2}


def test_the_address_narrows_the_view(street: Street, used: str) -> None:
    """What was chosen stays chosen, and goes along to the single calls and the download."""
    ada = street.signed_in(ADA)
    query = f"period=24h&user={ADA.demo}&operation={quote(OPERATION)}&status=404"
    page = ada.open(f"{used}?{query}")
    links = [link.get("href") for link in page.main.all("a")]

    assert "Calls 2" in page.main.text
    assert [each.get("value") for each in page.main.all("option") if "selected" in each.attributes] == [
        "24h", ADA.demo, OPERATION, "404",
    ]  # fmt: skip
    assert [link.partition("?")[0] for link in links if "status=404" in link and "period=24h" in link][:2] == [
        f"{used}/calls", f"{used}/hours.csv",
    ]  # fmt: skip
    (lines,) = [link for link in links if link.endswith(".ndjson?period=24h")]
    assert ada.ask("GET", lines).status == 200
    assert "No call in this time" in ada.open(f"{used}?status=500").main.text


def test_single_calls_lead_to_curl(street: Street, town: Town, used: str) -> None:
    """The list leads to one call, which says how to make it again, with placeholders."""
    sam_sees = street.signed_in(ADA)
    listed = sam_sees.open(f"{used}/calls?status=succeeded")
    (first, *others) = [link for link in listed.main.all("a") if link.get("href").startswith(f"{used}/calls/")]
    page = sam_sees.open(first.get("href"))

    assert len(others) == 4
    assert "curl --globoff" in page.main.text
    assert "<ACCESS_TOKEN>" in page.main.text
    assert f"{town.demo.origin}/restapi/v2.1/accounts/{ACME.demo}/envelopes/1?a=<VALUE>" in page.main.text
    assert sam_sees.ask("GET", f"{used}/calls/999999").status == 404
    assert sam_sees.ask("GET", f"{used}/calls/none").status == 404


def test_an_error_counts_as_one(street: Street, used: str) -> None:
    """Nobody takes a refused call for a good one because it counts towards Go-Live."""
    ada = street.signed_in(ADA)
    failed, passed = (ada.open(f"{used}/calls?status={status}").main.text for status in ("404", "succeeded"))

    assert (failed.count("Counts, as an error"), "as an error" in passed, "Counts" in passed) == (2, False, True)


def test_an_account_shows_its_apps(street: Street, town: Town, used: str) -> None:
    """Each app's share, and the keys that nobody uses."""
    del used
    foreign = town.create_app(by=MALLORY, firm=STRANGE, name="=Evil()")
    town.call(foreign, 1)
    town.create_app(name="Forgotten")
    ada = street.signed_in(ADA)
    words = ada.open("/account/usage").main.text

    assert "Calls 8" in words
    assert "Lease signer" in words
    assert "87.5 %" in words
    assert "=Evil()" in words
    assert "Forgotten" in words


def test_who_may_not_see_it(street: Street, used: str) -> None:
    """Members are told who can; strangers that there is nothing."""
    vera, mallory = street.signed_in(VERA), street.signed_in(MALLORY)

    assert [vera.ask("GET", path).status for path in (used, f"{used}/calls", f"{used}/hours.csv")] == [403] * 3
    assert [mallory.ask("GET", path).status for path in (used, f"{used}/calls", f"{used}/hours.csv")] == [404] * 3
    assert vera.ask("GET", "/account/usage").status == 403
    assert street.signed_in(SAM).ask("GET", "/account/usage/hours.csv").status == 403


def test_a_filter_that_is_none(street: Street, used: str) -> None:
    """It is named, with what to choose instead."""
    page = street.signed_in(ADA).ask("GET", f"{used}?period=ever")

    assert (page.status, "choose one of 24h, 7d, 30d, 90d" in page.main.text) == (422, True)
