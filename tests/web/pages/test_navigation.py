"""Does everybody find what is theirs, from every page, and see where they are?"""

import pytest

from keysteward.actions import operators
from tests.cast import ACME, ADA, CY, ORGANIZATION, SAM, Made, Town
from tests.web.pages.browsing import Browser, Node, Page, Street

MINE = f"/organizations/{ORGANIZATION['demo']}"
FOR_ADMINS = {
    "/", "/apps", "/request-logs", "/account/usage", "/account/limits", "/account/apps", "/legacy", "/members",
    "/custody", "/custody/sealed", "/custody/drills", "/account/organization", "/account/webhooks", "/audit",
    "/notices", "/connected-apps", "/security", "/help",
}  # fmt: skip
FOR_EVERYBODY = {"/", "/request-logs", "/notices", "/connected-apps", "/security", "/help"}


def navigation(page: Page) -> Node:
    """Where things are."""
    node = page.by_id("navigation")
    assert node
    return node


def places(page: Page) -> set[str]:
    """Where the navigation leads."""
    return {link.get("href") for link in navigation(page).all("a")}


def here(page: Page) -> list[str]:
    """Which of its places it says are open."""
    return [link.text for link in navigation(page).all("a") if link.get("aria-current")]


def test_an_admin_finds_everything_of_the_account(ada: Browser, ada_in_production: Browser) -> None:
    """Transfers and replacements are production's."""
    assert places(ada.open("/")) >= FOR_ADMINS
    assert places(ada_in_production.open("/")) - places(ada.open("/")) == {"/transfers", "/replacements"}


def test_who_is_no_admin_finds_what_is_their_own(street: Street) -> None:
    """Nothing leads where they would be refused."""
    sam = street.signed_in(SAM)
    found = places(sam.open("/"))

    assert found >= FOR_EVERYBODY
    assert {path: sam.open(path).status for path in found} == dict.fromkeys(found, 200)


def test_an_operator_finds_what_operators_do(street: Street, town: Town) -> None:
    """Reviews wait in demo only."""
    for ctx in (town.demo, town.production):
        operators.add(ctx, SAM.email, "Olga")

    assert places(street.signed_in(SAM).open("/")) >= {"/reviews", "/accounts", "/people"}
    assert "/reviews" not in places(street.signed_in(SAM, "production").open("/"))


def test_an_organization_is_a_group_of_its_own(street: Street) -> None:
    """Its admin finds its places under its name, open where they are there."""
    page = street.signed_in(CY).open(f"{MINE}/custody")
    (group,) = [node for node in navigation(page).all("details") if "Acme Group" in node.text]

    assert {MINE, f"{MINE}/apps", f"{MINE}/scim", f"/audit?organization={ORGANIZATION['demo']}"} <= places(page)
    assert "open" in group.attributes
    assert here(page) == ["Custody"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "Home"),
        ("/apps/new", "Apps and Keys"),
        ("/custody", "Custody"),
        ("/custody/drills", "Drills"),
        ("/account/usage/calls", "Usage"),
        ("/members/profiles", "Accounts and users"),
        ("/help/rules", "Help"),
        ("/security/tokens", "Security"),
    ],
)
def test_the_place_is_marked(ada: Browser, made: Made, path: str, name: str) -> None:
    """Of all that a path is at or below, the one that says most."""
    assert here(ada.open(path)) == [name]


def test_an_organizations_audit_log_is_not_the_accounts(street: Street) -> None:
    """What an address narrows decides between two places with one path."""
    page = street.signed_in(CY).open(f"/audit?organization={ORGANIZATION['demo']}")
    (link,) = [each for each in navigation(page).all("a") if each.get("aria-current")]

    assert link.get("href") == f"/audit?organization={ORGANIZATION['demo']}"


def test_it_opens_without_javascript(ada: Browser) -> None:
    """On narrow screens the browser itself opens and closes it."""
    page = ada.open("/")
    buttons = [node for node in page.root.all("button") if node.get("popovertarget") == "navigation"]

    assert "popover" in navigation(page).attributes
    assert [node.text for node in buttons] == ["Menu", "Close"]


def test_who_is_not_signed_in_finds_nothing(street: Street) -> None:
    """No place is shown that somebody else would reach."""
    page = street.browser().open("/signin")

    assert (page.by_id("navigation"), ACME.name in page.root.text, ADA.email in page.root.text) == (None, False, False)
