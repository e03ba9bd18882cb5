"""Does a program find what its maker would find in the console?"""

from tests.cast import ACME, ADA, MALLORY, VERA
from tests.web.api.program import House


def test_a_program_finds_keys_and_people(house: House) -> None:
    """With what matched, where it belongs, and the page of the console."""
    ada, key = house.program(ADA), house.made.key
    found = ada.get(f"/search?q={key[:8].upper()}")

    assert found == {
        "found": [
            {
                "kind": "key",
                "id": key,
                "title": house.made.app.name,
                "text": key,
                "state": None,
                "matched_by": {"field": "key", "value": key},
                "account": ACME.demo,
                "account_name": "Acme",
                "key": key,
                "page": f"{house.town.demo.origin}/apps/{key}",
            }
        ],
        "more": [],
        "complete": True,
    }
    (vera,) = ada.get(f"/search?q={VERA.email}")["found"]
    assert vera["page"] == f"{house.town.demo.origin}/search/in/{ACME.demo}/members/{VERA.demo}"
    assert house.program(MALLORY).get(f"/search?q={key}") == {"found": [], "more": [], "complete": True}


def test_what_cannot_be_looked_for(house: House) -> None:
    """Nothing at all, one letter, and what a token was not made for."""
    ada = house.program(ADA)

    assert ada.refused("GET", "/search") == (400, "missing-parameter", "q")
    assert ada.refused("GET", "/search?q=a") == (422, "invalid-field", "q")
    reading = house.program(ADA, permissions=frozenset({"account:member:read"}))
    assert reading.get(f"/search?q={house.made.key}")["found"] == []
