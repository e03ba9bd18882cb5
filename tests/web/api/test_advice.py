"""Can a program be advised, and keep the advice with an app?"""

from tests.cast import ADA, MALLORY
from tests.web.api.program import House, Refused

COMPLETE = {"calls": "api", "owner": "own", "place": "client"}


def test_anybody_is_advised(house: House) -> None:
    """Question by question, and in the end with sources; no token is needed."""
    asked = house.stranger().get("/advice?calls=api")
    found = house.stranger().get("/advice?calls=api&owner=own&place=client")

    assert (asked["question"]["code"], asked["advice"]) == ("owner", None)
    assert (found["question"], found["answers"]) == (None, COMPLETE)
    assert found["advice"]["integration_type"] == "Private custom integration"
    assert found["advice"]["grants"] == ["public_code"]


def test_advice_is_kept_with_an_app(house: House) -> None:
    """Nothing is there before; incomplete answers and other people's apps are refused."""
    at = f"/keys/{house.made.key}/advice"
    before = house.program().refused("GET", at)
    open_ended = house.program().refused("PUT", at, {"answers": {"calls": "api"}})
    foreign = house.program(MALLORY).refused("PUT", at, {"answers": COMPLETE})
    kept = house.program().ask("PUT", at, {"answers": COMPLETE}).json()

    assert before == Refused(404, "no-such-object", "")
    assert open_ended == Refused(422, "invalid-field", "owner")
    assert foreign == Refused(404, "no-such-key", "")
    assert (kept["answers"], kept["by"], kept["advice"]["needs_key"]) == (COMPLETE, ADA.email, True)
    assert house.program().get(at) == kept
