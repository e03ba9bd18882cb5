"""Can a program follow webhooks, and a person make and end them by the API?"""

from dataclasses import replace
from datetime import timedelta

from keysteward.actions import webhook_deliveries
from keysteward.rules.access import READ_WEBHOOKS, REPLAY_WEBHOOKS
from tests.cast import ACME, ADA, CY, MALLORY, ORGANIZATION, SAM, UNKNOWN
from tests.web.api.program import House

OF_ACME, OF_GROUP = f"/accounts/{ACME.demo}/webhooks", f"/organizations/{ORGANIZATION['demo']}/webhooks"
NOBODY = "https://localhost:9/hook"


def test_a_webhook_from_its_making_to_its_end(house: House) -> None:
    """Made by a person, followed by a program, rotated and removed by the person; no secret is said twice."""
    person, program = house.console(), house.program()
    made = person.make(OF_ACME, {"url": NOBODY, "kinds": ["new-admin"]})
    webhook = made["webhook"]
    one = f"/webhooks/{webhook['id']}"
    assert made["secret"].startswith("whsec_")
    assert program.get(OF_ACME) == {"webhooks": [webhook]}
    assert program.get(one) == webhook == {
        "id": webhook["id"], "account": ACME.demo, "organization": None, "url": NOBODY, "kinds": ["new-admin"],
        "state": "on", "made_at": "2026-11-20T09:30:00Z", "made_by": ADA.email, "off_at": None, "off_why": "",
    }  # fmt: skip
    assert program.ask("POST", f"{one}/tests", {}).status_code == 204
    webhook_deliveries.deliver_due(house.town.demo, failing=False)
    found = program.get(f"{one}/deliveries")
    (delivery,) = found["deliveries"]
    assert (found["waiting"], found["older"], delivery["kind"]) == (1, None, "webhook-test")
    assert (delivery["stage"], delivery["tries"][0]["status"]) == ("trying again", 0)
    assert program.get(f"{one}/deliveries?before=1")["deliveries"] == []
    assert program.make(f"{one}/replays", {"delivery": delivery["id"]}) == {"deliveries": 1, "next_since": None}
    since = (house.town.clock.now - timedelta(hours=1)).isoformat()
    assert program.make(f"{one}/replays", {"since": since}) == {"deliveries": 1, "next_since": None}
    rotated = person.make(f"{one}/secrets", {})
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] == "2026-11-21T09:30:00Z"
    assert person.ask("POST", f"{one}/reactivations", {}).json() == webhook | {"state": "failing"}
    assert person.ask("DELETE", one).status_code == 204

    assert program.refused("GET", one) == (404, "no-such-object", "")


def test_an_organization_has_its_own(house: House) -> None:
    """For its admins alone."""
    made = house.console(CY).make(OF_GROUP, {"url": NOBODY})["webhook"]

    assert (made["organization"], made["account"], made["kinds"]) == (ORGANIZATION["demo"], None, [])
    assert house.program(CY).get(OF_GROUP) == {"webhooks": [made]}
    assert house.program(ADA).refused("GET", OF_GROUP) == (404, "no-such-organization", "")
    assert house.program(ADA).refused("GET", f"/webhooks/{made['id']}") == (404, "no-such-object", "")


def test_who_may_not(house: House) -> None:
    """Programs make none; members, strangers, and tokens without the permission; what is no webhook is none."""
    body = {"url": NOBODY}
    one = f"/webhooks/{house.console().make(OF_ACME, body)['webhook']['id']}"
    reading = house.program(permissions=frozenset({READ_WEBHOOKS}))

    assert house.program().refused("POST", OF_ACME, body) == (403, "session-needed", "")
    assert house.program().refused("DELETE", one) == (403, "session-needed", "")
    assert house.console(SAM).refused("POST", OF_ACME, body) == (403, "not-an-admin", "")
    assert house.console(MALLORY).refused("POST", OF_ACME, body) == (404, "no-such-account", "")
    assert house.console(MALLORY).refused("DELETE", one) == (404, "no-such-object", "")
    assert reading.get(one)["state"] == "on"
    assert reading.refused("POST", f"{one}/tests", {}) == (403, "token-lacks-permission", "")
    sending = house.program(permissions=frozenset({REPLAY_WEBHOOKS}))
    assert sending.refused("GET", one) == (403, "token-lacks-permission", "")
    assert house.program().refused("GET", f"/webhooks/{UNKNOWN}") == (404, "no-such-object", "")
    assert house.program().refused("GET", "/webhooks/nonsense") == (404, "no-such-object", "")


def test_programs_send_only_so_much_within_an_hour(house: House) -> None:
    """More is refused until the hour is over, and a long replay says from when on something is left."""
    program, ctx = house.program(), house.town.demo
    one = f"/webhooks/{house.console().make(OF_ACME, {'url': NOBODY})['webhook']['id']}"
    ctx.in_force.policy = replace(ctx.policy, webhook_repeats_per_hour=2)
    since = ctx.now.isoformat()
    assert program.ask("POST", f"{one}/tests", {}).status_code == 204
    house.town.clock.advance(seconds=1)
    assert program.ask("POST", f"{one}/tests", {}).status_code == 204
    assert program.refused("POST", f"{one}/tests", {}) == (429, "too-many-webhook-repeats", "")
    assert program.refused("POST", f"{one}/replays", {"since": since}) == (429, "too-many-webhook-repeats", "")
    house.town.clock.advance(hours=1)

    again = program.make(f"{one}/replays", {"since": since})
    assert again == {"deliveries": 2, "next_since": "2026-11-20T09:30:01Z"}


def test_what_is_wrong_is_said_at_its_field(house: House) -> None:
    """An address that is not public, a kind that nobody is told of, and a replay of nothing or of too much."""
    person = house.console()
    one = f"/webhooks/{person.make(OF_ACME, {'url': NOBODY})['webhook']['id']}"

    assert person.refused("POST", OF_ACME, {"url": "https://10.0.0.1/"}) == (422, "invalid-field", "url")
    assert person.refused("POST", OF_ACME, {"url": "http://a.example/"}) == (422, "invalid-field", "url")
    assert person.refused("POST", OF_ACME, {"url": NOBODY, "kinds": ["new-device"]}) == (422, "invalid-field", "kinds")
    for body in ({}, {"delivery": UNKNOWN, "since": "2026-11-20T00:00:00Z"}, {"since": "0001-01-01T00:00:00+14:00"}):
        assert person.refused("POST", f"{one}/replays", body) == (422, "invalid-field", "since")
    assert person.refused("POST", f"{one}/replays", {"delivery": UNKNOWN}) == (404, "no-such-object", "")
