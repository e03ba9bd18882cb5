"""Which accounts and organizations does it concern when something happens to people, keys or organizations?

Everything is found by index, from whoever it happens to: it takes no longer where there are more accounts.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, or_, select

from keysteward.rules.accounts import ADMIN
from keysteward.rules.custody.waking import Concerned
from keysteward.rules.usage import JWT
from keysteward.store.custody import Unit
from keysteward.store.tables import accounts, apps, domains, memberships, organization_admins, token_uses, users

_MOST_NAMES = 500  # at once: a statement takes only so many


def list_units(tx: Connection, whom: Concerned) -> set[Unit]:
    """The accounts and organizations that events concern; an account's organization has its score of it."""
    found = set(whom.accounts) | _accounts_of_keys(tx, whom.keys)
    leavers = _addresses(tx, whom.users)
    found |= _accounts_of_members(tx, whom.users) | accounts_resting_on(tx, leavers)
    found |= _accounts_managed_by(tx, whom.came) | accounts_of_organizations(tx, whom.whole_organizations)
    led = whom.organizations | whom.whole_organizations | _organizations_led_by(tx, whom.users)
    led |= _ids(tx, select(accounts.c.organization), accounts.c.id, found)
    return {Unit("account", each) for each in found} | {Unit("organization", each) for each in led if each}


def find_people(tx: Connection, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Users by id or address, whichever they are called by: each with id and address."""
    c, called, found = users.c, list(names), dict[str, tuple[str, str]]()
    for part in _parts(each.casefold() for each in called):
        for row in tx.execute(
            select(c.id, c.email, c.email_folded).where(or_(c.id.in_(part), c.email_folded.in_(part)))
        ):
            found[row.id] = found[row.email_folded] = (row.id, row.email)
    return {name: found[name.casefold()] for name in called if name.casefold() in found}


def accounts_led_by(tx: Connection, people: Iterable[str]) -> set[str]:
    """The accounts that users are admins of, or whose organization they administer."""
    everybody = list(people)
    led = _organizations_led_by(tx, everybody)
    query = select(memberships.c.account).where(memberships.c.profile == ADMIN.id)
    return _ids(tx, query, memberships.c.user, everybody) | accounts_of_organizations(tx, led)


def accounts_resting_on(tx: Connection, people: dict[str, str]) -> set[str]:
    """The accounts with keys whose review users asked for, or that act for them: users by id, with their addresses."""
    asked = _ids(tx, select(apps.c.account), apps.c.requester, people.values())
    acting = select(apps.c.account).join(token_uses, token_uses.c.key == apps.c.key).where(token_uses.c.grant == JWT)
    return asked | _ids(tx, acting.distinct(), token_uses.c.user, people)


def accounts_of_organizations(tx: Connection, organizations: Iterable[str]) -> set[str]:
    """All accounts of organizations."""
    return _ids(tx, select(accounts.c.id), accounts.c.organization, organizations)


def known_accounts(tx: Connection, ids: Iterable[str]) -> set[str]:
    """Which of these are accounts."""
    return _ids(tx, select(accounts.c.id), accounts.c.id, ids)


def organizations_of_domains(tx: Connection, host_names: Iterable[str]) -> dict[str, str]:
    """Who holds domains, by host name."""
    c, found = domains.c, dict[str, str]()
    for part in _parts(host_names):
        rows = tx.execute(select(c.host_name, c.organization).where(c.host_name.in_(part)))
        found.update({row.host_name: row.organization for row in rows})
    return found


def _accounts_of_keys(tx: Connection, keys: Iterable[str]) -> set[str]:
    return _ids(tx, select(apps.c.account), apps.c.key, keys)


def _accounts_of_members(tx: Connection, people: Iterable[str]) -> set[str]:
    return _ids(tx, select(memberships.c.account), memberships.c.user, people)


def _accounts_managed_by(tx: Connection, addresses: Iterable[str]) -> set[str]:
    """The accounts whose admins have these addresses: nobody else's signing in is looked at."""
    joined = memberships.join(users, users.c.id == memberships.c.user)
    query = select(memberships.c.account).select_from(joined).where(memberships.c.profile == ADMIN.id)
    return _ids(tx, query, users.c.email_folded, [each.casefold() for each in addresses])


def _organizations_led_by(tx: Connection, people: Iterable[str]) -> set[str]:
    c = organization_admins.c
    return _ids(tx, select(c.organization), c.user, people)


def _addresses(tx: Connection, people: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _parts(people):
        rows = tx.execute(select(users.c.id, users.c.email).where(users.c.id.in_(part)))
        found.update({row.id: row.email for row in rows})
    return found


def _ids(tx: Connection, query: Any, column: Any, names: Iterable[str]) -> set[str]:  # noqa: ANN401 — a select, a column
    """What a query answers of things whose column has one of these names."""
    return {each for part in _parts(names) for each in tx.execute(query.where(column.in_(part))).scalars()}


def _parts(names: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(set(names))
    return (every[at : at + _MOST_NAMES] for at in range(0, len(every), _MOST_NAMES))
