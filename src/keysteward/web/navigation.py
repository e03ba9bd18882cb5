"""Where are things? Every place that the console's navigation leads to, who finds it there, and which one is open.

Read the tuples from top to bottom: they are the navigation, one line per place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from keysteward.rules.accounts import Organization

Facts = Mapping[str, Any]
"""What a page knows of its visitor: see layout.html."""


class Place(NamedTuple):
    """A page that people look for. `name` is what they call it, `at` its path, `symbol` its icon."""

    name: str
    at: str
    symbol: str
    is_for: Callable[[Facts], bool]


class Item(NamedTuple):
    """A place as one visitor finds it. `is_current` says that they are there, or at something below."""

    name: str
    href: str
    symbol: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Places under one name; `is_folded` groups are opened first, unless one is there already."""

    id: str
    name: str
    items: tuple[Item, ...]
    is_folded: bool = False


def _everybody(_: Facts) -> bool:
    return True


def _reads_keys(facts: Facts) -> bool:
    return bool(facts["reads_keys"])


def _is_admin(facts: Facts) -> bool:
    return bool(facts["is_admin"])


def _is_admin_in_production(facts: Facts) -> bool:
    return _is_admin(facts) and _in_production(facts)


def _in_production(facts: Facts) -> bool:
    return bool(facts["environment"] == "production")


def _operates(facts: Facts) -> bool:
    return bool(facts["operates"])


def _settles_reviews(facts: Facts) -> bool:
    return bool(facts["is_operator"])


HOME: tuple[Place, ...] = (Place("Home", "/", "home", _everybody),)
INTEGRATIONS: tuple[Place, ...] = (
    Place("Apps and Keys", "/apps", "key", _reads_keys),
    Place("Request logs", "/request-logs", "document", _everybody),
    Place("Usage", "/account/usage", "chart", _is_admin),
    Place("Limits", "/account/limits", "gauge", _reads_keys),
    Place("Apps acting here", "/account/apps", "link", _is_admin),
    Place("Legacy cockpit", "/legacy", "hourglass", _is_admin),
)
ACCOUNT: tuple[Place, ...] = (
    Place("Accounts and users", "/members", "person", _is_admin),
    Place("Custody", "/custody", "shield", _is_admin),
    Place("Transfers", "/transfers", "swap", _is_admin_in_production),
    Place("Replacements", "/replacements", "restore", _is_admin_in_production),
    Place("Sealed credentials", "/custody/sealed", "lock", _is_admin),
    Place("Drills", "/custody/drills", "clock", _is_admin),
    Place("Organization", "/account/organization", "building", _is_admin),
    Place("Webhooks", "/account/webhooks", "send", _is_admin),
    Place("Audit log", "/audit", "list", _is_admin),
)
ORGANIZATION: tuple[Place, ...] = (
    Place("Accounts, admins and domains", "/organizations/{id}", "building", _everybody),
    Place("Custody", "/organizations/{id}/custody", "shield", _everybody),
    Place("Authorized apps", "/organizations/{id}/apps", "link", _everybody),
    Place("Identity provider", "/organizations/{id}/identity-provider", "lock", _everybody),
    Place("Directory (SCIM)", "/organizations/{id}/scim", "person", _everybody),
    Place("Leavers", "/organizations/{id}/leavers", "leave", _everybody),
    Place("Sealed credentials asked for", "/custody/releases", "key", _everybody),
    Place("Stand in", "/organizations/{id}/stand-in", "swap", _in_production),
    Place("Webhooks", "/organizations/{id}/webhooks", "send", _everybody),
    Place("Audit log", "/audit?organization={id}", "list", _everybody),
)
OPERATING: tuple[Place, ...] = (
    Place("Reviews", "/reviews", "shield", _settles_reviews),
    Place("Policy", "/policy", "gauge", _operates),
    Place("Accounts", "/accounts", "building", _operates),
    Place("People", "/people", "person", _operates),
)
YOURS: tuple[Place, ...] = (
    Place("Notices", "/notices", "bell", _everybody),
    Place("Long work", "/work", "hourglass", _everybody),
    Place("Connected apps", "/connected-apps", "link", _everybody),
    Place("Security", "/security", "shield", _everybody),
    Place("Help", "/help", "info", _everybody),
)
_BELOW = {"/webhooks": "/account/webhooks", "/recovery-contacts": "/members"}


def navigation(facts: Facts, organization: str = "") -> tuple[Group, ...]:
    """The groups that a visitor finds; `organization` is the one that the page's address narrows it to, if any."""
    if facts["user"] is None:
        return ()
    wanted = [("home", "", HOME), ("integrations", "Integrations", INTEGRATIONS)]
    if facts["is_admin"]:
        wanted.append(("account", f"Account {facts['account'].name}", ACCOUNT))
    wanted += [_of_organization(each) for each in facts["administers"]]
    wanted += [("operating", "Operator", OPERATING), ("yours", "You", YOURS)]
    here = _longest([place.at for _, _, places in wanted for place in places], facts["path"], organization)
    groups = [_group(group, facts, here) for group in wanted]
    return tuple(group for group in groups if group.items)


def _of_organization(organization: Organization) -> tuple[str, str, tuple[Place, ...]]:
    places = tuple(place._replace(at=place.at.format(id=organization.id)) for place in ORGANIZATION)
    return f"organization-{organization.id}", f"Organization {organization.name}", places


def _group(group: tuple[str, str, tuple[Place, ...]], facts: Facts, here: str) -> Group:
    id_, name, places = group
    items = tuple(Item(each.name, each.at, each.symbol, each.at == here) for each in places if each.is_for(facts))
    is_foldable = id_.startswith("organization-") and bool(facts["is_admin"])
    return Group(id_, name, items, is_foldable and not any(each.is_current for each in items))


def _longest(known: list[str], path: str, organization: str) -> str:
    """The place that a path is at or below: of all that fit the one that says most."""
    first, _, _ = path[1:].partition("/")
    path = path.replace(f"/{first}", _BELOW.get(f"/{first}", f"/{first}"), 1)
    narrowed = f"{path}?organization={organization}"
    if organization and narrowed in known:
        return narrowed
    return max((each for each in known if path == each or path.startswith(f"{each}/")), key=len, default="")
