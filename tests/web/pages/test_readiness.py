"""Does the Go-Live page say how a key stands, call by call, and what is left to do?"""

from datetime import timedelta

from keysteward.actions import addresses, golive
from tests.cast import ADA, Made, Town
from tests.races.cutting import everything
from tests.web.pages.browsing import Browser, Node, Page

ENVELOPE = "/envelopes/aaaaaaaa-0000-4000-8000-000000000001"


def cells(page: Page) -> list[str]:
    """The twenty cells, each as a screen reader says it."""
    (streak,) = [each for each in page.main.all("ol") if each.get("class") == "streak"]
    return [each.text for each in streak.all("li")]


def part(page: Page, title: str) -> Node:
    """The part of the page under a heading."""
    sections = [each for each in page.main.all("section") if each.all("h2") and each.all("h2")[0].text == title]
    (found,) = sections
    return found


def steps(page: Page) -> list[str]:
    """The shortest way to pass."""
    return [each.text for each in part(page, "The shortest way to pass").all("li")]


def test_each_cell_is_a_call_and_says_its_rule(ada: Browser, town: Town, made: Made) -> None:
    """Method, operation, status and what the call is for the run; what comes is numbered; each leads to its call."""
    town.call(made, 1)
    town.call(made, 1, status=404)
    town.call(made, 2, method="GET", below=ENVELOPE, status=200, every=timedelta(minutes=16))
    page = ada.open(f"/apps/{made.key}/go-live")
    shown = cells(page)

    assert len(shown) == 20
    assert shown[0].startswith("Call 1: POST /restapi/v2.1/accounts/{id}/envelopes, status 201,")
    assert shown[0].endswith("lies before the break, so it no longer counts")
    assert shown[1].endswith("broke the rule: No error among the newest 20 calls")
    assert shown[3].endswith("counts")
    assert shown[4] == "5 Call 5: not made yet"
    (cell,) = [each for each in page.main.all("a") if each.get("href").endswith("/usage/calls/4") and each.get("title")]
    assert ada.open(cell.get("href")).status == 200


def test_the_rule_table_leads_to_the_cells(ada: Browser, town: Town, made: Made) -> None:
    """Limit, observed, margin and the call that broke the rule, beside its source."""
    town.call(made, 3)
    town.call(made, 1, status=404)
    page = ada.open(f"/apps/{made.key}/go-live")
    rows = [[cell.text for cell in row.all("td")] for row in part(page, "Requirements").all("tr")[1:]]
    links = [each.get("href") for each in part(page, "Requirements").all("a") if each.text.startswith("call")]

    assert rows[1][1:] == ["0 errors", "1 error", "Gone after 20 good calls", "call 4", "Not met"]
    assert "FAQs" in rows[1][0]
    assert [page.by_id(each.removeprefix("#")) is not None for each in links] == [True]


def test_the_way_to_pass_is_told_in_order(ada: Browser, town: Town, made: Made) -> None:
    """What to mend, how many calls until when, what not to read before when, and when to start."""
    town.call(made, 1, status=404)
    town.call(made, 2)
    town.call(made, 1, method="GET", below=ENVELOPE, status=200)
    told = steps(ada.open(f"/apps/{made.key}/go-live"))

    assert told[0] == "Mend POST …/envelopes. POST was answered 404 INVALID_REQUEST_PARAMETER."
    assert told[1] == "Make 17 more good calls, the last of them by 21 Nov 2026, 09:30 UTC ."
    assert told[2] == f"Do not read …{ENVELOPE} again before 20 Nov 2026, 09:45 UTC ."
    assert told[3] == "Start the review within 24 h of the last call."


def test_a_ready_key_is_told_until_when_to_start(ada: Browser, town: Town, made: Made) -> None:
    """There is one step left; with a review under way there is none."""
    town.call(made, 20)
    told = steps(ada.open(f"/apps/{made.key}/go-live"))
    golive.start_review(town.demo, town.actor(ADA), made.key)
    under_review = ada.open(f"/apps/{made.key}/go-live")

    assert told == ["Start the review by 21 Nov 2026, 09:30 UTC ."]
    assert "The shortest way to pass" not in under_review.main.text


def test_reads_are_drawn_and_told(ada: Browser, town: Town, made: Made) -> None:
    """A line with a mark for each read says its words, and stands as a table too."""
    town.call(made, 3, method="GET", below=ENVELOPE, status=200, every=timedelta(minutes=5))
    reads = part(ada.open(f"/apps/{made.key}/go-live"), "Reads of the same resource")
    (drawing,) = [each for each in reads.all("svg") if each.get("role") == "img"]

    assert "3 reads of" in drawing.get("aria-label")
    assert "2 too soon" in drawing.get("aria-label")
    assert [each.get("class") for each in drawing.all("line")] == ["passed", "refused", "refused"]
    assert [row.all("td")[2].text for row in reads.all("tr")[1:]] == ["Too soon", "Too soon", "Kept"]


def test_what_production_will_not_like_is_on_the_page(ada: Browser, town: Town, made: Made) -> None:
    """With the way to where it is changed, and the peaks beside the limits of production."""
    addresses.add_redirect_uri(town.demo, town.actor(ADA), made.key, "http://localhost/callback")
    town.call(made, 2)
    page = ada.open(f"/apps/{made.key}/go-live")

    assert "Production will not take http://localhost/callback" in part(page, "Before production").text
    links = [each.get("href") for each in part(page, "Before production").all("a")]
    assert f"/apps/{made.key}/redirect-uris" in links
    assert "2 of 3,000 in 1 h" in part(page, "Peaks beside the limits of production").text
    assert "2 of 500 in 30 s" in part(page, "Peaks beside the limits of production").text
    assert "Custody in production" not in page.main.text


def test_a_live_key_shows_what_the_receipt_said(ada: Browser, town: Town, made: Made) -> None:
    """How many admins can manage it there, and whether one of them is not tied to a person."""
    town.go_live(made)

    assert "admin" in part(ada.open(f"/apps/{made.key}/go-live"), "Custody in production").text


def test_looking_again_changes_nothing(ada: Browser, town: Town, made: Made) -> None:
    """The database is the same before and after, row by row."""
    town.call(made, 13)
    ada.open(f"/apps/{made.key}/go-live")
    before = everything(town.demo.database)
    ada.open(f"/apps/{made.key}/go-live")

    assert everything(town.demo.database) == before


def test_the_page_is_small_whatever_was_called(ada: Browser, town: Town, made: Made) -> None:
    """With twenty broken reads and fifty calls that do not count it stays below 150 kB."""
    town.call(made, 20, method="GET", below=ENVELOPE, status=404)
    town.call(made, 50, status=502, by_upstream=False)
    answer = ada.ask("GET", f"/apps/{made.key}/go-live", [])

    assert int(answer.headers["Content-Length"]) < 150_000
