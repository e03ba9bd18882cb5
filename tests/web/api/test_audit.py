"""Can programs search the audit log and take it along, and what is held on people, as far as they may?"""

import json

from keysteward.actions import leavers
from keysteward.rules.access import READ_AUDIT, READ_KEYS
from tests.approving import OLIVE, employ
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, SAM, STRANGE, UNKNOWN
from tests.web.api.program import House

EVENTS = "/audit/events"


def test_an_account_is_searched_page_by_page(house: House) -> None:
    """With the filters of the console; each page says where the next one begins."""
    program = house.program()
    first = program.get(f"{EVENTS}?account={ACME.demo}&limit=2")
    second = program.get(f"{EVENTS}?account={ACME.demo}&limit=2&before={first['before']}")
    (created,) = program.get(f"{EVENTS}?account={ACME.demo}&kind=KeyCreated&key={house.made.key.upper()}")["events"]

    numbers = [each["number"] for page in (first, second) for each in page["events"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 4
    assert (created["actor"], created["key"], created["account"]) == (ADA.email, house.made.key, ACME.demo)
    about = program.get(f"{EVENTS}?account={ACME.demo}&user={SAM.email}")["events"]
    assert [(each["kind"], each["data"]["user"]) for each in about] == [("UserAdded", SAM.demo)]
    table = program.ask("GET", f"{EVENTS}.csv?account={ACME.demo}&kind=KeyCreated")
    assert len(table.text.splitlines()) == 2


def test_who_may_ask(house: House) -> None:
    """Admins of an account or organization, operators for everything; a token needs the permission."""
    employ(house.town)
    olive = house.program(OLIVE)
    assert {each["account"] for each in olive.get(f"{EVENTS}?limit=200")["events"]} > {ACME.demo, STRANGE.demo}
    of_organization = house.program(CY).get(f"{EVENTS}?organization={ORGANIZATION['demo']}&kind=OrganizationCreated")
    assert len(of_organization["events"]) == 1

    program = house.program()
    assert program.refused("GET", EVENTS) == (403, "not-an-operator", "")
    assert program.refused("GET", f"{EVENTS}?account={STRANGE.demo}") == (404, "no-such-account", "")
    assert program.refused("GET", f"{EVENTS}?organization={UNKNOWN}") == (404, "no-such-organization", "")
    assert program.refused("GET", f"{EVENTS}?account={ACME.demo}&since=soon") == (422, "invalid-field", "since")
    assert house.program(SAM).refused("GET", f"{EVENTS}?account={ACME.demo}") == (403, "not-an-admin", "")
    reading = house.program(permissions=frozenset({READ_AUDIT}))
    assert reading.get(f"{EVENTS}?account={ACME.demo}&limit=1")["events"]
    keys_only = house.program(permissions=frozenset({READ_KEYS}))
    assert keys_only.refused("GET", f"{EVENTS}?account={ACME.demo}") == (403, "token-lacks-permission", "")


def test_what_is_held_on_people(house: House) -> None:
    """One takes one's own along in the console; operators those of others, and erase who left."""
    employ(house.town)
    own = json.loads(house.console(SAM).ask("GET", "/me/personal-data").text)
    assert (own["user"], own["address"], own["request_log"]) == (SAM.demo, SAM.email, [])
    olive = house.console(OLIVE)
    theirs = json.loads(olive.ask("GET", f"/people/{BO.demo}/personal-data").text)
    assert (theirs["address"], "request_log" in theirs) == (BO.email, False)
    assert olive.refused("POST", f"/people/{BO.demo}/erasures") == (422, "invalid-field", "user")
    leavers.report(house.town.demo, leavers.Operating("Olive"), BO.demo, "Left in June.")
    erased = olive.ask("POST", f"/people/{BO.demo}/erasures").json()

    assert erased == {"user": BO.demo, "fields": 0}
    assert house.console().refused("GET", f"/people/{SAM.demo}/personal-data") == (403, "not-an-operator", "")
    assert house.program(SAM).refused("GET", "/me/personal-data") == (403, "session-needed", "")
    assert olive.refused("GET", f"/people/{UNKNOWN}/personal-data") == (404, "no-such-user", "")
