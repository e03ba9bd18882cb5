"""Where does an environment hold something of a person, and what becomes of it when they are forgotten?

Read the lists: rows that go, ids that stay, words of the house, and what is left as it is for a reason. Every other
text of every table is searched for their address and name. A test writes both into every column there is, and demands
that a new column which is neither searched nor listed finds its place here.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from keysteward.rules.accounts import User
from keysteward.rules.events import Erasure, forgotten
from keysteward.rules.people import erased_address
from keysteward.store.tables import Json, call_hours, calls, departures, events, memberships, metadata, users

# fmt: off
ROWS_THAT_GO: frozenset[str] = frozenset({
    # how they sign in
    "sessions.user", "second_steps.user", "totp_secrets.user", "passkeys.user", "recovery_codes.user",
    "ceremonies.user", "personal_tokens.user", "password_links.user", "address_links.user", "known_sources.user",
    "identities.user", "sign_in_failures.email_folded", "link_requests.email_folded",
    # what they allowed, and what was noted for them
    "consents.user", "codes.user", "request_logging.user", "request_log_entries.user", "notice_receipts.user",
    "muted_notices.user", "legacy_calls.user",
    # what they are here, and what was sent to them
    "operators.user", "organization_admins.user", "scim_users.user", "mails.recipient", "invitations.email_folded",
    "recovery_contacts.email_folded",
})
"""A row goes where this column holds their GUID or their address."""

IDS_THAT_STAY: frozenset[str] = frozenset({
    "users.id", "memberships.user", "families.user", "departures.user", "invitations.invited_by", "call_hours.user",
    "token_uses.user", "predecessor_proofs.user", "drills.first", "drills.second", "drill_results.user",
    "credential_releases.asked_by", "credential_releases.approved_by",
})
"""Where a GUID stays because something else hangs on the row; once the user is nobody, it says nothing of a person."""

WORDS_OF_THE_HOUSE: frozenset[str] = frozenset({
    # states, kinds, endings and other words of a fixed list
    "accounts.state", "accounts.plan", "memberships.state", "account_requests.wish", "account_requests.side",
    "domains.state", "domains.outcome", "domain_claims.state", "domain_claims.outcome", "departures.source",
    "apps.integration_type", "apps.grants", "app_attempts.grant", "app_attempts.code", "app_attempts.sdk",
    "families.death", "leaks.kind", "legacy_calls.sdk", "reviews.verdict", "review_notes.kind", "rulings.choice",
    "promotions.refusal", "smoke_tests.steps", "transfers.hand", "transfers.ending", "retirements.hand",
    "retirements.ending", "sealed_credentials.kind", "credential_releases.kind", "credential_releases.ending",
    "drills.kind", "drills.subject", "drill_results.result", "custody_findings.code", "custody_findings.severity",
    "custody_findings.kind", "notices.kind", "webhooks.kinds", "webhook_deliveries.kind", "webhook_deliveries.outcome",
    "scim_requests.operation", "scim_requests.code", "ceremonies.purpose", "mails.about", "link_requests.about",
    "request_log_entries.method", "request_log_entries.operation",
    # what may be done
    "profiles.permissions", "personal_tokens.permissions", "codes.scopes", "consents.scopes", "families.scopes",
    "organization_consents.scopes",
    # the policy and the rules that judge
    "policies.numbers", "packs.name", "packs.document",
    # what rows are found by
    "custody_findings.name", "custody_findings.subject", "custody_findings.keys", "notices.occasion",
    "departures.accounts",
})
"""What code reads. Whoever is called like such a word must not change the policy or an app: this is never searched."""

LEFT_AS_IT_IS: dict[str, str] = {
    "accounts.name": "A company chooses the name of its account, and may be called like a person.",
    "apps.name": "A company chooses the name of its app; its admins rename it.",
    "organizations.name": "A company's name.",
    "providers.name": "What a company calls its identity provider.",
    "gateways.name": "An operator names a gateway after a machine.",
    "events": "Their fields give way to salted hashes (rules/events.py), and the chain still verifies.",
    "calls": "Evidence of reviews: GUIDs, and addresses without the values in them. Retention ends it.",
    "call_hours": "Counted calls by GUID. Retention ends it.",
    "outcomes": "Durations by trace token.",
    "token_uses": "Counted tokens by GUID, and where the program was that asked. Retention ends it.",
    "judged_calls": "The calls that a verdict rests on, by GUID; its digest is signed.",
    "signing_keys": "Keys of the house.",
    "seals": "Hashes.",
    "checkpoints": "Signed hashes.",
    "stamp": "What the database is.",
    "leases": "Names of workers.",
    "reviews.findings": "What a verdict says of calls; its digest is signed.",
    "reviews.packs": "Which rules judged.",
    "transfers.record": "Signed proof of who moved a key: it defends the claims of both accounts, and lies with them.",
    "transfer_steps.paper": "Signed word of one side: it defends the claims of both accounts.",
    "promotions.paper": "Signed ticket: proof of how a key came into production.",
    "promotions.receipt": "Signed receipt of a promotion.",
    "promotion_papers.paper": "Signed ticket, as it is bundled with its review.",
    "promotion_papers.receipt": "Signed receipt, as it is bundled with its review.",
    "idempotency_keys": "Hashes, and an answer that is sealed until tomorrow.",
    "mails.letter_sealed": "A letter to somebody else that waits in the outbox; once sent it is gone.",
    "providers.client_secret_sealed": "A secret of the house.",
    "sealed_credentials.ciphertext_sealed": "A secret of a key, which its recovery recipients alone can open.",
    "webhooks.secret_sealed": "A secret of the house.",
    "webhooks.old_secret_sealed": "A secret of the house.",
    "webhook_deliveries.message": "The id of a notice.",
    "request_log_entries.entry_sealed": "The log of somebody else, which holds at most 50 requests for a while.",
    "profiles.name": "An admin renames a permission profile.",
    "profiles.name_folded": "An admin renames a permission profile.",
}
"""What is not searched, and why: a whole table or one column."""
# fmt: on

_DOMAINS_THAT_STAY = frozenset({"apps.requester", "transfers.requester", "retirements.requester"})  # recovery needs it
_SECRETS = frozenset({"digest", "handle_digest", "password", "token", "nonce", "challenge", "salts", "credential"})
_OF_OTHERS = ("by", "email", "actor", "requester", "presenter", "owner", "contact", "recipient", "approvers")


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def forget(tx: Connection, user: User, erasure: Erasure, now: datetime) -> None:
    """Take a person out of every table; their user stays as nobody's, closed for ever, and nobody brings them back."""
    for table, column in _identifying():
        tx.execute(delete(table).where(_is_theirs(column, user.id, erasure)))
    for table in metadata.sorted_tables:
        for column in _searched(table):
            _search(tx, column, erasure)
    closed = {"state": "closed"}
    tx.execute(update(memberships).where(memberships.c.user == user.id).values(closed))
    open_ones = (departures.c.user == user.id) & departures.c.ended_at.is_(None)
    tx.execute(update(departures).where(open_ones).values(ended_at=now))
    address = erased_address(user.id)
    nobody = {"email": address, "email_folded": address, "first_name": "Erased", "last_name": "", "password": None}
    values = closed | nobody | {"email_verified_at": None}
    tx.execute(update(users).where(users.c.id == user.id).values(values))


def _search(tx: Connection, column: Column[Any], erasure: Erasure) -> None:
    """Replace their address and names in one column."""
    said, key = type_coerce(column, Text), list(column.table.primary_key.columns)
    names = [each for each in (erasure.address, *erasure.names) if each]
    where = or_(*(said.icontains(each, autoescape=True) for each in names))
    instead = f"erased@{erasure.address.partition('@')[2]}" if _name(column) in _DOMAINS_THAT_STAY else "erased"
    for row in tx.execute(select(said.label("said"), *key).where(where)).all():
        text = forgotten(row.said, erasure, instead)
        if text != row.said:
            place = and_(*(each == value for each, value in zip(key, row[1:], strict=True)))
            tx.execute(update(column.table).where(place).values({column.name: _as_kept(column, text)}))


def _as_kept(column: Column[Any], text: str) -> Any:  # noqa: ANN401 — what a column takes
    return type_coerce(text, Text) if isinstance(column.type, Json) else text


@cache
def _searched(table: Table) -> list[Column[Any]]:
    """The texts of a table that may say anything."""
    if table.name in LEFT_AS_IT_IS or table is users:
        return []
    free = [each for each in _texts(table) if not (each.primary_key or each.foreign_keys)]
    return [each for each in free if _name(each) not in WORDS_OF_THE_HOUSE and _name(each) not in LEFT_AS_IT_IS]


def _texts(table: Table) -> list[Column[Any]]:
    kinds = [(each, getattr(each.type, "impl", each.type)) for each in table.columns]
    return [each for each, kind in kinds if isinstance(kind, String)]


@cache
def _identifying() -> list[tuple[Table, Column[Any]]]:
    """The columns of the rows that go; what others refer to comes last."""
    found = [(table, each) for table in reversed(metadata.sorted_tables) for each in table.columns]
    return [(table, each) for table, each in found if _name(each) in ROWS_THAT_GO]


def _is_theirs(column: Column[Any], user: str, erasure: Erasure) -> ColumnElement[bool]:
    return or_(column == user, func.lower(column) == erasure.address.lower())


def _name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


# ── what is held ────────────────────────────────────────────────────────────────────────────────────────────────────
def walk_held(tx: Connection, user: str, erasure: Erasure, but: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row that names somebody by GUID or address, by the name of its table, without secrets and other people.

    Some tables are left out: `but` names them.
    """
    mine = frozenset({user, erasure.address.casefold()})
    for table in (each for each in metadata.sorted_tables if each.name not in but):
        where = _rows_of(table, user, erasure)
        for row in tx.execution_options(yield_per=500).execute(select(table).where(where)):
            yield str(table.name), _told(table.columns, row._mapping, mine)  # noqa: SLF001 — SQLAlchemy's documented accessor


def _rows_of(table: Table, user: str, erasure: Erasure) -> ColumnElement[bool]:
    """The rows that name somebody; large tables are asked by the columns that say whose a row is, and no others."""
    if table is events:
        return or_(events.c.about == user, events.c.actor.in_((erasure.address, *erasure.names)))
    if table in {calls, call_hours}:
        return and_(table.c.user == user)
    return or_(false(), *(_names_them(each, user, erasure) for each in _texts(table)))


def _names_them(column: Column[Any], user: str, erasure: Erasure) -> ColumnElement[bool]:
    if isinstance(column.type, Json):
        return type_coerce(column, Text).icontains(erasure.address, autoescape=True)
    return _is_theirs(column, user, erasure)


def _told(columns: Iterable[Column[Any]], row: Any, mine: frozenset[str]) -> dict[str, Any]:  # noqa: ANN401 — a row
    told = {}
    for column in columns:
        value = row[column.name]
        is_secret = isinstance(column.type, LargeBinary) or column.name in _SECRETS
        is_of_another = column.name.endswith(_OF_OTHERS) and str(value).casefold() not in mine
        if not is_secret and not is_of_another and value not in (None, ""):
            told[str(column.name)] = value
    return told
