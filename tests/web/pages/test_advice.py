"""Is somebody led from question to question to advice, and can an admin keep it with an app?"""

from keysteward.actions import advice
from tests.cast import ADA, Made, Town
from tests.web.pages.browsing import Browser, Street

ANSWERS = {"calls": "api", "owner": "product", "instances": "shared", "embedded": "theirs", "place": "client"}


def test_whoever_comes_is_asked_one_question_after_the_other(street: Street) -> None:
    """Signed in or not; the answers stand in the address, and at the end the advice with its sources."""
    browser = street.browser()
    first = browser.open("/help/advice").main.text
    second = browser.open("/help/advice?calls=api").main.text
    last = browser.open("/help/advice?" + "&".join(f"{name}={answer}" for name, answer in ANSWERS.items())).main.text

    assert "What does your program do?" in first
    assert "Whose application is it?" in second
    assert "Register it as Public integration with Authorization Code Grant with PKCE." in last
    assert "FAQs: integration keys and Go-Live: Who needs an integration key?" in last
    assert "Keep with this app" not in last


def test_what_is_no_option_is_said(street: Street) -> None:
    """With the options that there are."""
    page = street.browser().open("/help/advice?calls=maybe")

    assert (page.status, "choose among api, powerform, clickwrap, listener" in page.main.text) == (422, True)


def test_advice_is_kept_with_an_app(town: Town, made: Made, ada: Browser) -> None:
    """It shows from then on, with who kept it; the interview can be held anew."""
    at = f"/apps/{made.key}/advice"
    page = ada.open(at + "?" + "&".join(f"{name}={answer}" for name, answer in ANSWERS.items()))
    answer = ada.send(page, at)

    found = advice.find(town.demo, town.actor(ADA), made.key)
    assert (found and found.answers) == ANSWERS
    assert "Advice kept with this app" in ada.open(answer.location).notice
    assert f"Advice was kept with this app by {ADA.email}" in ada.open(at).main.text
    assert "What does your program do?" in ada.open(at + "?calls=").main.text
