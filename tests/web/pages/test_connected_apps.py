"""Can people see which apps act for them, or in their account, and end that?"""

import pytest

from keysteward.actions import organization_consents
from tests.cast import ADA, CY, MALLORY, ORGANIZATION, SAM, STRANGE, VERA, Made, Person, Town
from tests.web.pages.browsing import Browser, Page, Street

OURS = ORGANIZATION["demo"]
MINE, HERE = "/connected-apps", "/account/apps"
THEIRS = f"/organizations/{OURS}/apps"
ALLOWED = frozenset({"signature", "impersonation", "organization_read"})


def allow(town: Town, made: Made) -> None:
    """Let the organization allow the app."""
    organization_consents.authorize_application(town.demo, town.actor(CY), OURS, made.key, ALLOWED)


# ── for oneself ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_app_is_seen_and_disconnected(street: Street, town: Town, made: Made) -> None:
    """With its publisher and what it may do in sentences; once disconnected it is gone."""
    town.consent(town.demo, made, SAM, "signature extended")
    sam = street.signed_in(SAM)
    page = sam.open(MINE)
    gone = sam.open(sam.send(page, f"{MINE}/{made.key}/disconnect").location)

    assert page.heading == "Connected apps"
    assert "Lease signer" in page.main.text
    assert "Published by Acme" in page.main.text
    assert "Create, send and read envelopes for you" in page.main.text
    assert "App disconnected" in gone.notice
    assert "No app acts for you" in gone.main.text


def test_what_an_organization_allowed_is_seen_and_stays(street: Street, town: Town, made: Made) -> None:
    """Without a button, and without what no user is covered for."""
    allow(town, made)
    page = street.signed_in(SAM).open(MINE)

    assert "allowed by Acme Group" in page.main.text
    assert "Read your organization" not in page.main.text
    assert page.main.all("form") == []


def test_disconnecting_what_is_not_connected(street: Street, made: Made) -> None:
    """It is not there; and the address of the form leads back to the page."""
    sam = street.signed_in(SAM)

    assert sam.ask("POST", f"{MINE}/{made.key}/disconnect", []).status == 404
    assert sam.ask("GET", f"{MINE}/{made.key}/disconnect").location == MINE


# ── for an account ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_admin_blocks_and_unblocks(street: Street, town: Town) -> None:
    """The page says what acts here, for how many, and who blocked it."""
    made = town.create_app(by=MALLORY, firm=STRANGE, name="Stranger's helper")
    for person in (SAM, VERA):
        town.consent(town.demo, made, person)
    ada = street.signed_in(ADA)
    page = ada.open(HERE)
    blocked = ada.open(ada.send(page, f"{HERE}/{made.key}/block").location)
    again = ada.ask("POST", f"{HERE}/{made.key}/block", [])
    unblocked = ada.open(ada.send(blocked, f"{HERE}/{made.key}/unblock").location)

    assert "Stranger's helper Published by Strange" in page.main.text
    assert "2 users" in page.main.text
    assert "App blocked" in blocked.notice
    assert f"by {ADA.email}" in blocked.main.text
    assert again.location == f"{HERE}?done=changed-meanwhile"
    assert "App unblocked" in unblocked.notice
    assert unblocked.forms(f"{HERE}/{made.key}/block")


def test_an_account_without_apps(ada: Browser) -> None:
    """It says when one will stand here."""
    assert "No app acts here" in ada.open(HERE).main.text


def test_members_do_not_block(street: Street, town: Town, made: Made) -> None:
    """They are told whom to ask."""
    town.consent(town.demo, made, SAM)
    sam = street.signed_in(SAM)

    for page in (sam.open(HERE), sam.ask("POST", f"{HERE}/{made.key}/block", [])):
        assert (page.status, page.heading) == (403, "Only an admin of this account may do this.")


# ── for an organization ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def cy(street: Street) -> Browser:
    """The organization's admin."""
    return street.signed_in(CY)


def choose(cy: Browser, key: str, scopes: list[str], more: str = "") -> Page:
    """Fill in the first step."""
    return cy.send(cy.open(f"{THEIRS}/new"), f"{THEIRS}/new", key=key, scopes=scopes, more=more)


def test_an_admin_authorizes_an_app_and_revokes_it(cy: Browser, made: Made) -> None:
    """Choose, read once more, confirm; then it stands in the list, until it is revoked."""
    empty = cy.open("/organizations")
    review = choose(cy, made.key, ["signature", "impersonation", "user_read"], "own.scope")
    listed = cy.open(cy.send(review, THEIRS).location)
    gone = cy.open(cy.send(listed, f"{THEIRS}/{made.key}/revoke").location)

    assert "No app is authorized" in empty.main.text
    assert review.heading == "Authorize Lease signer?"
    assert "everybody with an address in acme.example" in review.main.text
    assert "App authorized" in listed.notice
    for scope in ("signature", "impersonation", "user_read", "own.scope"):
        assert scope in listed.main.text
    assert "Authorization revoked" in gone.notice
    assert "No app is authorized" in gone.main.text


def test_what_an_app_loses_is_said_before(cy: Browser, made: Made) -> None:
    """Allowing less than before warns."""
    cy.send(choose(cy, made.key, ["signature", "extended"]), THEIRS)

    assert "It loses extended" in choose(cy, made.key, ["signature"]).main.text


@pytest.mark.parametrize(
    ("key", "scopes", "more", "field", "error"),
    [
        ("", ["signature"], "", "key", "Choose one of these apps."),
        ("key", [], "", "scopes", "Name at least one scope; separate them by spaces."),
        ("key", [], 'a"b', "scopes", "Name at least one scope; separate them by spaces."),
    ],
)
def test_a_choice_that_is_none_comes_back(
    cy: Browser, made: Made, key: str, scopes: list[str], more: str, field: str, error: str
) -> None:
    """With what was typed, and a sentence where it is wrong."""
    pairs = [("key", made.key if key else ""), *(("scopes", scope) for scope in scopes), ("more", more)]
    page = cy.ask("POST", f"{THEIRS}/new", pairs)
    line = page.by_id(f"field-{field}-error")

    assert page.status == 422
    assert line is not None
    assert line.text == error
    assert page.value("more") == more


def test_a_stale_sign_in_is_renewed_first(cy: Browser, town: Town, made: Made) -> None:
    """Neither the form nor the deed is reached without it; what is there can be revoked."""
    cy.send(choose(cy, made.key, ["signature"]), THEIRS)
    review = choose(cy, made.key, ["signature", "extended"])
    town.clock.advance(minutes=11)

    for page in (cy.ask("GET", f"{THEIRS}/new"), cy.send(review, THEIRS)):
        assert "/security/confirm" in page.location
    assert cy.ask("POST", f"{THEIRS}/{made.key}/revoke", []).status == 303


@pytest.mark.parametrize("person", [ADA, SAM, MALLORY])
def test_others_see_no_organization(street: Street, person: Person, made: Made) -> None:
    """An organization that is not one's own is not there, nor is its menu."""
    browser = street.signed_in(person)
    paths = [("GET", "/organizations"), ("GET", THEIRS), ("GET", f"{THEIRS}/new"), ("POST", THEIRS + "/new"),
             ("POST", f"{THEIRS}/{made.key}/revoke")]  # fmt: skip

    statuses = [browser.ask(method, path, [] if method == "POST" else None).status for method, path in paths]
    form = [("key", made.key), ("scopes", "signature")]
    assert [*statuses, browser.ask("POST", THEIRS, form).status] == [404] * 6
    assert "Authorized apps" not in browser.open("/").root.text


def test_the_menu_leads_there(cy: Browser) -> None:
    """An organization's admin finds it by its name; everybody finds their connected apps."""
    links = {node.get("href") for node in cy.open(MINE).root.all("a")}

    assert {MINE, THEIRS} <= links
    assert "Acme Group" in cy.open(MINE).root.text
