"""Can every page be used by keyboard and screen reader, and does everything on it lead somewhere?"""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, pairwise
from urllib.parse import urlsplit

import pytest
from starlette.routing import Match

from keysteward.actions import accounts, addresses, golive, keys, operators, request_logs
from keysteward.rules.words import Environment
from keysteward.web.routes import ROUTES
from tests.cast import ACME, ADA, CY, ORGANIZATION, SAM, STRANGE, UNKNOWN, Made, Town
from tests.mails import link_to
from tests.races.request_logs import passed
from tests.recovering import ask, planned
from tests.web.pages.browsing import Browser, Node, Page, Street

ENVELOPE = "/envelopes/aaaaaaaa-0000-4000-8000-000000000001"


@pytest.fixture
def pages(street: Street, town: Town, made: Made) -> dict[str, Page]:
    """Every page of both environments, in every state that changes what stands on it."""
    states = _play(town, made)
    demo, production = street.signed_in(ADA), street.signed_in(ADA, "production")
    return dict(chain(_demo(demo, town, states), _production(production, town, states), _strangers(street)))


def _play(town: Town, made: Made) -> dict[str, Made]:
    names = ("failed", "passed", "running", "live", "stopped", "deleted")
    apps = {name: town.create_app(name=name.capitalize()) for name in names}
    town.call(made, 7)
    town.call(made, 1, status=503, by_upstream=False)
    town.call(apps["failed"], 2, status=404, method="GET", below=ENVELOPE)
    town.review(apps["failed"])
    town.pass_review(apps["passed"])
    addresses.add_origin(town.demo, town.actor(ADA), apps["live"].key, "https://app.acme.example")
    keys.change(town.demo, town.actor(ADA), apps["live"].key, keys.Change(terms_url="https://acme.example/terms"))
    town.pass_review(apps["live"])
    town.promote(town.present(apps["live"]))
    keys.stop(town.demo, town.actor(ADA), apps["stopped"].key)
    keys.delete(town.demo, town.actor(ADA), apps["deleted"].key)
    golive.start_review(town.demo, town.actor(ADA), apps["running"].key)
    return apps | {"begun": made}


def _demo(browser: Browser, town: Town, states: dict[str, Made]) -> Iterator[tuple[str, Page]]:
    at = f"/apps/{states['begun'].key}"
    for path in ("/", "/apps", "/apps/new", "/help/refusals", "/nothing", f"/apps/{UNKNOWN}"):
        yield f"demo {path}", browser.open(path)
    for name, made in states.items():
        for page in ("", "/authentication", "/redirect-uris", "/custody", "/history"):
            yield f"demo app {name}{page}", browser.open(f"/apps/{made.key}{page}")
        yield f"demo go-live {name}", browser.open(f"/apps/{made.key}/go-live")
        for review in golive.readiness(town.demo, town.actor(ADA), made.key).reviews:
            yield f"demo review {name}", browser.open(f"/apps/{made.key}/reviews/{review.id}")
    for path in (
        "/help",
        "/help?q=consent",
        f"/help/refusals/invalid-client?key={states['begun'].key}",
        f"{at}/diagnose",
    ):
        yield f"demo {path.removeprefix(at)}", browser.open(path)
    yield "demo diagnosed", browser.send(browser.open(f"{at}/diagnose"), f"{at}/diagnose", text="consent_required")
    for path in ("/account/usage", f"{at}/usage", f"{at}/usage/calls", f"{at}/usage/calls/1", f"{at}/usage?status=500"):
        yield f"demo {path.removeprefix(at)}", browser.open(path)
    form, addresses = browser.open(f"{at}/authentication"), browser.open(f"{at}/redirect-uris")
    yield "demo secret", browser.send(form, f"{at}/secrets")
    yield "demo secret again", browser.send(form, f"{at}/secrets")
    yield "demo keypair", browser.send(browser.open(f"{at}/authentication"), f"{at}/keypairs")
    yield "demo refused URI", browser.send(addresses, f"{at}/redirect-uris", redirect_uri="nonsense")
    yield "demo refused key", browser.send(form, f"{at}/keypairs/upload", public_key="nonsense")
    yield "demo refused app", browser.send(browser.open("/apps/new"), "/apps", name="", contact="")
    yield "demo done", browser.open(f"{at}?done=saved")
    yield "demo narrowed history", browser.open(f"{at}/history?kind=KeyMoved")
    yield "demo refused history", browser.open(f"{at}/history?since=nonsense")
    yield from _request_logs(browser, town, states["begun"])
    yield from _sealed(browser, town, states["begun"])


def _request_logs(browser: Browser, town: Town, made: Made) -> Iterator[tuple[str, Page]]:
    yield "demo request logs, off", browser.open("/request-logs")
    request_logs.turn_on(town.demo, accounts.load_user(town.demo, ADA.demo))
    request_logs.keep(town.demo, town.caller(town.demo, made, ADA), passed())
    yield "demo request logs", browser.open("/request-logs")
    (entry,) = request_logs.list_entries(town.demo, ADA.demo)
    yield "demo request log", browser.open(f"/request-logs/{entry.id}")


def _sealed(browser: Browser, town: Town, made: Made) -> Iterator[tuple[str, Page]]:
    yield "demo nothing sealed", browser.open("/custody/sealed")
    release, drill = ask(town, made), planned(town)
    yield "demo sealed", browser.open("/custody/sealed")
    yield "demo app that seals", browser.open(f"/apps/{made.key}/authentication")
    for path in ("/custody/releases", f"/custody/releases/{release.id}", f"/custody/drills/{drill.id}"):
        yield f"demo {path}", browser.open(path)
    form = browser.open("/custody/drills")
    yield "demo drills", form
    yield "demo refused drill", browser.send(form, "/custody/drills/plan", due_at="nonsense")


def _production(browser: Browser, town: Town, states: dict[str, Made]) -> Iterator[tuple[str, Page]]:
    at = f"/apps/{states['live'].key}"
    for path in ("/", "/apps", "/apps/new", "/help/refusals", "/nothing", at, f"{at}?done=saved",
                 f"{at}/authentication", f"{at}/redirect-uris", f"{at}/custody", f"{at}/history"):  # fmt: skip
        yield f"production {path}", browser.open(path)
    choice = browser.open(f"/go-live?handle={town.present(states['passed'])}")
    yield "production choice", choice
    yield "production refused choice", browser.send(choice, "/go-live", terms=None)
    yield "production bad handle", browser.open("/go-live?handle=nonsense")
    yield "production after Go-Live", browser.open(f"{at}/after-go-live")
    yield "production promoted", browser.open(f"{at}/after-go-live?done=promoted")
    yield "production secret", browser.send(browser.open(f"{at}/authentication"), f"{at}/secrets")
    form = browser.open(f"{at}/transfer")
    yield "production transfer", form
    yield "production refused transfer", browser.send(form, f"{at}/transfers", destination="nonsense")
    offered = browser.send(form, f"{at}/transfers", destination=STRANGE.production)
    yield "production offered", browser.open(offered.location)
    yield "production transfers", browser.open("/transfers")


def _strangers(street: Street) -> Iterator[tuple[str, Page]]:
    environments: tuple[Environment, ...] = ("demo", "production")
    for environment in environments:
        browser = street.browser(environment)
        yield f"{environment} sign-in", browser.open("/signin?reason=expired&next=/")
        yield f"{environment} refused sign-in", browser.sign_in(ADA, "wrong")
        yield f"{environment} forgot", browser.open("/password/forgot")
        yield (
            f"{environment} link sent",
            browser.send(browser.open("/password/forgot"), "/password/forgot", email=SAM.email),
        )
        yield f"{environment} new password", browser.open(f"/password/new?link={link_to(browser.ctx, SAM.email)}")
        yield f"{environment} bad link", browser.open("/password/new?link=nonsense")
        yield f"{environment} organization", browser.open("/signin/organization")
        sam = street.signed_in(SAM, environment)
        yield f"{environment} change address", sam.open("/security/address")
        yield (
            f"{environment} provider",
            street.signed_in(CY, environment).open(f"/organizations/{ORGANIZATION[environment]}/identity-provider"),
        )
        yield from _people(street, environment)
        yield from _consents(street, environment)
        yield f"{environment} sender's home", sam.open("/")
        yield f"{environment} not an admin", sam.open("/apps")
        yield f"{environment} signed out", sam.send(sam.open("/"), "/signout")


def _people(street: Street, environment: Environment) -> Iterator[tuple[str, Page]]:
    ada, cy = street.signed_in(ADA, environment), street.signed_in(CY, environment)
    operators.add(ada.ctx, ADA.email, "Olga")
    sent = ada.send(ada.open("/members"), "/members/invitations", email="nonsense")
    yield f"{environment} refused invitation", sent
    ada.send(ada.open("/members"), "/members/invitations", email="nell@acme.example", profile="10002")
    account = ACME.id_in(environment)
    member = f"/members/{SAM.id_in(environment)}"
    for path in ("/members", "/members/profiles", member, "/accounts", f"/accounts/{account}", "/accounts/leavers"):
        yield f"{environment} {path}", ada.open(path)
    yield f"{environment} leavers", cy.open(f"/organizations/{ORGANIZATION[environment]}/leavers")
    yield f"{environment} join", street.browser(environment).open(f"/join?link={link_to(ada.ctx, 'nell@acme.example')}")


def _consents(street: Street, environment: Environment) -> Iterator[tuple[str, Page]]:
    ada, cy = street.signed_in(ADA, environment), street.signed_in(CY, environment)
    theirs = f"/organizations/{ORGANIZATION[environment]}/apps"
    yield f"{environment} apps acting here", ada.open("/account/apps")
    for path in ("/connected-apps", "/organizations", f"{theirs}/new", f"{theirs.removesuffix('/apps')}/stand-in"):
        yield f"{environment} {path}", cy.open(path)
    yield f"{environment} refused authorization", cy.send(cy.open(f"{theirs}/new"), f"{theirs}/new", scopes=[])


def test_every_page_is_well_made(pages: dict[str, Page]) -> None:
    """One list of everything that is wrong anywhere, so that one run names it all."""
    wrong = {name: list(_wrong_with(page)) for name, page in pages.items()}

    assert {name: found for name, found in wrong.items() if found} == {}
    assert len(pages) > 50


def _wrong_with(page: Page) -> Iterator[str]:
    root = page.root
    tags = Counter(node.tag for node in root.walk())
    tags["title"] -= len({id(title) for chart in root.all("svg") for title in chart.all("title")})
    for tag in ("html", "title", "main", "h1"):
        if tags[tag] != 1:
            yield f"{tags[tag]} times {tag}"
    yield from _wrong_with_frame(root)
    yield from _wrong_with_ids(root)
    yield from _wrong_with_fields(root)
    yield from _wrong_with_targets(page)
    yield from _wrong_with_security(page)


def _wrong_with_frame(root: Node) -> Iterator[str]:
    if root.all("html")[0].get("lang") != "en":
        yield "no language"
    levels = [int(node.tag[1]) for node in root.all("h1", "h2", "h3", "h4")]
    if any(later > earlier + 1 for earlier, later in pairwise(levels)):
        yield f"headings jump: {levels}"
    names = [nav.get("aria-label") for nav in root.all("nav")]
    if "" in names or len(set(names)) < len(names):
        yield f"navigations without a name of their own: {names}"
    for node in root.all("a", "button", "summary"):
        if not node.text and not node.get("aria-label"):
            yield f"a {node.tag} without words"
    for table in root.all("table"):
        if not table.all("caption") or not all(head.get("scope") for head in table.all("th")):
            yield "a table without caption or scopes"


def _wrong_with_ids(root: Node) -> Iterator[str]:
    ids = Counter(node.get("id") for node in root.walk() if node.get("id"))
    yield from (f"{count} times id {name}" for name, count in ids.items() if count > 1)
    for node in root.walk():
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for name in node.get(attribute).split():
                if name not in ids:
                    yield f"{attribute} points to {name}, which is not there"


def _wrong_with_fields(root: Node) -> Iterator[str]:
    labelled = {label.get("for") for label in root.all("label") if label.text}
    for node in root.all("input", "textarea", "select"):
        is_seen = node.get("type") != "hidden" and "hidden" not in node.attributes
        if is_seen and node.get("id") not in labelled:
            yield f"the field {node.get('name')} has no label"
    for form in root.all("form"):
        if form.get("method") not in {"post", "get"}:
            yield f"the form {form.get('action')} does not say how it is sent"
        unnamed = [node for node in form.all("input", "textarea") if not node.get("name")]
        if unnamed:
            yield f"{len(unnamed)} fields without a name in {form.get('action')}"


def _wrong_with_targets(page: Page) -> Iterator[str]:
    ids = {node.get("id") for node in page.root.walk()}
    for form in page.root.all("form"):
        if not _is_answered(form.get("method").upper(), form.get("action")):
            yield f"nothing answers {form.get('method')} {form.get('action')}"
    for link in page.root.all("a"):
        parts = urlsplit(link.get("href"))
        if not parts.path and not parts.netloc and parts.fragment not in ids:
            yield f"the link {link.get('href')} leads nowhere"
        if parts.path.startswith("/") and not _is_answered("GET", parts.path):
            yield f"nothing answers GET {parts.path}"


def _is_answered(method: str, path: str) -> bool:
    scope = {"type": "http", "method": method, "path": path, "root_path": ""}
    return any(route.matches(scope)[0] is Match.FULL for route in ROUTES)


def _wrong_with_security(page: Page) -> Iterator[str]:
    policy = page.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        if part not in policy:
            yield f"the policy lacks {part}"
    if page.headers["Cache-Control"] != "no-store":
        yield "it may be cached"
    for node in page.root.walk():
        if "style" in node.attributes or any(name.startswith("on") for name in node.attributes):
            yield f"a {node.tag} with a style or a handler of its own"
        source = node.get("src") or (node.get("href") if node.tag == "link" else "")
        if source and not source.startswith(("/static/", "data:")):
            yield f"{source} is loaded from elsewhere"
