"""Which envelopes does a list have, in which order, and where does it go on?"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysteward.sample.answers import stamp
from keysteward.sample.search import read_moment
from tests.sample.peer import START, UNKNOWN, Client, Upstream, refusal_of

REAL_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone comes beside
EVER = "2000-01-01"


def ids_of(listed: dict[str, Any]) -> list[str]:
    """Name the envelopes of a list, in its order."""
    return [envelope["envelopeId"] for envelope in listed["envelopes"]]


def create_three(client: Client) -> list[str]:
    """Create a draft, then a sent one, then a voided one, an hour apart."""
    draft = client.create(status="created")
    client.wait(hours=1)
    sent = client.create()
    client.wait(hours=1)
    voided = client.create()
    client.call("PUT", f"/envelopes/{voided}", json={"status": "voided", "voidedReason": "Wrong flat"})
    return [draft, sent, voided]


def test_numbers_of_a_list_are_strings(ada: Client) -> None:
    """A list has every field that SDKs read; its numbers are strings."""
    create_three(ada)

    listed = ada.get("/envelopes", from_date=EVER)

    listed.pop("envelopes")
    assert listed == {
        "resultSetSize": "3",
        "startPosition": "0",
        "endPosition": "2",
        "totalSetSize": "3",
        "nextUri": "",
        "previousUri": "",
    }


def test_an_empty_list_is_a_list(ada: Client) -> None:
    """Nothing found is an answer, not an error."""
    listed = ada.get("/envelopes", from_date=EVER)

    assert listed["envelopes"] == []
    assert (listed["resultSetSize"], listed["totalSetSize"], listed["endPosition"]) == ("0", "0", "0")


def test_newest_first_unless_asked_otherwise(ada: Client) -> None:
    """Order is by creation, newest first; `order=asc` turns it round, whatever the clock did."""
    first = ada.create()
    ada.wait(days=-1)
    second = ada.create()

    assert ids_of(ada.get("/envelopes", from_date=EVER)) == [second, first]
    assert ids_of(ada.get("/envelopes", from_date=EVER, order="asc")) == [first, second]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"from_date": "2026-11-20"}, [0, 1, 2], id="a day"),
        pytest.param({"from_date": "2026-11-21"}, [], id="the next day"),
        pytest.param({"from_date": "2026-11-20T10:30:00.0000000Z"}, [1, 2], id="seven fraction digits"),
        pytest.param({"from_date": "2026-11-20T10:30:00.000001"}, [2], id="no zone is UTC"),
        pytest.param({"from_date": "2026-11-20T12:30:00+02:00"}, [1, 2], id="a zone"),
        pytest.param({"from_date": "2026-11-20T12:30:00 02:00"}, [1, 2], id="a plus sign that became a space"),
        pytest.param({"from_date": EVER, "to_date": "2026-11-20T10:30:00Z"}, [0, 1], id="to_date is inclusive"),
        pytest.param({"from_date": EVER, "to_date": ""}, [0, 1, 2], id="an empty filter is none"),
        pytest.param({"from_date": EVER, "status": "Sent"}, [1], id="a status in any case"),
        pytest.param({"from_date": EVER, "status": "created,voided"}, [0, 2], id="statuses in a list"),
        pytest.param({"from_date": EVER, "status": ["created", "sent"]}, [0, 1], id="statuses in repeated keys"),
        pytest.param({"from_date": EVER, "status": "any"}, [0, 1, 2], id="any status"),
        pytest.param({"from_date": EVER, "status": "completed"}, [], id="a status that nothing has"),
    ],
)
def test_filters_by_date_and_status(ada: Client, query: dict[str, Any], found: list[int]) -> None:
    """Dates look at the last change of status; statuses may be listed or repeated."""
    envelopes = create_three(ada)

    assert ids_of(ada.get("/envelopes", order="asc", **query)) == [envelopes[index] for index in found]


def test_ids_in_a_list_in_repeated_keys_and_in_any_case(ada: Client, mallory: Client) -> None:
    """IDs may be listed or repeated and are matched in any case; unknown and foreign ones are left out."""
    draft, sent, voided = create_three(ada)
    ids = [f"{draft},{UNKNOWN}", voided.upper(), mallory.create()]

    listed = ada.get("/envelopes", envelope_ids=ids, order="asc")

    assert ids_of(listed) == [draft, voided]
    assert ids_of(ada.get("/envelopes", envelope_ids=sent)) == [sent]


def test_ids_in_the_body(ada: Client) -> None:
    """`PUT envelopes/status?envelope_ids=request_body` takes thousands of IDs from the body."""
    envelopes = create_three(ada)
    ids = [*envelopes, *(str(uuid4()) for _ in range(40_000))]

    query = {"envelope_ids": "request_body", "order": "asc"}
    answer = ada.call("PUT", "/envelopes/status", params=query, json={"envelopeIds": ids})

    assert answer.status_code == 200
    assert ids_of(answer.json()) == envelopes
    assert answer.json()["envelopes"][0]["statusChangedDateTime"] == "2026-11-20T09:30:00.0000000Z"


def test_pages_lead_from_one_to_the_next(ada: Client) -> None:
    """Following nextUri visits every envelope once, and previousUri leads back."""
    envelopes = create_three(ada)

    first = ada.get("/envelopes", from_date=EVER, order="asc", count="2")
    second = ada.get(first["nextUri"])

    assert ids_of(first) + ids_of(second) == envelopes
    assert (first["endPosition"], second["startPosition"], second["endPosition"]) == ("1", "2", "2")
    assert (first["previousUri"], second["nextUri"]) == ("", "")
    assert ids_of(ada.get(second["previousUri"])) == ids_of(first)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({}, id="no filter"),
        pytest.param({"status": "sent"}, id="neither dates nor IDs"),
        pytest.param({"from_date": " ", "envelope_ids": ","}, id="empty filters"),
        pytest.param({"from_date": "yesterday"}, id="no date"),
        pytest.param({"from_date": "2026-02-30"}, id="a day that never comes"),
        pytest.param({"from_date": "0001-01-01T00:00:00+14:00"}, id="before the first year"),
        pytest.param({"from_date": EVER, "to_date": "20/11/2026"}, id="another kind of date"),
        pytest.param({"from_date": EVER, "count": "0"}, id="pages of nothing"),
        pytest.param({"from_date": EVER, "count": "many"}, id="no number"),
        pytest.param({"from_date": EVER, "start_position": "-1"}, id="before the start"),
        pytest.param({"from_date": EVER, "start_position": "9" * 30}, id="beyond every number"),
        pytest.param({"from_date": EVER, "status": "happy"}, id="no status"),
        pytest.param({"from_date": EVER, "order": "random"}, id="no order"),
        pytest.param({"envelope_ids": "1"}, id="no GUID"),
        pytest.param({"envelope_ids": "request_body"}, id="a body where there is none"),
    ],
)
def test_filters_that_cannot_be_used(ada: Client, query: dict[str, str]) -> None:
    """A filter that cannot be used is refused, never ignored."""
    assert refusal_of(ada.call("GET", "/envelopes", params=query)) == (400, "INVALID_REQUEST_PARAMETER")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "INVALID_REQUEST_PARAMETER"),
        ({"envelopeIds": []}, "INVALID_REQUEST_PARAMETER"),
        ({"envelopeIds": ["x"]}, "INVALID_REQUEST_PARAMETER"),
        ({"envelopeIds": "x"}, "INVALID_REQUEST_BODY"),
        ({"envelopeIds": [None]}, "INVALID_REQUEST_BODY"),
    ],
)
def test_bodies_that_name_no_envelopes(ada: Client, body: dict[str, object], code: str) -> None:
    """A body without IDs where IDs were announced is refused."""
    answer = ada.call("PUT", "/envelopes/status?envelope_ids=request_body", json=body)

    assert refusal_of(answer) == (400, code)


minutes = st.integers(0, 5)


@given(
    sent_at=st.lists(minutes, min_size=1, max_size=5),
    since=st.none() | minutes,
    until=st.none() | minutes,
    picked=st.none() | st.sets(st.integers(0, 4), min_size=1),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_list_is_what_its_filters_say(
    upstream: Upstream, sent_at: list[int], since: int | None, until: int | None, picked: set[int] | None
) -> None:
    """Whatever dates and IDs are combined, the list has exactly the envelopes that satisfy all of them."""
    client = upstream.welcome(str(uuid4()))
    envelopes = [create_at(client, minute) for minute in sent_at]
    named = {envelopes[index] for index in picked or () if index < len(envelopes)}
    query = {
        "from_date": EVER if since is None else at(since).isoformat(),
        "to_date": None if until is None else at(until).isoformat(),
        "envelope_ids": None if picked is None else [UNKNOWN, *named],
    }

    listed = client.get("/envelopes", order="asc", **query)

    assert ids_of(listed) == [
        envelope
        for envelope, minute in zip(envelopes, sent_at, strict=True)
        if (since is None or minute >= since)
        and (until is None or minute <= until)
        and (picked is None or envelope in named)
    ]


def at(minute: int) -> datetime:
    """Name the moment so many minutes after the start."""
    return START + timedelta(minutes=minute)


def create_at(client: Client, minute: int) -> str:
    """Create an envelope so many minutes after the start."""
    client.upstream.now = at(minute)
    return client.create()


@given(earlier=REAL_MOMENTS, later=REAL_MOMENTS)
def test_written_moments_sort_as_moments_do(earlier: datetime, later: datetime) -> None:
    """What is written of two moments compares as they do, and is read back as it was written."""
    assert (stamp(earlier) < stamp(later)) == (earlier < later)
    assert read_moment(stamp(earlier), "from_date") == stamp(earlier)
