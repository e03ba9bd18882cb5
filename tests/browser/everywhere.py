"""What is in the twin whose pages are looked at, and what happened in it that no file declares?"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.words import Environment
from keysteward.twin import cast
from tests.browser.pages import ADA, SAM, Shown
from tests.browser.test_request_logs import call
from tests.polling import until
from tests.twin.running import ANY_PORTS, Place, Twin, running

SEED = Path(__file__).with_name("everywhere.toml")
_APPS = {
    "live": "Lease signer", "brochure": "Brochure", "ready": "Almost there", "passed": "Field reports",
    "expired": "Trade fair", "failed": "Order poller", "pending": "Signer for everybody",
    "declined": "Resold signatures", "under_review": "Being looked at", "fresh": "Fresh start", "stopped": "Night job",
    "deleted": "Retired kiosk", "old": "Old archive", "successor": "New archive", "offered": "Invoices",
    "half": "Payroll", "stand_in": "Site visits", "moved": "Contracts",
}  # fmt: skip
_STRANGER = "nina@fjord.example"
_REVIEWED = ("failed", "passed", "pending", "declined")
_LINK = re.compile(r"link=([\w%.~-]+)")

Facts = dict[str, str]


@contextmanager
def everywhere(folder: Path) -> Iterator[Twin]:
    """The twin, seeded."""
    with running(folder, *ANY_PORTS, "--seed", str(SEED)) as twin:
        yield twin


def sign_in(context: BrowserContext, place: Place, email: str) -> None:
    """Let a window belong to somebody; empty for nobody."""
    context.clear_cookies()
    if email:
        answer = context.request.post(
            f"{place.origin}/signin", form={"email": email, "password": cast.PASSWORD}, max_redirects=0
        )
        assert answer.status == 303, answer.text()


@dataclass(frozen=True)
class Scene:
    """The twin, and what things are called in it."""

    twin: Twin
    names: dict[Environment, Facts]

    @property
    def origins(self) -> tuple[str, str]:
        """Where its pages are."""
        return self.twin.demo.origin, self.twin.production.origin

    def address(self, shown: Shown) -> str:
        """Where a page is."""
        return self.twin.place(shown.environment).origin + shown.path.format_map(self.names[shown.environment])


def settled(twin: Twin, browser: Browser) -> Scene:
    """Let happen what no file declares."""
    demo = twin.demo
    names = _names(twin)
    demo.make(f"/keys/{names['demo']['under_review']}/reviews")
    _call_as_before(demo, names["demo"])
    context = browser.new_context(ignore_https_errors=True)
    context.request.post(f"{demo.origin}/sign-up", form={"email": _STRANGER, "account": "Fjord Parcels"})
    sign_in(context, demo, ADA)
    page = context.new_page()
    _log_requests(page, demo)
    _ask_for_what_is_sealed(page, demo)
    names["demo"] |= _begin_long_work(page, demo) | _propose_a_policy(twin)
    names["demo"] |= _links(twin) | _found_in_demo(demo, names["demo"]) | _log(page, demo)
    names["production"] |= _transfers(twin.production, names["production"])
    context.close()
    return Scene(twin, names)


def _names(twin: Twin) -> dict[Environment, Facts]:
    declared = json.loads((twin.folder / "declared.json").read_text())
    keys = {app["name"]: app["key"] for app in declared["demo"]["apps"]}
    apps = {name: keys[app] for name, app in _APPS.items()}
    apps["long"] = next(key for name, key in keys.items() if name.startswith("A rather long"))
    found: dict[Environment, Facts] = {}
    environments: tuple[Environment, ...] = ("demo", "production")
    for environment in environments:
        town = cast.TOWNS[environment]
        found[environment] = {
            **apps, "account": town.account, "organization": town.organization, "article": "no-account",
            "callback": "http://localhost:3000/ds/callback",
            "ada": f"{town.account[0]}0000000-0000-4000-8000-0000000000e1",
            "sam": f"{town.account[0]}0000000-0000-4000-8000-0000000000e4",
        }  # fmt: skip
    return found


def _call_as_before(demo: Place, names: Facts) -> None:
    for key in (names["live"], names["brochure"]):
        login = {"Username": SAM, "Password": cast.PASSWORD, "IntegratorKey": key}
        demo.request("GET", "/restapi/v2.1/login_information", headers={HEADER: json.dumps(login)})


def _log_requests(page: Page, demo: Place) -> None:
    page.goto(f"{demo.origin}/request-logs")
    page.get_by_role("button", name="Enable logging").click()
    call(demo)


def _log(page: Page, demo: Place) -> Facts:
    page.goto(f"{demo.origin}/request-logs")
    links = page.locator("main a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    return {"request_log": next(link for link in links if re.fullmatch(r"/request-logs/\w{8}-.*", link)).split("/")[-1]}


def _ask_for_what_is_sealed(page: Page, demo: Place) -> None:
    page.goto(f"{demo.origin}/custody/sealed")
    page.locator("summary", has_text="Ask for it").first.click()
    page.get_by_label("Reason").first.fill("The vault in Oslo burned down.")
    page.get_by_role("button", name="Ask for the").first.click()
    page.wait_for_url("**/custody/releases/**")


def _begin_long_work(page: Page, demo: Place) -> Facts:
    page.goto(f"{demo.origin}/audit")
    page.get_by_role("button", name="Prepare it for later").click()
    page.wait_for_url("**/work/*")
    return {"work": page.url.partition("?")[0].rpartition("/")[2]}


def _propose_a_policy(twin: Twin) -> Facts:
    tokens = json.loads((twin.folder / "declared.json").read_text())["demo"]["personal_access_tokens"]
    olive = twin.demo.with_token(next(each["value"] for each in tokens if each["name"] == "Policy"))
    wish = {"numbers": {"calls_needed": 15}, "reason": "Small apps make few calls in a day."}
    return {"proposal": olive.make("/policy/changes", wish)["proposal"]["id"]}


def _links(twin: Twin) -> Facts:
    mails = twin.control("GET", "/outbox").json()["mails"]

    def to(recipient: str) -> str:
        texts = (mail["text"] or "" for mail in mails if mail["to"] == recipient)
        return next(found[1] for found in map(_LINK.search, texts) if found)

    return {
        "invitation": to("zoe@northwind.example"),
        "agreement": to("counsel@northwind.example"),
        "sign_up": to(_STRANGER),
    }


def _found_in_demo(demo: Place, names: Facts) -> Facts:
    account = names["account"]
    (release,) = demo.get("/credential-requests")["requests"]
    webhook = demo.get(f"/accounts/{account}/webhooks")["webhooks"][0]["id"]
    demo.ask("POST", f"/webhooks/{webhook}/tests")
    until(lambda: demo.get(f"/webhooks/{webhook}/deliveries")["deliveries"])
    drills = demo.get(f"/accounts/{account}/drills")["drills"]
    found = {
        "release": release["id"],
        "webhook": webhook,
        "drill": next(each["id"] for each in drills if each["status"] == "planned"),
        "drill_over": next(each["id"] for each in drills if each["status"] != "planned"),
        "call": str(demo.get(f"/usage/keys/{names['live']}/calls")["calls"][0]["number"]),
    }
    reviews = {name: demo.get(f"/keys/{names[name]}/reviews")["reviews"][0]["id"] for name in _REVIEWED}
    return found | {f"{name}_review": review for name, review in reviews.items()}


def _transfers(production: Place, names: Facts) -> Facts:
    found = production.get("/transfers")["transfers"]
    under_way = {
        f"transfer_{name}": next(each["id"] for each in found if each["key"] == names[name] and not each["ending"])
        for name in ("offered", "half", "stand_in")
    }
    over = {f"transfer_{each['ending']['end']}": each["id"] for each in found if each["ending"]}
    return under_way | over
