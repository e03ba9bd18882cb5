"""Can a person finish in production what begins with Go Live, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from keysteward.twin import cast
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.twin.running import Place, Twin

KEY = cast.READY_TO_GO


def test_what_comes_after_go_live(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada takes settings over, reads the changes in her language and keeps a smoke test; nothing scrolls sideways."""
    bring_to_production(twin.demo, twin.production)
    page, at = window.new_page(), f"{twin.production.origin}/apps/{KEY}/after-go-live"
    sign_in(page, twin.production)
    look(page, at, screenshots, "after-go-live")
    take = page.get_by_role("button", name="Take over what is chosen")
    if take.is_visible():
        take.click()
        expect(page.get_by_role("status").first).to_contain_text("Taken over")
    page.get_by_role("link", name="PHP").click()
    expect(page.locator("#changes")).to_contain_text(f'requestJWTUserToken("{KEY}"')
    page.get_by_role("button", name="Keep this result").click()
    expect(page.locator("#smoke")).to_contain_text("of 3 seen")
    look(page, f"{at}?language=csharp", screenshots, "after-go-live-taken")
    look(page, f"{twin.production.origin}/apps/{cast.TOOLBOX}/after-go-live", screenshots, "after-go-live-done")
    look(page, f"{twin.production.origin}/", screenshots, "home-production")


def bring_to_production(demo: Place, production: Place) -> None:
    """Promote an app of the seed that passed its review, unless it was done before."""
    demo.ask("POST", f"/keys/{KEY}/redirect-uris", {"uri": "http://localhost:8080/a/second/callback/of/some/length"})
    handle = demo.ask("POST", f"/keys/{KEY}/tickets", {}).json().get("handle")
    if handle is not None:
        production.ask("POST", "/promotions", {"handle": handle, "account": cast.TOWNS["production"].account})
