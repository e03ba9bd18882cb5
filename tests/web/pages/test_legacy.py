"""Does the legacy cockpit show what an admin needs in order to move on?"""

from datetime import timedelta

from keysteward.actions import legacy
from tests.cast import ADA, SAM, Made, Town
from tests.old_fashioned import admitted, bring_to
from tests.web.pages.browsing import Browser, Street


def test_without_calls_there_is_nothing_to_do(ada: Browser) -> None:
    """The page says so, and in which phase the environment is."""
    page = ada.open("/legacy")

    assert "Phase: Block all" in page.main.text
    assert "No key here calls the old way" in page.main.text
    assert "No other phase comes after this one." in page.main.text


def test_an_admin_sees_who_calls_and_what_to_do(town: Town, made: Made, street: Street) -> None:
    """Who, how often, with what, from where; the grant, the steps, the plan, the waiver, and a chart with its table."""
    bring_to(town.demo, ("measure", ""), ("warn", "2026-11-22"), ("block all", "2027-03-31"))
    admitted(town.demo, made)
    town.clock.advance(days=1)
    admitted(town.demo, made)
    quiet = town.create_app(name="Quiet app")
    until = town.demo.now + timedelta(days=30)
    legacy.waive(town.demo, made.key, "Olga", ADA.email, "The till is replaced in May.", until)
    page = street.signed_in(ADA).open("/legacy")

    assert "Phase: Measure" in page.main.text
    assert "from 22 Nov 2026, 00:00 UTC" in page.main.text
    assert "Move to Authorization Code Grant" in page.main.text
    for words in (SAM.email, SAM.demo, "2 passed", "192.0.2.7", "Java 4.4", "The till is replaced in May.", ADA.email):
        assert words in page.main.text, words
    (chart,) = [node for node in page.main.all("svg") if "Legacy calls of" in node.get("aria-label")]
    assert len([bar for bar in chart.all("rect") if bar.get("class") == "passed"]) == 2
    assert "2026-11-20" in page.main.text
    assert "Keys without such calls" in page.main.text
    assert quiet.key in page.main.text


def test_the_cockpit_is_for_admins(street: Street) -> None:
    """A member learns who the admins are."""
    page = street.signed_in(SAM).open("/legacy")

    assert page.status == 403
    assert ADA.email in page.main.text


def test_advice_is_for_everybody(street: Street) -> None:
    """Where the Link header points, whoever asks learns what replaces it, and when it ends."""
    page = street.browser().open("/help/legacy-authentication")

    assert "Leaving legacy authentication" in page.main.text
    assert "impersonate" in page.main.text
    assert "X-DocuSign-Authentication" in page.main.text
