"""Does an admin see how much their account may call?"""

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME, ADA, SAM, UNKNOWN, Made, Town
from tests.polling import until
from tests.web.pages.browsing import Browser, Street


def test_the_policys_limits_are_shown(town: Town, ada: Browser) -> None:
    """What is left of the hour and the burst; no candidate, no history."""
    limits.measure(town.demo, ACME.demo)
    text = ada.open("/account/limits").main.text

    assert "2,999 of 3,000 calls, until 20 Nov 2026, 10:00 UTC" in text
    assert "199 of 200 calls in 30s" in text
    assert "This account has the limits that everybody has." in text
    assert "Tried limits" not in text


def test_history_and_trials_are_shown(town: Town, ada: Browser) -> None:
    """Who changed what, when and why; and what tried limits would have refused."""
    limits.set_limits(town.demo, ACME.demo, Wish(hourly=9_000, candidate_hourly=1), "Olga", "They grow.")
    for _ in range(3):
        limits.measure(town.demo, ACME.demo)
    until(lambda: limits.sum_trials(town.demo))
    text = ada.open("/account/limits").main.text

    assert "An operator tries 1 calls an hour and 200 in a burst. It refuses nothing." in text
    assert "1 an hour, 200 in a burst 3 2 " in text
    assert "Calls an hour: 9,000 Tried, an hour: 1 applies now They grow. Olga 20 Nov 2026, 09:30 UTC" in text


def test_a_call_is_tried(town: Town, made: Made, ada: Browser) -> None:
    """Yes, or no with the refusal; what is no GUID is said beside its field."""
    town.consent(town.demo, made, SAM)
    yes = ada.open(f"/account/limits?key={made.key}&user={SAM.demo}").main.text
    no = ada.open(f"/account/limits?key={UNKNOWN}").main.text
    wrong = ada.open("/account/limits?key=nonsense").main.text

    assert "Yes, this call would pass" in yes
    assert "No, it would be refused: The access token provided is expired, revoked or malformed." in no
    assert "No app with this key works here." in no
    assert "Status 401, code AUTHORIZATION_INVALID_TOKEN" in no
    assert "This is no GUID." in wrong


def test_limits_are_for_admins(street: Street) -> None:
    """A member learns who the admins are."""
    page = street.signed_in(SAM).open("/account/limits")

    assert (page.status, ADA.email in page.main.text) == (403, True)
