"""Where does an environment hold something of a person, and what becomes of it when they are forgotten?

Read the lists: rows that go, ids that stay, words of the house, and what is left as it is for a reason. Every other
text of every table is searched for their address and name, within JSON too. A test writes both into every column there
is, and demands that a new column which is neither searched nor listed finds its place here.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    null,
    or_,
    select,
    true,
    type_coerce,
    update,
)

from keysteward.rules.accounts import User
from keysteward.rules.audit_log import needle_of
from keysteward.rules.events import ERASED, Erasure, forgotten
from keysteward.rules.people import erased_address
from keysteward.store.tables import Instant, departures, memberships, metadata, users

# fmt: off
ROWS_THAT_GO: frozenset[str] = frozenset({
    # how they sign in
    "sessions.user", "second_steps.user", "totp_secrets.user", "passkeys.user", "recovery_codes.user",
    "ceremonies.user", "personal_tokens.user", "password_links.user", "address_links.user", "known_sources.user",
    "identities.user", "kept_forms.user", "sign_in_failures.email_folded", "link_requests.email_folded",
    # what they allowed, and what was noted for them
    "consents.user", "codes.user", "request_logging.user", "request_log_entries.user", "notice_receipts.user",
    "muted_notices.user", "legacy_calls.user", "works.user", "work_pieces.user",
    # what they are here, and what was sent to them
    "operators.user", "organization_admins.user", "scim_users.user", "mails.recipient", "invitations.email_folded",
    "recovery_contacts.email_folded", "sign_ups.email_folded",
})
"""A row goes where this column holds their GUID or their address."""

IDS_THAT_STAY: frozenset[str] = frozenset({
    "users.id", "memberships.user", "families.user", "departures.user", "invitations.invited_by", "call_hours.user",
    "token_uses.user", "predecessor_proofs.user", "drills.first", "drills.second", "drill_results.user",
    "credential_releases.asked_by", "credential_releases.approved_by", "policy_proposals.proposed_by",
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
    "request_log_entries.method", "request_log_entries.operation", "works.kind", "works.way", "works.ending",
    # what may be done
    "profiles.permissions", "personal_tokens.permissions", "codes.scopes", "consents.scopes", "families.scopes",
    "organization_consents.scopes",
    # the policy and the rules that judge
    "policies.numbers", "policy_proposals.numbers", "policy_proposals.ending", "packs.name", "packs.document",
    "setup_steps.step",
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
    "work_pieces.piece_sealed": "What somebody else asked for, gone within a day after it was gathered.",
    "request_log_entries.entry_sealed": "The log of somebody else, which holds at most 50 requests for a while.",
    "profiles.name": "An admin renames a permission profile.",
    "profiles.name_folded": "An admin renames a permission profile.",
}
"""What is not searched, and why: a whole table or one column."""
# fmt: on

_DOMAINS_THAT_STAY = frozenset({"apps.requester", "transfers.requester", "retirements.requester"})  # recovery needs it
_WRITTEN_ANEW = frozenset(  # what is set again later on, nobody notes when
    {
        "apps.contact", "apps.privacy_url", "apps.terms_url", "organizations.description", "domains.said",
        "domain_claims.said", "providers.issuer", "webhooks.url", "webhooks.off_why", "custody_findings.sentence",
    }
)  # fmt: skip
_AT_ONCE = 500


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def forget(tx: Connection, user: User, erasure: Erasure, now: datetime) -> None:
    """Take a person out of every table; their user stays as nobody's, closed for ever, and nobody brings them back."""
    for table, column in _identifying():
        tx.execute(delete(table).where(is_theirs(column, user.id, erasure)))
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
    """Replace their address and names in one column, where they mean this person."""
    key, said_at = list(column.table.primary_key.columns), date_of(column)
    query = select(column.label("said"), (null() if said_at is None else said_at).label("at"), *key)
    changed = []
    for said, at, *place in tx.execute(query.where(may_name(column, erasure)).execution_options(yield_per=_AT_ONCE)):
        instead = _without(said, _teller(column, erasure.of_moment(at)))
        if instead != said:
            changed.append((place, instead))
    for place, instead in changed:
        where = and_(*(each == value for each, value in zip(key, place, strict=True)))
        tx.execute(update(column.table).where(where).values({column.name: instead}))


def _teller(column: Column[Any], erasure: Erasure) -> Callable[[str], str]:
    """What a text of a column says afterwards; of some addresses the domain stays."""
    if name_of(column) not in _DOMAINS_THAT_STAY:
        return lambda text: forgotten(text, erasure)

    def without_name(text: str) -> str:
        for each in (erasure.address, *erasure.names):
            _, at, host = each.partition("@")
            text = forgotten(text, Erasure(each), f"{ERASED}{at}{host}")
        return text

    return without_name


def _without(said: Any, tell: Callable[[str], str]) -> Any:  # noqa: ANN401 — JSON holds anything
    """A text, or every text within a value that JSON holds, told anew."""
    if isinstance(said, str):
        return tell(said)
    if isinstance(said, list):
        return [_without(each, tell) for each in said]
    if isinstance(said, dict):
        return {tell(name): _without(each, tell) for name, each in said.items()}
    return said


def may_name(column: Column[Any], erasure: Erasure) -> ColumnElement[bool]:
    """What is certain to be so wherever a column names somebody: a part that JSON writes as it is, in any case."""
    needles = [needle_of(each) for each in (erasure.address, *erasure.names) if each]
    if not all(needles):
        return true()
    return or_(false(), *(type_coerce(column, Text).icontains(each, autoescape=True) for each in needles))


def date_of(column: Column[Any]) -> Column[datetime] | None:
    """When a text was written: `…_at` beside `…_by`, or else when its row was made; None where it may be anew."""
    if name_of(column) in _WRITTEN_ANEW:
        return None
    stem = column.name.removesuffix("_email").removesuffix("_by").removesuffix("_why")
    moments = [each for each in column.table.columns if isinstance(each.type, Instant)]
    own = [each for each in moments if column.name != stem and each.name == f"{stem}_at"]
    return next(iter([*own, *(each for each in moments if not each.nullable)]), None)


@cache
def _searched(table: Table) -> list[Column[Any]]:
    """The texts of a table that may say anything."""
    if table.name in LEFT_AS_IT_IS or table is users:
        return []
    free = [each for each in texts_of(table) if not (each.primary_key or each.foreign_keys)]
    return [each for each in free if name_of(each) not in WORDS_OF_THE_HOUSE and name_of(each) not in LEFT_AS_IT_IS]


def texts_of(table: Table) -> list[Column[Any]]:
    """The columns of a table that hold text, or JSON."""
    kinds = [(each, getattr(each.type, "impl", each.type)) for each in table.columns]
    return [each for each, kind in kinds if isinstance(kind, String)]


@cache
def _identifying() -> list[tuple[Table, Column[Any]]]:
    """The columns of the rows that go; what others refer to comes last."""
    found = [(table, each) for table in reversed(metadata.sorted_tables) for each in table.columns]
    return [(table, each) for table, each in found if name_of(each) in ROWS_THAT_GO]


def is_theirs(column: Column[Any], user: str, erasure: Erasure) -> ColumnElement[bool]:
    """Whether a column holds their GUID or their address."""
    folded = erasure.address.casefold()
    return or_(column.in_([user, erasure.address, folded]), func.lower(column) == folded)


def name_of(column: Column[Any]) -> str:
    """A column as the lists name it."""
    return f"{column.table.name}.{column.name}"
