"""How do the rows of several files become one inventory?"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from keysteward.rules.accounts import AccountState
from keysteward.rules.custody import cells
from keysteward.rules.custody.inventory import (
    AccountFacts,
    ClaimedDomain,
    Inventory,
    KeyFacts,
    Member,
    OrganizationFacts,
    Person,
)
from keysteward.rules.custody.written import Misread, Row, Sheet
from keysteward.rules.words import Environment

ADMIN_PROFILES = frozenset({
    "ds admin", "dsadmin", "docusign admin", "account administrator", "account admin", "administrator", "admin",
})  # fmt: skip
_ENVIRONMENTS: dict[str, Environment] = {
    "demo": "demo", "developer": "demo", "sandbox": "demo", "production": "production", "prod": "production",
}  # fmt: skip
_STATES: dict[str, AccountState] = {
    "open": "open", "active": "open", "suspended": "suspended", "closed": "closed",
}  # fmt: skip
_ACTIVE = frozenset({"", "active"})
_GONE = frozenset({"closed", "disabled", "deleted", "inactive"})
_INVITED = frozenset({"invited", "pending", "activationsent", "activationrequired", "created"})


@dataclass(slots=True)
class _Draft:
    """What was read so far. `names` leads from what an account or organization is called to its id."""

    accounts: dict[str, AccountFacts] = field(default_factory=dict)
    organizations: dict[str, OrganizationFacts] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    gone: dict[str, bool] = field(default_factory=dict)
    domains: dict[str, ClaimedDomain] = field(default_factory=dict)
    keys: dict[tuple[str, str], KeyFacts] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)


def assemble(sheets: Iterable[Sheet], at: datetime) -> Inventory:
    """One inventory of all sheets: organizations first, then accounts, users and keys."""
    every = list(sheets)
    rows = [(sheet, row) for sheet in every for row in sheet.rows]
    draft = _Draft()
    for _, row in _of("organizations", rows):
        _add_organization(draft, row)
    for _, row in _of("accounts", rows):
        _add_account(draft, row)
    for sheet, row in _of("users", rows):
        _add_user(draft, row, sheet.name)
    for _, row in _of("keys", rows):
        _add_key(draft, row)
    return Inventory(
        at=at,
        accounts=tuple(draft.accounts.values()),
        people=tuple(replace(each, active=not draft.gone.get(each.id, False)) for each in draft.people.values()),
        members=tuple(draft.members.values()),
        organizations=tuple(draft.organizations.values()),
        domains=tuple(draft.domains.values()),
        keys=tuple(draft.keys.values()),
        says=frozenset(fact for sheet in every for fact in sheet.tells),
    )


def _of(kind: str, rows: list[tuple[Sheet, Row]]) -> list[tuple[Sheet, Row]]:
    return [(sheet, row) for sheet, row in rows if row.kind == kind]


# ── organizations and accounts ──────────────────────────────────────────────────────────────────────────────────────
def _add_organization(draft: _Draft, row: Row) -> None:
    id_ = _organization(draft, row.text("organization"), row.text("name"))
    admins = tuple(_person_named(draft, address) for address in cells.addresses(row, "admins"))
    known = draft.organizations[id_]
    draft.organizations[id_] = replace(known, admins=(*known.admins, *admins))
    for host_name in cells.several(row, "domains"):
        draft.domains[host_name.lower()] = ClaimedDomain(id_, host_name.lower())
    for host_name in cells.several(row, "lapsed_domains"):
        draft.domains[host_name.lower()] = ClaimedDomain(id_, host_name.lower(), "lapsed")


def _organization(draft: _Draft, said: str, name: str = "") -> str:
    found = draft.names.get(f"organization {said.lower()}")
    if found is None:
        found = said
        draft.organizations[found] = OrganizationFacts(found, name or said)
        for each in filter(None, (said, name)):
            draft.names[f"organization {each.lower()}"] = found
    return found


def _add_account(draft: _Draft, row: Row) -> None:
    said = _demanded(row, "account")
    if said.lower() in draft.names:
        raise Misread(row.at("account"), f"{said} is there already.", "Leave one of the two out.")
    state = cells.choice(row, "state", _STATES, "open")
    closed_at = cells.instant(row, "closed")
    account = AccountFacts(
        id=said,
        name=row.text("name") or said,
        environment=cells.choice(row, "environment", _ENVIRONMENTS, "production"),
        plan=row.text("plan"),
        state="closed" if closed_at is not None and not row.text("state") else state,
        organization=_organization(draft, row.text("organization")) if row.text("organization") else "",
        closed_at=closed_at,
    )
    _keep_account(draft, account)


def _keep_account(draft: _Draft, account: AccountFacts) -> None:
    draft.accounts[account.id] = account
    draft.names[account.id.lower()] = account.id
    draft.names.setdefault(account.name.lower(), account.id)


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _add_user(draft: _Draft, row: Row, file: str) -> None:
    _demanded(row, "email")
    account = _account_of_user(draft, row, file)
    id_ = _person_named(draft, cells.address(row, "email"))
    known = draft.people[id_]
    status = row.text("status").lower().replace(" ", "").replace("_", "")
    if status not in _ACTIVE | _GONE | _INVITED:
        raise Misread(
            row.at("status"), f"{row.text('status')} is no status.", "Choose among active, invited and closed."
        )
    is_gone = status in _GONE
    draft.gone[id_] = is_gone and draft.gone.get(id_, True)
    seen = [each for each in (known.seen_at, cells.instant(row, "last_sign_in")) if each]
    draft.people[id_] = replace(
        known,
        name=row.text("name") or f"{row.text('first_name')} {row.text('last_name')}".strip() or known.name,
        service=bool(cells.yes(row, "service_admin")) or known.service,
        seen_at=max(seen, default=None),
        since=cells.instant(row, "created") or known.since,
        drilled_at=cells.instant(row, "drilled") or known.drilled_at,
        second_factors=known.second_factors | frozenset(each.lower() for each in cells.several(row, "second_factor")),
    )
    if row.text("user"):
        draft.by[row.text("user").lower()] = id_
    draft.members[account, id_] = Member(account, id_, _is_admin(row), active=status in _ACTIVE)


def _account_of_user(draft: _Draft, row: Row, file: str) -> str:
    said = row.text("account") or row.text("account_name")
    only = next(iter(draft.accounts), "") if len(draft.accounts) == 1 else ""
    name = said or only or (file.rpartition(".")[0] or file)
    found = draft.names.get(name.lower())
    if found is None:
        found = name
        _keep_account(draft, AccountFacts(name, row.text("account_name") or name, "production"))
    return found


def _is_admin(row: Row) -> bool:
    said = cells.yes(row, "admin")
    return row.text("profile").lower() in ADMIN_PROFILES if said is None or not row.text("admin") else said


def _person_named(draft: _Draft, email: str) -> str:
    id_ = email.lower()
    draft.people.setdefault(id_, Person(id_, email))
    return id_


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _add_key(draft: _Draft, row: Row) -> None:
    key = _demanded(row, "key").lower()
    account = draft.accounts[_account_of_key(draft, row)]
    if (account.id, key) in draft.keys:
        raise Misread(row.at("key"), f"{key} is there already.", "Leave one of the two out.")
    live = cells.yes(row, "live")
    draft.keys[account.id, key] = KeyFacts(
        key=key,
        account=account.id,
        name=row.text("name") or key,
        integration_type=row.text("type"),
        live=account.environment == "production" if live is None else live,
        requester=cells.address(row, "requester"),
        recovery_contacts=cells.addresses(row, "recovery_contacts"),
        since=cells.instant(row, "created"),
        used_at=cells.instant(row, "last_call"),
        legacy_calls=cells.whole(row, "legacy_calls"),
        legacy_people=cells.whole(row, "legacy_users"),
        grants=frozenset(each.lower() for each in cells.several(row, "grants")),
        redirect_uris=len(cells.several(row, "redirect_uris")),
        credentials=tuple(cells.credentials(row)),
        review_ends_at=cells.instant(row, "review_expires"),
        impersonates=tuple(draft.by.get(each.lower(), each.lower()) for each in cells.several(row, "impersonates")),
        product=row.text("product"),
    )


def _account_of_key(draft: _Draft, row: Row) -> str:
    said = _demanded(row, "account")
    found = draft.names.get(said.lower())
    if found is None and draft.members:
        raise Misread(row.at("account"), f"no account is called {said}.", "Name one of those of the users, or add it.")
    if found is None:
        found = said
        _keep_account(draft, AccountFacts(said, said, "production"))
    return found


def _demanded(row: Row, name: str) -> str:
    if not row.text(name):
        raise Misread(row.at(name), f"{name} is missing.", "Every line needs one.")
    return row.text(name)
