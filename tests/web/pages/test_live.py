"""Do pages that stay open look again, gently, until there is nothing to wait for?"""

import json
import re

from keysteward.actions import golive
from keysteward.web.showing import STATIC
from tests.cast import ADA, Made, Town
from tests.web.pages.browsing import Browser, Node, Page, Street


def part(page: Page, name: str) -> Node:
    """A live part of a page."""
    node = page.by_id(name)
    assert node
    assert "data-live" in node.attributes
    return node


def asked(page: Page, name: str) -> tuple[str, str, str]:
    """What a live part asks for, when, and what it takes of the answer."""
    node = part(page, name)
    return node.get("hx-get"), node.get("hx-trigger"), node.get("hx-select")


def test_the_way_to_production_is_looked_at_while_calls_arrive(ada: Browser, town: Town, made: Made) -> None:
    """Every few seconds while a review may come of it; what it asks for is the page itself."""
    at = f"/apps/{made.key}/go-live"
    before = ada.open(at)
    town.call(made, 1)
    after = ada.open(asked(before, "progress")[0])

    assert asked(before, "progress") == (at, "every 5s", "#progress")
    assert ("0 of 20" in part(before, "progress").text, "1 of 20" in part(after, "progress").text) == (True, True)
    assert "20 or more calls in a row" in part(after, "progress").text


def test_nothing_is_looked_at_that_no_call_changes(ada: Browser, town: Town, made: Made) -> None:
    """A pass waits for a person, who presses a button."""
    town.pass_review(made)
    review = golive.readiness(town.demo, town.actor(ADA), made.key).reviews[0]

    assert asked(ada.open(f"/apps/{made.key}/go-live"), "progress") == ("", "", "")
    assert asked(ada.open(f"/apps/{made.key}/reviews/{review.id}"), "results") == ("", "", "")


def test_a_running_review_says_aloud_what_becomes_of_it(ada: Browser, town: Town, made: Made) -> None:
    """What a screen reader is told changes with the verdict and at no other time."""
    town.call(made, 20)
    review = golive.start_review(town.demo, town.actor(ADA), made.key)
    at = f"/apps/{made.key}/reviews/{review.id}"
    running = part(ada.open(at), "results").get("data-say")
    again = part(ada.open(at), "results").get("data-say")
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)
    settled = part(ada.open(at), "results").get("data-say")

    assert (running, again, settled) == ("Under Review", "Under Review", "Review Passed")


def test_the_smoke_test_is_looked_at_until_all_is_seen(ada_in_production: Browser, town: Town, made: Made) -> None:
    """Its section alone, for there is a form on the page."""
    town.pass_review(made)
    town.promote(town.present(made))
    at = f"/apps/{made.key}/after-go-live"
    page = ada_in_production.open(at)

    assert asked(page, "smoke") == (at, "every 5s", "#smoke")
    assert part(page, "smoke").get("data-say") == ""


def test_the_count_of_unread_notices_comes_alone(ada: Browser, street: Street) -> None:
    """A page that stays open hears of a new notice, and its answer is no page."""
    page = ada.open("/")
    address, when, _ = asked(page, "unread")
    alone = ada.open(address)

    assert (address, when) == ("/notices/unread", "every 30s")
    assert part(alone, "unread").text == part(page, "unread").text
    assert alone.root.all("html", "main", "nav") == []
    assert alone.headers["Cache-Control"] == "no-store"
    assert street.browser().ask("GET", address).location.startswith("/signin")


def test_htmx_runs_under_our_policy(ada: Browser) -> None:
    """It evaluates nothing, injects neither styles nor scripts, and asks no other origin."""
    page = ada.open("/")
    (said,) = [node.get("content") for node in page.root.all("meta") if node.get("name") == "htmx-config"]
    loaded = [node.get("src").partition("?")[0] for node in page.root.all("script")]
    used = {name for node in page.root.walk() for name in node.attributes if name.startswith("hx-")}

    config = json.loads(said)
    assert (config["includeIndicatorStyles"], config["allowEval"], config["allowScriptTags"]) == (False, False, False)
    assert config["selfRequestsOnly"] is True
    assert "/static/htmx.min.js" in loaded
    assert used == {"hx-get", "hx-select", "hx-swap", "hx-trigger"}
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_its_licence_stands_beside_it() -> None:
    """What was taken over is named with its version."""
    source = (STATIC / "htmx.min.js").read_text()

    assert re.search(r'version:"2\.\d+\.\d+"', source)
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE.txt").read_text()
