"""Do the pages lead to an organization's identity provider and back, and does a real one sign its people in?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import uvicorn

from keysteward.actions import addresses, identity_providers
from keysteward.actions.context import Context
from keysteward.actions.identity_providers import Draft
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.refusals import NO_PROVIDER, NOT_AN_ORGANIZATION_ADMIN, SIGN_IN_NOT_BEGUN_HERE
from keysteward.twin import certificates
from keysteward.web.app import Web
from tests.actions.test_recovery import with_factor
from tests.cast import ADA, CY, ORGANIZATION, PASSWORD, SAM, Made, Town
from tests.conftest import Founded
from tests.peers.provider import CLIENT_ID, CLIENT_SECRET, Provider, provider
from tests.polling import until
from tests.web.pages.browsing import Browser, Page, Street, open_to_browsers, submission

ACME = ORGANIZATION["demo"]
HERE = f"/organizations/{ACME}/identity-provider"
CALLBACK = f"/signin/organization/{ACME}/callback"


@pytest.fixture
def made_up(tmp_path: Path) -> Iterator[Provider]:
    """A provider that says whatever a test wants."""
    with provider(tmp_path / "tls") as made:
        yield made


@pytest.fixture
def street(town: Town, made_up: Provider) -> Iterator[Street]:
    """The town, whose demo asks loopback."""
    town.demo = replace(town.demo, outside=Outside((), made_up.ca_file, allows_loopback=True))
    with open_to_browsers(town) as street:
        yield street


@pytest.fixture
def cy(street: Street) -> Browser:
    """An organization admin."""
    return street.signed_in(CY)


def fill(cy: Browser, issuer: str, **typed: str) -> Page:
    """Set the provider up by the page."""
    fields = {"name": "Acme Login", "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | typed
    return cy.send(cy.open(HERE), HERE, **fields)


def come_back(browser: Browser, made_up: Provider, **claims: Any) -> Page:  # noqa: ANN401 — a claim may be any JSON
    """Go to the provider and come back from it as Sam."""
    begun = browser.ask("GET", f"/signin/organization/{ACME}?next=/apps")
    asked = dict(parse_qsl(urlsplit(begun.location).query))
    now = int(browser.ctx.machine_clock())
    made_up.claims = {
        "iss": made_up.origin, "aud": CLIENT_ID, "sub": "sam-1", "email": SAM.email, "email_verified": True,
        "nonce": asked["nonce"], "iat": now, "exp": now + 300,
    } | claims  # fmt: skip
    return browser.ask("GET", f"{CALLBACK}?code=c&state={asked['state']}")


def test_an_organization_admin_sets_up_a_provider(cy: Browser, made_up: Provider) -> None:
    """The page says what the provider must know, keeps what was typed but the secret, and lists who was linked."""
    empty = cy.open(HERE)
    done = fill(cy, made_up.origin)
    page = cy.open(done.location)

    assert empty.fact("Redirect URI") == f"https://demo.test:8443{CALLBACK}"
    assert page.notice.startswith("Identity provider set up")
    assert (page.value("issuer"), page.value("client_secret")) == (made_up.origin, "")
    assert "acme.example" in page.main.text


def test_what_is_wrong_stands_at_its_field(cy: Browser, made_up: Provider) -> None:
    """What cannot be used, and a provider that does not answer, at the issuer; the secret is not shown again."""
    wrong = fill(cy, "nonsense")
    made_up.answers["/.well-known/openid-configuration"] = (302, {"Location": "https://10.0.0.1/"}, b"{}")
    silent = fill(cy, made_up.origin)

    assert wrong.error_at("issuer") == "Give an address such as https://login.example.com."
    assert "it leads elsewhere, and we follow nowhere" in silent.error_at("issuer")
    assert (silent.value("name"), silent.value("client_secret")) == ("Acme Login", "")


def test_the_page_is_for_organization_admins(street: Street) -> None:
    """The admins of its accounts get the answer of an organization that does not exist."""
    assert street.signed_in(ADA).open(HERE).status == NOT_AN_ORGANIZATION_ADMIN.status


def test_an_address_is_offered_its_provider(street: Street, cy: Browser, made_up: Provider) -> None:
    """The sign-in page leads there; the offer is a link, for a form may end at this origin only."""
    fill(cy, made_up.origin)
    browser = street.browser()
    form = browser.open("/signin/organization?next=/apps")
    unknown = browser.send(form, "/signin/organization", email="sam@elsewhere.example")
    offer = browser.send(form, "/signin/organization", email="anybody@acme.example")
    (link,) = [each for each in offer.main.all("a") if each.text == "Continue with Acme Login"]

    assert link.get("href") == f"/signin/organization/{ACME}?next=%2Fapps"
    assert (unknown.status, offer.heading) == (NO_PROVIDER.status, "Continue with Acme Login")
    assert browser.ask("GET", link.get("href")).location.startswith(f"{made_up.origin}/auth?")
    assert browser.open("/signin/organization/00000000-0000-4000-8000-000000000000").status == 404


def test_the_answer_begins_a_session(street: Street, cy: Browser, made_up: Provider) -> None:
    """It is a session like any other, and the cookie of the way is gone."""
    fill(cy, made_up.origin)
    browser = street.browser()
    done = come_back(browser, made_up)

    assert (done.status, done.location) == (303, "/apps")
    assert "__Host-ks-provider-demo" not in browser.cookies
    assert "Sam Sender" in browser.open("/").root.text
    linked = cy.open(HERE)
    assert SAM.email in linked.main.text
    unlinked = cy.send(linked, f"{HERE}/links/{SAM.demo}/remove")
    assert cy.open(unlinked.location).notice.startswith("Link removed")


def test_a_second_factor_is_asked_for_too(street: Street, cy: Browser, made_up: Provider, town: Town) -> None:
    """Whoever runs the provider does not get past what somebody set up here."""
    with_factor(town.demo, town, SAM)
    fill(cy, made_up.origin)
    done = come_back(street.browser(), made_up)

    assert done.location == "/signin/second?next=%2Fapps"


def test_who_is_signed_in_already_signs_in_there_anew(street: Street, cy: Browser, made_up: Provider) -> None:
    """A click at somebody's open console makes nobody fresh; who signs in at the provider then is fresh here."""
    fill(cy, made_up.origin)
    browser = street.browser()
    come_back(browser, made_up)
    stale = browser.ask("GET", "/security/password")
    begun = browser.ask("GET", f"/signin/organization/{ACME}?next=/security/password")
    come_back(browser, made_up, auth_time=int(browser.ctx.machine_clock()))

    assert stale.location.startswith("/security/confirm")
    assert browser.open(stale.location).main.all("a")[-1].get("href") == (
        "/signin/organization?next=%2Fsecurity%2Fpassword"
    )
    assert dict(parse_qsl(urlsplit(begun.location).query))["max_age"] == "0"
    assert browser.ask("GET", "/security/password").status == 200


def test_an_answer_in_another_browser(street: Street, cy: Browser, made_up: Provider) -> None:
    """Nobody can be signed in as somebody else by an address that they are sent."""
    fill(cy, made_up.origin)
    mallorys = street.browser()
    begun = mallorys.ask("GET", f"/signin/organization/{ACME}")
    asked = dict(parse_qsl(urlsplit(begun.location).query))

    page = street.browser().open(f"{CALLBACK}?code=c&state={asked['state']}")
    assert (page.status, SIGN_IN_NOT_BEGUN_HERE.code in page.main.text) == (403, True)


# ── a real provider ─────────────────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def answering(ctx: Context, listener: socket.socket, certificate: Path) -> Iterator[None]:
    """Let an environment answer over TLS."""
    config = uvicorn.Config(
        Web(ctx), lifespan="off", log_level="warning", ssl_certfile=certificate, ssl_keyfile=certificate
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def sign_in_at_the_provider(url: str, ca_file: Path) -> str:
    """Sign in as Sam and allow it, as a person does; the address that the browser is sent back to."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(ca_file)
        shown = session.get(url, timeout=30, allow_redirects=False)
        page, origin = Page(shown), "{0.scheme}://{0.netloc}".format(urlsplit(url))
        for typed in ({"email": SAM.email, "password": PASSWORD}, {"decision": "allow"}):
            action = page.main.all("form")[0].get("action")
            answer = session.post(origin + action, submission(page, action, **typed), timeout=30, allow_redirects=False)
            while answer.headers.get("Location", "").startswith("/"):
                answer = session.get(origin + answer.headers["Location"], timeout=30, allow_redirects=False)
            page = Page(answer)
    return str(answer.headers["Location"])


def test_another_keysteward_is_the_provider(
    town: Town, founded: Founded, made: Made, tmp_path: Path, made_up: Provider
) -> None:
    """The whole way over real sockets: discovery, sign-in and consent there, code, tokens, userinfo, session here."""
    there = founded.copy(tmp_path / "there")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"https://localhost:{listener.getsockname()[1]}"
        home = replace(there.demo, origin=origin)
        addresses.add_redirect_uri(home, there.actor(ADA), made.key, f"https://demo.test:8443{CALLBACK}")
        with answering(home, listener, certificates.ensure(made_up.ca_file.parent, "demo", ())):
            ctx = replace(town.demo, outside=Outside((), made_up.ca_file, allows_loopback=True))
            draft = Draft("The other house", f"{origin}/", made.key, made.secret)
            identity_providers.configure(ctx, town.actor(CY), ACME, draft)
            town.demo = ctx
            with open_to_browsers(town) as street:
                browser = street.browser()
                begun = browser.ask("GET", f"/signin/organization/{ACME}?next=/apps")
                back = sign_in_at_the_provider(begun.location, made_up.ca_file)
                done = browser.ask("GET", back.removeprefix("https://demo.test:8443"))
                assert (done.status, done.location) == (303, "/apps")
                assert "Sam Sender" in browser.open("/").root.text
    there.close()
