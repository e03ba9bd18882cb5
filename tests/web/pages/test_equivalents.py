"""Does the `curl` that a page prints do what the page does?"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from starlette.routing import Route

from keysteward.actions import accounts, request_logs, signin
from keysteward.actions.context import Context
from keysteward.rules.access import PERMISSIONS
from keysteward.web import equivalents
from keysteward.web.api.operations import OPERATIONS
from keysteward.web.equivalents import PAGES, Call
from keysteward.web.routes import ROUTES
from tests.approving import OLIVE, employ, let_wait
from tests.cast import ADA, CY, ORGANIZATION, SAM, STRANGE, Made, Person, Town
from tests.recovering import ask, planned
from tests.web.pages.browsing import Browser, Node, Street
from tests.web.pages.test_request_logs import passed

CALLS = [(page, call) for page in PAGES for call in page.calls]


@dataclass
class Shell:
    """A shell in which a token of every permission lies ready, and whose curl finds the environment on loopback."""

    browser: Browser
    home: Path

    def run(self, line: str, token: str) -> str:
        """Run a line as it is printed; the status of its answer."""
        ctx = self.browser.ctx
        (self.home / ".curlrc").write_text(
            f'silent\noutput = "/dev/null"\nwrite-out = "%{{http_code}}"\nheader = "Host: {ctx.authority}"\n'
        )
        tokens = {"KEYSTEWARD_TOKEN": token, "ACCESS_TOKEN": token}
        line = line.replace(ctx.origin, self.browser._address).replace(equivalents.DESTINATION, STRANGE.production)
        told = {"PATH": os.environ["PATH"], "CURL_HOME": str(self.home), "no_proxy": "*", **tokens}
        done = subprocess.run([shutil.which("sh") or "sh", "-c", line], env=told, capture_output=True, check=True)
        return done.stdout.decode()


def personal_token(ctx: Context, town: Town, person: Person) -> str:
    """A token that may do all that somebody may."""
    return signin.issue_personal_token(ctx, town.actor(person, ctx), "curl", frozenset(PERMISSIONS), 30)


def lines_of(browser: Browser, path: str) -> dict[str, str]:
    """What a page prints, by what it does."""
    page = browser.open(path)
    assert page.status == 200, (path, page.main.text)
    places = [node for node in page.root.all("section") if node.get("class") == "api-calls"]
    blocks = [node for place in places for node in place.all("div") if node.get("data-copy")]
    return {block.get("data-copy"): _raw(block.all("code")[0]) for block in blocks}


def _raw(node: Node) -> str:
    return "".join(each for each in node.children if isinstance(each, str))


def demand_done(browser: Browser, home: Path, path: str, token: str) -> list[str]:
    """Run every line that a page prints; what they do."""
    lines = lines_of(browser, path)
    assert lines, path
    for does, line in lines.items():
        status = Shell(browser, home).run(line, token)
        assert status in {"200", "201", "204"}, (path, does, line, status)
    return list(lines)


@pytest.mark.parametrize(
    ("page", "call"), CALLS, ids=[f"{page.path} {call.does} {call.permission}" for page, call in CALLS]
)
def test_every_call_is_an_operation(page: equivalents.Page, call: Call) -> None:
    """Its path and method are in the list that the OpenAPI document is printed from, and open to tokens."""
    path = call.path.partition("?")[0]
    pages = {route.path for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())}
    assert re.sub(r":\w+}", "}", page.path) in {re.sub(r":\w+}", "}", each) for each in pages}
    if call.token == "ACCESS_TOKEN":
        assert path in {route.path_format for route in ROUTES if isinstance(route, Route)} | {
            route.path_format.replace("{version}", "v2.1") for route in ROUTES if isinstance(route, Route)
        }
        return
    operation = next(each for each in OPERATIONS if (each.method, each.path) == (call.method, path))
    named = set(re.findall(r"[?&](\w+)=", call.path)) | set(call.query)
    assert operation.asker in {"person or token", "anybody"}
    assert named <= {each.name for each in operation.may_say}
    assert (call.permission in PERMISSIONS) or not call.permission
    assert operation.body is not None or call.body in {None, equivalents._nothing}
    if operation.body is not None and call.body in {None, equivalents._nothing}:
        assert not any(field.required for field in msgspec.structs.fields(operation.body))


def test_what_pages_of_demo_print_works(street: Street, town: Town, made: Made, tmp_path: Path) -> None:
    """Of an app from its settings to its review, and of the account, its people and its custody."""
    ada, token = street.signed_in(ADA), personal_token(town.demo, town, ADA)
    town.call(made, town.demo.policy.calls_needed)
    drill = planned(town)
    at, done = f"/apps/{made.key}", []
    for path in (
        "/apps", "/apps/new", at, at, f"{at}/authentication", f"{at}/redirect-uris", f"{at}/custody",
        f"{at}/history?kind=KeyStopped", f"{at}/usage?status=succeeded", f"{at}/usage/calls", f"{at}/usage/calls/1",
        "/custody", "/custody/sealed", "/custody/releases", "/custody/drills", f"/custody/drills/{drill.id}",
        "/members", f"/members/{SAM.demo}", "/members/profiles", "/members/recovery-contacts", "/account/usage",
        "/account/usage/calls", "/account/apps", "/account/limits", "/account/webhooks", "/legacy", "/notices",
        f"/audit?key={made.key}", "/help/rules", "/replacements", f"{at}/go-live",
    ):  # fmt: skip
        done += demand_done(ada, tmp_path, path, token)

    assert {"Stop it", "Start it", "Register a redirect URI", "Add a secret key", "Start the review"} <= set(done)


def test_what_a_release_and_a_log_print_works(street: Street, town: Town, made: Made, tmp_path: Path) -> None:
    """A request for a sealed credential; and your own logged requests, with an access token."""
    ada, token = street.signed_in(ADA), personal_token(town.demo, town, ADA)
    release = ask(town, made)
    request_logs.turn_on(town.demo, accounts.load_user(town.demo, ADA.demo))
    request_logs.keep(town.demo, town.caller(town.demo, made, ADA), passed(town))
    (entry,) = request_logs.list_entries(town.demo, ADA.demo)
    own = town.sign_in_with(town.demo, made, ADA).access_token

    assert demand_done(ada, tmp_path, f"/custody/releases/{release.id}", token) == ["Read this request"]
    assert demand_done(ada, tmp_path, f"/request-logs/{entry.id}", own) == ["Read this request"]


def test_what_operators_and_organizations_print_works(street: Street, town: Town, made: Made, tmp_path: Path) -> None:
    """A review that waits, an account, and an organization with its custody, apps and leavers."""
    employ(town)
    waiting = let_wait(town, made)
    olive, token = street.signed_in(OLIVE), personal_token(town.demo, town, OLIVE)
    for path in ("/reviews", f"/reviews/{waiting.id}", "/accounts", "/accounts/leavers", "/audit?everywhere=yes"):
        assert demand_done(olive, tmp_path, path, token)
    cy, his = street.signed_in(CY), personal_token(town.demo, town, CY)
    here = f"/organizations/{ORGANIZATION['demo']}"
    for path in (f"{here}/custody", f"{here}/apps", f"{here}/leavers", f"{here}/webhooks"):
        assert demand_done(cy, tmp_path, path, his)

    assert "Read this organization: accounts, admins and domains" in lines_of(cy, here)


def test_what_pages_of_production_print_works(street: Street, town: Town, made: Made, tmp_path: Path) -> None:
    """After Go-Live, and a transfer from its offer to its end."""
    live = town.go_live(made)
    ada, token = street.signed_in(ADA, "production"), personal_token(town.production, town, ADA)
    at = f"/apps/{live.key}"
    for path in (f"{at}/after-go-live", f"{at}/replacement", f"{at}/custody", f"{at}/transfer", "/transfers"):
        assert demand_done(ada, tmp_path, path, token)
    (transfer,) = {link.get("href") for link in ada.open("/transfers").main.all("a")} & {
        ada.open(f"{at}/transfer").root and ada.ask("GET", f"{at}/transfer").location
    }

    assert demand_done(ada, tmp_path, transfer, token) == ["Read this transfer", "Cancel it"]


def test_a_reader_sees_only_what_they_may(street: Street, town: Town, made: Made) -> None:
    """A page prints a deed where it shows its form: none for a key that is deleted, but to restore it."""
    ada = street.signed_in(ADA)
    at = f"/apps/{made.key}"
    ada.send(ada.open(at), f"{at}/delete")

    assert list(lines_of(ada, at)) == ["Read this key with its settings", "Restore it"]
    assert town.demo.origin in lines_of(ada, at)["Restore it"]
