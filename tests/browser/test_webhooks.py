"""Can a person make a webhook, send a test and see what became of it, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.fitting import demand_no_sideways
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.peers.receiver import receiver
from tests.twin.running import Twin


def test_a_webhook_is_made_tested_and_removed(
    twin: Twin, window: BrowserContext, screenshots: Path, tmp_path: Path
) -> None:
    """Ada copies the secret, sends a test, reads why it was not taken, and removes the webhook again."""
    page, here = window.new_page(), f"{twin.demo.origin}/account/webhooks"
    sign_in(page, twin.demo)
    look(page, here, screenshots, "webhooks")
    with receiver(tmp_path / "tls") as made:
        page.get_by_label("Address").fill(f"{made.origin}/a/very/long/path/to/where/notices/of/keys/are/taken/in")
        page.get_by_text("Choose the kinds").click()
        page.get_by_label("New admin").check()
        page.get_by_text("These kinds alone").click()
        page.get_by_role("button", name="Make the webhook").click()
        expect(page.get_by_text("Copy it now").first).to_be_visible()
        demand_no_sideways(page)
        page.get_by_role("link", name="I have stored it").click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("Test on its way").first).to_be_visible()
        address = page.url.partition("?")[0]
        expect(page.get_by_text("webhook-test", exact=True).first).to_be_visible()
        for _ in range(40):
            page.goto(address)
            if page.get_by_text("Failing").count():
                break
            page.wait_for_timeout(250)
        expect(page.get_by_text("its certificate is not good").last).to_be_visible()
    page.get_by_text("What is sent, and each try").first.click()
    demand_no_sideways(page)
    page.screenshot(path=screenshots / f"webhook-{(page.viewport_size or {'width': 0})['width']}.png", full_page=True)
    page.locator("summary", has_text="Remove this webhook").click()
    page.get_by_role("button", name="Remove this webhook").click()
    expect(page.get_by_text("Webhook removed").first).to_be_visible()
    demand_no_sideways(page)
