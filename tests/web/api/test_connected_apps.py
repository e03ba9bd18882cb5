"""Can a person see over the API which apps act for them, and disconnect one?"""

from tests.cast import SAM, UNKNOWN
from tests.web.api.program import House

APPS = "/connected-apps"


def test_an_app_is_seen_and_disconnected(house: House) -> None:
    """It stands in the list until it is disconnected, and only then."""
    house.town.consent(house.town.demo, house.made, SAM, "signature extended")
    console = house.console(SAM)
    listed = console.get(APPS)["connected_apps"]

    assert [(each["key"], each["scopes"]) for each in listed] == [(house.made.key, ["extended", "signature"])]
    assert listed[0]["given_at"] == "2026-11-20T09:30:00Z"
    assert console.ask("DELETE", f"{APPS}/{house.made.key.upper()}").status_code == 204
    assert console.get(APPS) == {"connected_apps": []}


def test_what_is_not_connected_is_refused(house: House) -> None:
    """An app that was never allowed, and what is no key at all."""
    console = house.console(SAM)

    assert console.refused("DELETE", f"{APPS}/{house.made.key}") == (404, "no-such-object", "")
    assert console.refused("DELETE", f"{APPS}/{UNKNOWN}") == (404, "no-such-object", "")
    assert console.refused("DELETE", f"{APPS}/x") == (404, "no-such-key", "")


def test_a_program_does_not_disconnect_for_a_person(house: House) -> None:
    """A personal access token cannot stand for them here."""
    assert house.program(SAM).refused("GET", APPS) == (403, "session-needed", "")
