"""Can an operator settle a review, and its developer follow it, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.test_usage import look
from tests.browser.test_walk import add_secret_and_redirect_uri, create_app, make_calls, sign_in
from tests.twin.running import Twin


def test_a_review_is_asked_about_declined_and_approved(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada's partner product waits; Olive asks, Ada answers; declined, it starts again, and Olive approves.

    Each page fits.
    """
    page = window.new_page()
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    twin.demo.ask("PATCH", f"/keys/{key}", {"integration_type": "Public integration"})
    look(page, f"{twin.demo.origin}/apps/{key}", screenshots, "app-type")
    make_calls(page, twin.demo, key, add_secret_and_redirect_uri(page, twin.demo, key), 20)
    page.goto(f"{twin.demo.origin}/apps/{key}/go-live")
    page.get_by_role("button", name="Start Go-Live Review").first.click()
    expect(page.get_by_role("heading", name="Pending approval")).to_be_visible()
    results = page.url
    look(page, results, screenshots, "review-pending")

    case = _asked_by_olive(page, twin, screenshots)

    become(page, twin, cast.ada("demo").email)
    look(page, f"{twin.demo.origin}/apps/{key}/go-live", screenshots, "go-live-asked")
    page.get_by_role("link", name="Answer the operator").click()
    look(page, results, screenshots, "review-asked")
    page.get_by_label("Your answer").fill("Two customers of ours, since March.")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("main")).to_contain_text("Answer sent")

    _declined_by_olive(page, twin, case)

    become(page, twin, cast.ada("demo").email)
    look(page, results, screenshots, "review-declined")
    look(page, f"{twin.demo.origin}/apps/{key}/go-live", screenshots, "go-live-declined")
    page.get_by_role("button", name="Start Go-Live Review").click()
    expect(page.get_by_role("heading", name="Pending approval")).to_be_visible()
    results = page.url

    become(page, twin, cast.OPERATOR.email)
    page.goto(f"{twin.demo.origin}/reviews")
    page.locator("td a").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text("Decided")
    look(page, f"{twin.demo.origin}/reviews", screenshots, "reviews-decided")

    become(page, twin, cast.ada("demo").email)
    look(page, results, screenshots, "review-approved")
    expect(page.get_by_role("button", name="Go Live")).to_be_visible()
    look(page, f"{twin.demo.origin}/", screenshots, "home-approved")


def _asked_by_olive(page: Page, twin: Twin, screenshots: Path) -> str:
    """The operator opens the queue and asks; the address of the review there."""
    become(page, twin, cast.OPERATOR.email)
    look(page, f"{twin.demo.origin}/reviews", screenshots, "reviews")
    page.locator("td a").first.click()
    page.get_by_label("Ask the developer").fill("Which of your customers use it first?\nAnd since when?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("main")).to_contain_text("Question sent")
    case = page.url.partition("?")[0]
    look(page, case, screenshots, "review-case")
    return case


def _declined_by_olive(page: Page, twin: Twin, case: str) -> None:
    become(page, twin, cast.OPERATOR.email)
    page.goto(case)
    page.get_by_label("Reason").fill("Nobody can read the terms of use.")
    page.get_by_role("button", name="Decline").click()
    expect(page.locator("main")).to_contain_text("Decided")


def become(page: Page, twin: Twin, email: str) -> None:
    """Sign out, and in as somebody else."""
    page.context.clear_cookies()
    page.goto(f"{twin.demo.origin}/signin")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{twin.demo.origin}/")
