"""Does a program learn how the API is used, as the console shows it?"""

import csv
import io

import pytest

from keysteward.actions.golive import readiness
from keysteward.rules.foreign_logs.judging import Asked
from keysteward.rules.policy import DEFAULT
from tests.cast import ACME, ADA, MALLORY, SAM, VERA
from tests.rules.foreign_logs.logs import judged
from tests.web.api.program import House

POSTED = "POST /restapi/v2.1/accounts/{id}/envelopes"
HERE = f"/usage/accounts/{ACME.demo}"


@pytest.fixture
def at(house: House) -> str:
    """Where the usage of an app is that was called with five times, twice in vain."""
    house.town.call(house.made, 3)
    house.town.call(house.made, 2, by=ADA, status=404, below="/unknown")
    return f"/usage/keys/{house.made.key}"


def test_what_a_key_called(house: House, at: str) -> None:
    """In numbers, bars and groups, with shares that add up."""
    found = house.program().get(at)

    assert (found["key"], found["account"], found["calls"], found["failed"]) == (house.made.key, ACME.demo, 5, 2)
    assert sum(bar["calls"] for bar in found["bars"]) == 5
    assert found["busiest_hour"] == {"begins_at": "2026-11-20T09:00:00Z", "calls": 5}
    assert found["operations"][0] == {
        "name": POSTED, "title": "", "calls": 3, "failed": 0, "share": 0.6, "last_at": "2026-11-20T09:30:00Z",
    }  # fmt: skip
    assert [(user["title"], user["share"]) for user in found["users"]] == [
        ("Sam Sender (sam@acme.example)", 0.6), ("Ada Admin (ada@acme.example)", 0.4),
    ]  # fmt: skip
    assert [(each["status"], each["error_code"], each["calls"]) for each in found["failures"]] == [
        (404, "INVALID_REQUEST_PARAMETER", 2)
    ]
    assert found["headroom"]["hourly_limit"] == 3_000
    assert found["known_since"] == "2026-11-20T09:00:00Z"


def test_what_was_called_in_an_account(house: House, at: str) -> None:
    """By GUID or number, each app with its share."""
    del at
    number = house.program().get("/me")["accounts"][0]["number"]

    assert house.program().get(HERE)["apps"][0]["title"] == "Lease signer"
    assert house.program().get(f"/usage/accounts/{number}")["account"] == ACME.demo


def test_single_calls_in_pages(house: House, at: str) -> None:
    """Newest first, each once; and one of them with the line that makes it again."""
    program = house.program()
    first = program.get(f"{at}/calls?limit=3&period=24h")
    second = program.get(f"{at}/calls?limit=3&period=24h&before={first['before']}")
    one = program.get(f"{at}/calls/{first['calls'][0]['number']}")

    assert [call["status"] for call in first["calls"] + second["calls"]] == [404, 404, 201, 201, 201]
    assert second["before"] is None
    assert {name: one[name] for name in first["calls"][0]} == first["calls"][0]
    assert one["curl"].startswith("curl --globoff --path-as-is --request POST")
    assert "<ACCESS_TOKEN>" in one["curl"]
    assert program.refused("GET", f"{at}/calls/999999999999999") == (404, "no-such-object", "")
    assert program.refused("GET", f"{at}/calls/x") == (404, "no-such-object", "")


def test_a_download(house: House, at: str) -> None:
    """A file of the counted hours, narrowed as the address says, that is no formula in any cell."""
    answer = house.program().ask("GET", f"{at}/hours.csv?status=failed&since=2026-11-20T00:00:00Z")
    (row,) = csv.DictReader(io.StringIO(answer.text))

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="usage.csv"'
    assert row == {
        "hour": "2026-11-20T09:00:00Z", "key": house.made.key, "account": ACME.demo, "user": ADA.demo,
        "operation": "POST /restapi/v2.1/accounts/{id}/unknown", "status": "404",
        "error_code": "INVALID_REQUEST_PARAMETER", "sdk": "Python", "calls": "2",
    }  # fmt: skip


def test_calls_as_lines(house: House, at: str) -> None:
    """Every call of the key, narrowed by time alone, for `keysteward review`: the verdict is the same."""
    answer = house.program().ask("GET", f"{at}/calls.ndjson?status=succeeded&period=7d")
    online = readiness(house.town.demo, house.town.actor(ADA), house.made.key)

    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls.ndjson"'
    found = judged(("calls.ndjson", answer.content), asked=Asked(DEFAULT, starts_at=house.town.demo.now))
    assert (found.key, found.run, found.is_provisional) == (house.made.key, online.run, False)
    assert found.findings == online.findings


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=1y", "period"), ("since=yesterday", "since"), ("until=2026-02-30T00:00:00Z", "until"),
        ("since=2026-11-20T00:00:00Z&until=2026-11-19T00:00:00Z", "until"), ("since=2020-01-01T00:00:00Z", "until"),
        ("since=0001-01-01T00:00:00Z&until=0001-01-01T00:30:00Z", ""), ("until=0001-01-01T00:00:00Z", "until"),
        ("since=9999-12-31T23:00:00Z&until=9999-12-31T23:30:00Z", "until"), ("until=2020-01-01T00:00:00Z", ""),
        ("user=sam", "user"), ("status=9", "status"),
        ("status=0404", "status"), ("operation=" + "x" * 201, "operation"),
    ],
)  # fmt: skip
def test_a_filter_that_is_none(house: House, query: str, field: str) -> None:
    """It is named; a time long ago is merely empty."""
    program, at = house.program(), f"/usage/keys/{house.made.key}"
    if not field:
        assert program.get(f"{at}?{query}")["calls"] == 0
        return
    for path in (at, f"{at}/calls", f"{at}/hours.csv"):
        assert program.refused("GET", f"{path}?{query}") == (422, "invalid-field", field)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=0", "before=-1"])
def test_a_page_that_is_none(house: House, query: str) -> None:
    """Pages have 1 to 200 calls, and begin at a number."""
    refused = house.program().refused("GET", f"{HERE}/calls?{query}")

    assert refused == (422, "invalid-field", query.partition("=")[0])


def test_who_may_not(house: House, at: str) -> None:
    """Members, strangers, and programs without the permission, at every address."""
    keys_only = house.program(permissions=frozenset({"account:key:read"}))
    assert house.program(MALLORY).refused("GET", f"/usage/keys/{house.made.key}/calls.ndjson")[1] == "no-such-key"
    for below in ("", "/calls", "/calls/1", "/hours.csv"):
        assert house.program(VERA).refused("GET", at + below) == (403, "not-an-admin", "")
        assert house.program(MALLORY).refused("GET", at + below) == (404, "no-such-key", "")
        assert house.program(SAM).refused("GET", HERE + below) == (403, "not-an-admin", "")
        assert house.program(MALLORY).refused("GET", HERE + below) == (404, "no-such-account", "")
        assert keys_only.refused("GET", HERE + below) == (403, "token-lacks-permission", "")
