"""Can a program rotate secret keys and keypairs, see who uses the old one, and say that one leaked?"""

from datetime import datetime, timedelta

import pytest

from keysteward.crypto.hashing import new_secret
from keysteward.rules.leaks import MOST_REPORTED
from tests.cast import ADA, SAM, UNKNOWN
from tests.polling import until
from tests.web.api.program import House, Program


def exchange(house: House, secret: str) -> int:
    """The app's server exchanges a code, saying what it is."""
    code = house.town.code(house.town.demo, house.made, SAM)
    address = house.stranger().address
    agent = {"User-Agent": "lease-signer/1.0", "X-DocuSign-SDK": "Python"}
    form = {"grant_type": "authorization_code", "code": code, "client_id": house.made.key, "client_secret": secret}
    return Program(address)._session.post(f"{address}/oauth/token", data=form, headers=agent, timeout=30).status_code


def secret_of(ada: Program, house: House) -> str:
    """The id of the app's first secret key."""
    return str(ada.get(f"/keys/{house.made.key}/secrets")["secrets"][0]["id"])


def test_a_secret_is_made_until_a_date_for_a_reason(house: House) -> None:
    """Both come back in the answer and in the list, where it is live."""
    ada, at = house.program(), f"/keys/{house.made.key}/secrets"
    until_when = (house.town.clock.now + timedelta(days=90)).isoformat().replace("+00:00", "Z")
    made = ada.make(at, {"expires_at": until_when, "reason": "The yearly rotation."})

    assert (made["expires_at"], made["reason"], made["state"]) == (until_when, "The yearly rotation.", "live")
    listed = next(each for each in ada.get(at)["secrets"] if each["id"] == made["id"])
    assert listed | {"value": made["value"], "sealed_to": 0} == made
    house.town.clock.advance(days=90)
    assert "expired" in {each["state"] for each in house.program().get(at)["secrets"]}


def test_a_keypair_is_made_until_a_date_for_a_reason(house: House) -> None:
    """Likewise."""
    ada, at = house.program(), f"/keys/{house.made.key}/keypairs"
    until_when = (house.town.clock.now + timedelta(days=90)).isoformat().replace("+00:00", "Z")
    made = ada.make(at, {"expires_at": until_when, "reason": "A new service."})

    assert (made["expires_at"], made["reason"], made["state"]) == (until_when, "A new service.", "live")
    assert ada.get(at)["keypairs"][-1]["state"] == "live"


@pytest.mark.parametrize("expires_at", ["2026-11-20T09:30:00Z", "2050-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_an_expiry_that_cannot_be(house: House, expires_at: str) -> None:
    """It is refused at its field."""
    ada, at = house.program(), f"/keys/{house.made.key}/secrets"

    assert ada.refused("POST", at, {"expires_at": expires_at}) == (422, "invalid-field", "expires_at")


def test_who_uses_a_secret_is_told(house: House) -> None:
    """The program that exchanged a code stands in the list, and the secret key says when that was."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    secret = secret_of(ada, house)
    assert ada.get(f"{key}/secrets")["secrets"][0]["last_used_at"] is None
    assert ada.get(f"{key}/credentials/{secret}/uses") == {"uses": []}
    assert exchange(house, house.made.secret) == 200
    until(lambda: ada.get(f"{key}/credentials/{secret}/uses")["uses"])

    (use,) = ada.get(f"{key}/credentials/{secret}/uses")["uses"]
    now = house.town.clock.now.isoformat().replace("+00:00", "Z")
    assert use == {
        "address": "127.0.0.1", "user_agent": "lease-signer/1.0", "sdk": "Python", "grant": "authorization_code",
        "tokens": 1, "last_used_at": now,
    }  # fmt: skip
    assert ada.get(f"{key}/secrets")["secrets"][0]["last_used_at"] == now
    assert ada.refused("GET", f"{key}/credentials/{UNKNOWN}/uses") == (404, "no-such-object", "")


def test_a_leaked_secret_is_replaced(house: House) -> None:
    """The other one works at once; the old one until its minute, and says that it leaked."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    secret, clock = secret_of(ada, house), house.town.clock
    dies_at = (clock.now + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    new = ada.make(f"{key}/secrets/{secret}/leaks", {"dies_at": dies_at, "reason": "It was in a log."})

    assert [exchange(house, each) for each in (house.made.secret, new["value"])] == [200, 200]
    old = next(each for each in ada.get(f"{key}/secrets")["secrets"] if each["id"] == secret)
    assert (old["state"], old["expires_at"], new["reason"]) == ("leaked", dies_at, "It was in a log.")
    again = ada.refused("POST", f"{key}/secrets/{secret}/leaks", {})
    assert again == (409, "already-leaked", "")
    clock.advance(hours=1)
    assert [exchange(house, each) for each in (house.made.secret, new["value"])] == [400, 200]


def test_a_leaked_keypair_is_replaced(house: House) -> None:
    """The private half of the other one is in the answer, this one time."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    (pair,) = ada.get(f"{key}/keypairs")["keypairs"]
    new = ada.make(f"{key}/keypairs/{pair['id']}/leaks", {})

    assert new["private_key"].startswith("-----BEGIN")
    states = {each["id"]: each["state"] for each in ada.get(f"{key}/keypairs")["keypairs"]}
    assert states == {pair["id"]: "leaked", new["id"]: "live"}


def test_a_minute_that_cannot_be(house: House) -> None:
    """What leaked dies within a day."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    late: datetime = house.town.clock.now + timedelta(hours=25)
    body = {"dies_at": late.isoformat()}

    refused = ada.refused("POST", f"{key}/secrets/{secret_of(ada, house)}/leaks", body)
    assert refused == (422, "invalid-field", "dies_at")


# ── somebody found a value ──────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_finds_a_value_reports_it(house: House) -> None:
    """Nobody signs in for it. Each value is recognized or unknown, and the answer says nothing else."""
    stranger = house.stranger()
    items = [
        {"token": house.made.secret, "type": "keysteward_secret_key", "url": "https://paste.example/x"},
        {"token": new_secret("kss_")},
        {"token": "nonsense", "source": "content"},
    ]
    answer = stranger.ask("POST", "/leak-reports", items)

    labels = [{"label": "recognized"}, {"label": "unknown"}, {"label": "unknown"}]
    assert (answer.status_code, answer.json()) == (200, labels)
    assert exchange(house, house.made.secret) == 400
    assert ADA.email not in answer.text


@pytest.mark.parametrize(
    "body",
    [[], {}, [{"token": ""}], [{"token": "t" * 501}], [{}], [{"token": "t"}] * (MOST_REPORTED + 1)],
    ids=["none", "no list", "empty", "long", "no token", "too many"],
)
def test_a_report_that_cannot_be_read(house: House, body: object) -> None:
    """It is refused as a whole."""
    assert house.stranger().refused("POST", "/leak-reports", body) == (400, "malformed", "")


def test_a_network_that_reports_without_end_waits(house: House) -> None:
    """Six hundred values an hour are enough for a start."""
    stranger, items = house.stranger(), [{"token": "nonsense"}] * MOST_REPORTED
    answers = [stranger.ask("POST", "/leak-reports", items).status_code for _ in range(7)]

    assert answers == [200] * 6 + [429]
