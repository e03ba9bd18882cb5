"""Which tables are there? All of them, in this one list."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant_of(microseconds_since_1970: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds_since_1970)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as microseconds since 1970, so that both databases order and compare it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Datetime to microseconds."""
        del dialect
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Microseconds to datetime."""
        del dialect
        return None if value is None else instant_of(value)


class Words(TypeDecorator[str]):
    """Text of any length. PostgreSQL's holds no zero byte, so one is kept as U+FFFD, and looked for as that."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text without zero bytes."""
        del dialect
        return value.replace("\x00", "\ufffd") if value else value


class Json(TypeDecorator[Any]):
    """A plain value, kept as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Value to JSON."""
        del dialect
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401 — JSON holds anything
        """JSON to value."""
        del dialect
        return None if value is None else msgspec.json.decode(value)


metadata = MetaData()
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def _guid(name: str, *args: Any, **options: Any) -> Column[str]:  # noqa: ANN401 — passed on to Column
    return Column(name, Words, *args, **options)


def _needed(name: str, kind: Any, **options: Any) -> Column[Any]:  # noqa: ANN401 — passed on to Column
    return Column(name, kind, nullable=False, **options)


# fmt: off
# ── the environment itself ──────────────────────────────────────────────────────────────────────────────────────────
stamp = Table(
    "stamp", metadata,
    Column("id", Integer, primary_key=True),
    _needed("environment", Words),
    _needed("profile", Words),
    _needed("fingerprint", Words),
    _needed("created_at", Instant),
)
epoch = Table("epoch", metadata, Column("id", Integer, primary_key=True), _needed("n", BigInteger))
signing_keys = Table(
    "signing_keys", metadata,
    Column("kid", Words, primary_key=True),
    _needed("use", Words),
    _needed("algorithm", Words),
    _needed("private_sealed", LargeBinary),
    _needed("public_pem", Words),
    _needed("created_at", Instant),
    _needed("active_from", Instant),
    Column("distrusted_at", Instant),
)
events = Table(
    "events", metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    _needed("at", Instant),
    _needed("name", Words),
    _needed("actor", Words),
    _needed("key", Words),
    _needed("account", Words),
    _needed("data", Json),
    _needed("salts", Json),
    _needed("erased", Json),
    Column("about", Words),  # `user` and `trace` of its data once more, to be found by
    Column("trace", Words),
    sqlite_autoincrement=True,
)
for _index, _column in (
    ("events_at", events.c.at), ("events_named", events.c.name), ("events_by_actor", events.c.actor),
    ("events_of_key", events.c.key), ("events_of_account", events.c.account), ("events_about", events.c.about),
    ("events_of_trace", events.c.trace),
):
    Index(_index, _column, events.c.sequence)
seals = Table(
    "seals", metadata,
    Column("position", _SEQUENCE, primary_key=True, autoincrement=False),
    Column("event", ForeignKey("events.sequence"), nullable=False, unique=True),
    _needed("digest", Words),
    _needed("hash", Words),
)
checkpoints = Table(
    "checkpoints", metadata,
    Column("number", _SEQUENCE, primary_key=True, autoincrement=False),
    _needed("position", BigInteger, unique=True),
    _needed("at", Instant),
    _needed("paper", Words),
)
leases = Table(
    "leases", metadata,
    Column("name", Words, primary_key=True),
    _needed("holder", Words),
    _needed("until", Instant),
    _needed("fence", BigInteger),
)

policies = Table(
    "policies", metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    _needed("applied_at", Instant),
    _needed("author", Words),
    _needed("second", Words),
    _needed("reason", Words),
    _needed("numbers", Json),
)

policy_proposals = Table(
    "policy_proposals", metadata,
    _guid("id", primary_key=True),
    Column("base", Integer, nullable=False, index=True),
    _needed("numbers", Json),
    _guid("proposed_by", ForeignKey("users.id"), nullable=False),
    _needed("author", Words),
    _needed("reason", Words),
    _needed("proposed_at", Instant),
    Column("ending", Words),
    Column("ended_by", Words),
    Column("ended_at", Instant),
    _needed("ended_reason", Words),
)

packs = Table(
    "packs", metadata,
    Column("name", Words, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _needed("document", Json),
    _needed("installed_at", Instant),
    _needed("author", Words),
    _needed("reason", Words),
)

# ── accounts and people ─────────────────────────────────────────────────────────────────────────────────────────────
organizations = Table(
    "organizations", metadata,
    _guid("id", primary_key=True),
    _needed("name", Words),
    _needed("description", Words),
    _needed("created_at", Instant),
    _needed("created_by", Words),
    _guid("default_account"),
    Column("admin_removed_at", Instant),
)
organization_admins = Table(
    "organization_admins", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("created_at", Instant),
)
domains = Table(
    "domains", metadata,
    _guid("id", primary_key=True),
    _guid("organization", ForeignKey("organizations.id"), nullable=False),
    _needed("host_name", Words, unique=True),
    _needed("token", Words),
    _needed("state", Words),
    _needed("created_at", Instant),
    Column("checked_at", Instant),
    Column("confirmed_at", Instant),
    Column("due_at", Instant, index=True),
    Column("outcome", Words),
    Column("said", Words),
)
domain_claims = Table(  # what was not proved yet, or was proved by another organization since
    "domain_claims", metadata,
    _guid("id", primary_key=True),
    _guid("organization", ForeignKey("organizations.id"), nullable=False),
    _needed("host_name", Words),
    _needed("token", Words),
    _needed("state", Words),
    _needed("created_at", Instant),
    Column("checked_at", Instant),
    Column("confirmed_at", Instant),
    Column("due_at", Instant, index=True),
    Column("outcome", Words),
    Column("said", Words),
    UniqueConstraint("organization", "host_name"),
)
account_links = Table(
    "account_links", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    _guid("organization", ForeignKey("organizations.id"), nullable=False),
    _needed("linked_at", Instant),
    _needed("linked_by", Words),
)
account_requests = Table(
    "account_requests", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _guid("account", ForeignKey("accounts.id"), primary_key=True, index=True),
    _needed("wish", Words),
    _needed("side", Words),
    _needed("asked_at", Instant),
    _needed("asked_by", Words),
)
accounts = Table(
    "accounts", metadata,
    _guid("id", primary_key=True),
    _needed("number", BigInteger, unique=True),
    _needed("name", Words),
    _needed("plan", Words),
    _needed("state", Words),
    _needed("created_at", Instant),
    _guid("organization", ForeignKey("organizations.id"), index=True),
    Column("state_since", Instant),
)
users = Table(
    "users", metadata,
    _guid("id", primary_key=True),
    _needed("email", Words),
    _needed("email_folded", Words, unique=True),
    _needed("first_name", Words),
    _needed("last_name", Words),
    Column("password", Words),
    _needed("state", Words),
    _needed("service", Boolean),
    _needed("created_at", Instant),
    _guid("default_account"),
    _needed("least_epoch", BigInteger),
    Column("email_verified_at", Instant),
)
memberships = Table(
    "memberships", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    _guid("user", ForeignKey("users.id"), primary_key=True, index=True),
    _needed("profile", Integer),
    _needed("state", Words),
    _needed("created_at", Instant),
)
sign_in_failures = Table(
    "sign_in_failures", metadata,
    Column("id", _SEQUENCE, primary_key=True, autoincrement=True),
    _needed("email_folded", Words, index=True),
    _needed("source", Words, index=True),
    _needed("at", Instant, index=True),
)
known_sources = Table(
    "known_sources", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    Column("source", Words, primary_key=True),
    _needed("seen_at", Instant, index=True),
)
sessions = Table(
    "sessions", metadata,
    Column("digest", Words, primary_key=True),
    _needed("id", Words, unique=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _guid("account"),
    _needed("began_at", Instant),
    _needed("signed_in_at", Instant),
    _needed("seen_at", Instant),
    _needed("expires_at", Instant),
    _needed("address", Words),
    _needed("agent", Words),
)
second_steps = Table(
    "second_steps", metadata,
    Column("digest", Words, primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("tries", Integer),
    _needed("expires_at", Instant),
)
totp_secrets = Table(
    "totp_secrets", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("secret_sealed", LargeBinary),
    _needed("last_step", BigInteger),
    _needed("created_at", Instant),
)
passkeys = Table(
    "passkeys", metadata,
    _guid("id", primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("credential", Words, unique=True),
    _needed("public_key", LargeBinary),
    _needed("uses", BigInteger),
    _needed("name", Words),
    _needed("created_at", Instant),
    Column("used_at", Instant),
)
recovery_codes = Table(
    "recovery_codes", metadata,
    Column("digest", Words, primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("created_at", Instant),
)
ceremonies = Table(
    "ceremonies", metadata,
    Column("digest", Words, primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False),
    _needed("purpose", Words),
    _needed("expires_at", Instant, index=True),
)
personal_tokens = Table(
    "personal_tokens", metadata,
    _guid("id", primary_key=True),
    _needed("digest", Words, unique=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("name", Words),
    _needed("permissions", Json),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    Column("revoked_at", Instant),
)
mails = Table(
    "mails", metadata,
    _guid("id", primary_key=True),
    _needed("about", Words),
    _needed("recipient", Words),
    Column("letter_sealed", LargeBinary),
    _needed("created_at", Instant),
    _needed("useless_at", Instant),
    _needed("due_at", Instant),
    _needed("tries", Integer),
    Column("sent_at", Instant),
    _needed("failure", Words),
    Column("way", Words),  # on which it is being sent; None where it waits
)
Index("mails_waiting", mails.c.due_at, sqlite_where=mails.c.letter_sealed.is_not(None),
      postgresql_where=mails.c.letter_sealed.is_not(None))
link_requests = Table(
    "link_requests", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _needed("about", Words),
    _needed("email_folded", Words, index=True),
    _needed("at", Instant, index=True),
)
password_links = Table(
    "password_links", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("digest", Words, unique=True),
    _needed("expires_at", Instant),
)
address_links = Table(
    "address_links", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("digest", Words, unique=True),
    _needed("email", Words),
    _needed("expires_at", Instant),
)
providers = Table(
    "providers", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _needed("name", Words),
    _needed("issuer", Words),
    _needed("client_id", Words),
    _needed("client_secret_sealed", LargeBinary),
    _needed("changed_at", Instant),
    _needed("changed_by", Words),
)
identities = Table(
    "identities", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    Column("issuer", Words, primary_key=True),
    Column("subject", Words, primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False),
    _needed("domain", Words),
    _needed("linked_at", Instant),
    UniqueConstraint("organization", "user"),
)
setup_codes = Table(
    "setup_codes", metadata,
    Column("digest", Words, primary_key=True),
    _needed("made_at", Instant),
)
setup_steps = Table(
    "setup_steps", metadata,
    Column("step", Words, primary_key=True),
    _needed("done_at", Instant),
    _needed("done_by", Words),
    _needed("result", Words),
)
form_nonces = Table(
    "form_nonces", metadata,
    Column("nonce", Words, primary_key=True),
    _needed("used_at", Instant),
)
kept_forms = Table(
    "kept_forms", metadata,
    Column("digest", Words, primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("form_sealed", LargeBinary),
    _needed("expires_at", Instant),
)
idempotency_keys = Table(
    "idempotency_keys", metadata,
    Column("digest", Words, primary_key=True),
    _needed("request", Words),
    _needed("claimed_at", Instant, index=True),
    Column("answer_sealed", LargeBinary),
)

# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
apps = Table(
    "apps", metadata,
    _guid("key", primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False, index=True),
    _needed("name", Words),
    _needed("contact", Words),
    _needed("integration_type", Words),
    _needed("grants", Json),
    _needed("pkce_required", Boolean),
    _needed("privacy_url", Words),
    _needed("terms_url", Words),
    _needed("requester", Words),
    _needed("created_at", Instant),
    _needed("created_by", Words),
    _needed("version", Integer),
    Column("stopped_at", Instant),
    Column("deleted_at", Instant),
    Column("promoted_at", Instant),
    Column("live_at", Instant),
    _needed("live_account", Words),
    _needed("least_epoch", BigInteger),
    Column("implicit_until", Instant),
    _needed("has_declared_secrets", Boolean),
)
Index("apps_listed", apps.c.account, apps.c.deleted_at, apps.c.created_at, apps.c.key)
secrets = Table(
    "secrets", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _needed("digest", Words, unique=True),
    _needed("hint", Words),
    _needed("created_at", Instant),
    _needed("created_by", Words),
    Column("expires_at", Instant),
    _needed("reason", Words),
)
keypairs = Table(
    "keypairs", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _needed("public_pem", Words),
    _needed("thumbprint", Words),
    _needed("created_at", Instant),
    _needed("created_by", Words),
    Column("expires_at", Instant),
    _needed("reason", Words),
    UniqueConstraint("key", "thumbprint"),
)
leaks = Table(
    "leaks", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _needed("kind", Words),
    _needed("hint", Words),
    _needed("dies_at", Instant, index=True),
    _needed("reported_at", Instant),
    _needed("reported_by", Words),
    _needed("reason", Words),
    _needed("found_at", Words),
)
redirect_uris = Table(
    "redirect_uris", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    Column("uri", Words, primary_key=True),
    _needed("created_at", Instant),
)
origins = Table(
    "origins", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    Column("origin", Words, primary_key=True, index=True),
    _needed("created_at", Instant),
)

# ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────────────
consents = Table(
    "consents", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _needed("scopes", Json),
    _needed("given_at", Instant),
    _needed("least_epoch", BigInteger),
)
organization_consents = Table(
    "organization_consents", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _needed("scopes", Json),
    _needed("given_at", Instant),
    _needed("given_by", Words),
    _needed("least_epoch", BigInteger),
)
blocked_apps = Table(
    "blocked_apps", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _needed("blocked_at", Instant),
    _needed("blocked_by", Words),
)
families = Table(
    "families", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _guid("user", ForeignKey("users.id"), nullable=False),
    _needed("scopes", Json),
    _needed("is_public", Boolean),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    _needed("epoch", BigInteger),
    Column("died_at", Instant),
    Column("death", Words),
)
Index("families_expired", families.c.expires_at)
Index("families_dead", families.c.died_at, sqlite_where=families.c.died_at.is_not(None),
      postgresql_where=families.c.died_at.is_not(None))
dead_tokens = Table(
    "dead_tokens", metadata,
    _guid("id", primary_key=True),
    _needed("expires_at", Instant, index=True),
)
codes = Table(
    "codes", metadata,
    Column("digest", Words, primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _guid("user", ForeignKey("users.id"), nullable=False),
    _needed("scopes", Json),
    _needed("redirect_uri", Words),
    Column("challenge", Words),
    Column("nonce", Words),
    _guid("family", nullable=False),
    _needed("signed_in_at", Instant),
    _needed("expires_at", Instant),
    _needed("epoch", BigInteger),
    Column("used_at", Instant),
)
refresh_tokens = Table(
    "refresh_tokens", metadata,
    Column("digest", Words, primary_key=True),
    _guid("family", ForeignKey("families.id"), nullable=False, index=True),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    Column("used_at", Instant),
    _guid("credential"),
)
assertions = Table(
    "assertions", metadata,
    _guid("key", primary_key=True),
    Column("jti", Words, primary_key=True),
    _needed("expires_at", Instant),
)

# ── who got tokens, with what ───────────────────────────────────────────────────────────────────────────────────────
token_uses = Table(
    "token_uses", metadata,
    _guid("key", primary_key=True),
    Column("credential", Words, primary_key=True),
    Column("user", Words, primary_key=True),
    Column("grant", Words, primary_key=True),
    Column("address", Words, primary_key=True),
    Column("agent", Words, primary_key=True),
    Column("sdk", Words, primary_key=True),
    Column("hour", Instant, primary_key=True),
    _needed("tokens", BigInteger),
    _needed("last_at", Instant),
)
Index("token_uses_old", token_uses.c.hour)
app_attempts = Table(
    "app_attempts", metadata,
    Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
    _needed("key", Words),
    _needed("at", Instant),
    _needed("grant", Words),
    _needed("code", Words),
    _needed("detail", Words),
    _needed("redirect_uri", Words),
    _needed("address", Words),
    _needed("agent", Words),
    _needed("sdk", Words),
)
Index("app_attempts_of_key", app_attempts.c.key, app_attempts.c.number)
Index("app_attempts_old", app_attempts.c.at)
Index("token_uses_by_grant", token_uses.c.key, token_uses.c.grant, token_uses.c.hour)

# ── calls and reviews ───────────────────────────────────────────────────────────────────────────────────────────────
calls = Table(
    "calls", metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    _needed("at", Instant),
    _needed("key", Words),
    _needed("user", Words),
    _needed("account", Words),
    _needed("method", Words),
    _needed("url", Words),
    _needed("url_digest", Words),
    _needed("route", Words),
    _needed("operation", Words),
    _needed("status", Integer),
    _needed("error_code", Words),
    _needed("countable", Boolean),
    _needed("polled", Boolean),
    _needed("why_not", Words),
    _needed("sdk", Words),
    _needed("trace", Words),
    _guid("gateway"),
    Column("outcome_at", Instant),
    sqlite_autoincrement=True,
)
Index("calls_decided", calls.c.trace, unique=True, sqlite_where=calls.c.gateway.is_not(None),
      postgresql_where=calls.c.gateway.is_not(None))
_AWAITED = calls.c.gateway.is_not(None) & calls.c.outcome_at.is_(None)
Index("calls_awaited", calls.c.key, calls.c.sequence, sqlite_where=_AWAITED, postgresql_where=_AWAITED)
Index("calls_countable", calls.c.key, calls.c.countable, calls.c.sequence)
Index("calls_newest", calls.c.key, calls.c.sequence)
Index("calls_same_get", calls.c.key, calls.c.url_digest, calls.c.sequence)
Index("calls_in_account", calls.c.account, calls.c.sequence)
Index("calls_of_trace", calls.c.trace)
gateways = Table(
    "gateways", metadata,
    _guid("id", primary_key=True),
    _needed("name", Words, unique=True),
    _needed("digest", Words, unique=True),
    _needed("created_at", Instant),
    _needed("created_by", Words),
)
outcomes = Table(
    "outcomes", metadata,
    Column("trace", Words, primary_key=True),
    _needed("duration_microseconds", BigInteger),
    _needed("request_bytes", BigInteger),
    _needed("answer_bytes", BigInteger),
    _needed("completed", Boolean),
)
call_hours = Table(
    "call_hours", metadata,
    _guid("key", primary_key=True),
    Column("hour", Instant, primary_key=True),
    _guid("account", primary_key=True),
    _guid("user", primary_key=True),
    Column("operation", Words, primary_key=True),
    Column("status", Integer, primary_key=True, autoincrement=False),
    Column("error_code", Words, primary_key=True),
    Column("sdk", Words, primary_key=True),
    _needed("calls", BigInteger),
    _needed("last_at", Instant),
)
Index("call_hours_in_account", call_hours.c.account, call_hours.c.hour)
Index("call_hours_old", call_hours.c.hour)
call_marks = Table(
    "call_marks", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _needed("summed_to", BigInteger),
    _needed("seen_to", BigInteger),
    _needed("seen_at", Instant),
    Column("kept_since", Instant),
)
reviews = Table(
    "reviews", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _needed("number", Integer),
    _needed("started_at", Instant),
    _needed("requester", Words),
    _needed("requester_email", Words),
    _needed("cut_sequence", BigInteger),
    _needed("policy_version", Integer),
    Column("settled_at", Instant),
    Column("verdict", Words),
    _needed("run", Integer),
    _needed("findings", Json),
    _needed("evidence_digest", Words),
    Column("pending_since", Instant),
    Column("packs", Json),
    UniqueConstraint("key", "number"),
)
Index("reviews_pending", reviews.c.pending_since, sqlite_where=reviews.c.pending_since.is_not(None),
      postgresql_where=reviews.c.pending_since.is_not(None))
operators = Table(
    "operators", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("added_at", Instant),
    _needed("added_by", Words),
)
review_notes = Table(
    "review_notes", metadata,
    _guid("review", ForeignKey("reviews.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _needed("kind", Words),
    _needed("text", Words),
    _needed("by", Words),
    _needed("by_email", Words),
    _needed("at", Instant),
)
rulings = Table(
    "rulings", metadata,
    _guid("review", ForeignKey("reviews.id"), primary_key=True),
    _needed("choice", Words),
    _needed("reason", Words),
    _needed("decided_by", Words),
    _needed("decided_by_email", Words),
    _needed("decided_at", Instant),
)
review_reminders = Table(
    "review_reminders", metadata,
    _guid("review", ForeignKey("reviews.id"), primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    _needed("told_at", Instant),
)

judged_calls = Table(
    "judged_calls", metadata,
    _guid("review", ForeignKey("reviews.id"), primary_key=True),
    _needed("rules_version", Integer),
    _needed("calls", Json),
)

# ── promotion ───────────────────────────────────────────────────────────────────────────────────────────────────────
tickets = Table(
    "tickets", metadata,
    _guid("id", primary_key=True),
    _needed("handle_digest", Words, unique=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _guid("review", ForeignKey("reviews.id"), nullable=False),
    _needed("presenter", Words),
    _needed("presenter_email", Words),
    _guid("account"),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    Column("replaced_at", Instant),
    Column("exchanged_at", Instant),
    Column("received_at", Instant),
)
promotions = Table(
    "promotions", metadata,
    Column("handle_digest", Words, primary_key=True),
    _guid("ticket", nullable=False, unique=True),
    _guid("key", nullable=False, index=True),
    _needed("paper", Words),
    _needed("opened_at", Instant),
    _needed("expires_at", Instant),
    _guid("person"),
    _guid("account"),
    Column("done_at", Instant),
    Column("receipt", Words),
    Column("delivered_at", Instant),
    Column("refused_at", Instant),
    Column("refusal", Words),
)
_UNDELIVERED = (
    promotions.c.done_at.is_not(None) & promotions.c.delivered_at.is_(None) & promotions.c.refused_at.is_(None)
)
Index("promotions_undelivered", promotions.c.done_at, sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED)
key_reminders = Table(
    "key_reminders", metadata,
    Column("about", Words, primary_key=True),
    Column("occasion", Words, primary_key=True),
    _guid("key", nullable=False),
    _needed("at", Instant),
)
smoke_tests = Table(
    "smoke_tests", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _needed("at", Instant),
    _needed("kept_by", Words),
    _needed("steps", Json),
)
Index("smoke_tests_of_key", smoke_tests.c.key, smoke_tests.c.at)

promotion_papers = Table(
    "promotion_papers", metadata,
    _guid("ticket", ForeignKey("tickets.id"), primary_key=True),
    _guid("review", ForeignKey("reviews.id"), nullable=False, index=True),
    _needed("paper", Words),
    Column("receipt", Words),
)

# ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────────────
transfers = Table(
    "transfers", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _guid("source", ForeignKey("accounts.id"), nullable=False, index=True),
    _guid("destination", ForeignKey("accounts.id"), nullable=False, index=True),
    _needed("hand", Words),
    _needed("started_by", Words),
    _needed("started_by_email", Words),
    _needed("started_at", Instant),
    _needed("expires_at", Instant),
    Column("waits_until", Instant),
    _guid("organization", ForeignKey("organizations.id"), index=True),
    _needed("requester", Words),
    _needed("needs_second", Boolean),
    Column("ended_at", Instant),
    Column("ending", Words),
    _needed("ended_by", Words),
    _needed("ended_by_email", Words),
    _needed("reason", Words),
    _needed("record", Words),
)
Index("transfers_pending", transfers.c.key, unique=True, sqlite_where=transfers.c.ended_at.is_(None),
      postgresql_where=transfers.c.ended_at.is_(None))
transfer_steps = Table(
    "transfer_steps", metadata,
    _guid("transfer", ForeignKey("transfers.id"), primary_key=True),
    Column("step", Words, primary_key=True),
    _needed("by", Words),
    _needed("by_email", Words),
    _needed("at", Instant),
    _needed("statement", Words),
    _needed("paper", Words),
)

# ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────
limit_overrides = Table(
    "limit_overrides", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hourly", Integer),
    Column("burst", Integer),
    Column("candidate_hourly", Integer),
    Column("candidate_burst", Integer),
    _needed("reason", Words),
    _needed("made_by", Words),
    _needed("made_at", Instant),
)
limit_windows = Table(
    "limit_windows", metadata,
    _guid("account", primary_key=True),
    _needed("hour", Instant),
    _needed("hourly", BigInteger),
    _needed("burst_from", Instant),
    _needed("burst", BigInteger),
)
limit_trials = Table(
    "limit_trials", metadata,
    _guid("account", primary_key=True),
    Column("hour", Instant, primary_key=True),
    Column("hourly", Integer, primary_key=True, autoincrement=False),
    Column("burst", Integer, primary_key=True, autoincrement=False),
    _needed("calls", BigInteger),
    _needed("refused", BigInteger),
)
Index("limit_trials_old", limit_trials.c.hour)

# ── legacy authentication ───────────────────────────────────────────────────────────────────────────────────────────
legacy_keys = Table(
    "legacy_keys", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _needed("first_at", Instant),
)
legacy_calls = Table(
    "legacy_calls", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    Column("user", Words, primary_key=True),
    Column("day", Words, primary_key=True),
    _needed("passed", BigInteger),
    _needed("refused", BigInteger),
    _needed("last_at", Instant),
    _needed("address", Words),
    _needed("sdk", Words),
)
legacy_waivers = Table(
    "legacy_waivers", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _needed("owner", Words),
    _needed("reason", Words),
    _needed("until", Instant),
    _needed("made_at", Instant),
    _needed("made_by", Words),
    Column("revoked_at", Instant),
    _needed("revoked_by", Words),
)

# ── request logs ────────────────────────────────────────────────────────────────────────────────────────────────────
request_logging = Table(
    "request_logging", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("is_on", Boolean),
    _needed("kept", Integer),
    _needed("changed_at", Instant),
)
Index("request_logging_on", request_logging.c.user, sqlite_where=text("is_on"),
      postgresql_where=text("is_on"))
request_log_entries = Table(
    "request_log_entries", metadata,
    _guid("id", primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False),
    _needed("number", Integer),
    _needed("at", Instant, index=True),
    _needed("method", Words),
    _needed("path", Words),
    _needed("operation", Words),
    _needed("status", Integer),
    _needed("entry_sealed", LargeBinary),
    UniqueConstraint("user", "number"),
)
unlogged_profiles = Table(
    "unlogged_profiles", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    Column("profile", Integer, primary_key=True, autoincrement=False),
    _needed("forbidden_at", Instant),
    _needed("forbidden_by", Words),
)

# ── who comes and who left ──────────────────────────────────────────────────────────────────────────────────────────
profiles = Table(
    "profiles", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _guid("account", ForeignKey("accounts.id"), nullable=False),
    _needed("name", Words),
    _needed("name_folded", Words),
    _needed("permissions", Json),
    _needed("made_at", Instant),
    _needed("made_by", Words),
    UniqueConstraint("account", "name_folded"),
)
invitations = Table(
    "invitations", metadata,
    _guid("id", primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False),
    _needed("email", Words),
    _needed("email_folded", Words),
    _needed("profile", Integer),
    _needed("service", Boolean),
    _needed("digest", Words, unique=True),
    _needed("invited_at", Instant),
    _guid("invited_by", ForeignKey("users.id"), nullable=False, index=True),
    _needed("expires_at", Instant, index=True),
    UniqueConstraint("account", "email_folded"),
)
sign_ups = Table(
    "sign_ups", metadata,
    _needed("email_folded", Words, primary_key=True),
    _needed("email", Words),
    _needed("account", Words),
    _needed("digest", Words, unique=True),
    _needed("asked_at", Instant),
    _needed("expires_at", Instant, index=True),
)
departures = Table(
    "departures", metadata,
    _guid("id", primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("at", Instant),
    _needed("source", Words),
    _needed("by", Words),
    _needed("organization", Words),
    _needed("reason", Words),
    _needed("is_whole", Boolean),
    _needed("accounts", Json),
    Column("ended_at", Instant),
    _needed("ended_by", Words),
)


# ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────────────
custody_findings = Table(
    "custody_findings", metadata,
    _guid("id", primary_key=True),
    _needed("name", Words),
    _needed("account", Words, index=True),
    _needed("organization", Words, index=True),
    _needed("code", Words),
    _needed("severity", Words),
    _needed("kind", Words),
    _needed("subject", Words),
    _needed("sentence", Words),
    _needed("keys", Json),
    _needed("found_at", Instant),
    Column("fixed_at", Instant),
    _needed("owner", Words),
    Column("accepted_until", Instant),
    _needed("accepted_why", Words),
    _needed("accepted_by", Words),
)
Index("custody_findings_open", custody_findings.c.name, unique=True,
      sqlite_where=custody_findings.c.fixed_at.is_(None), postgresql_where=custody_findings.c.fixed_at.is_(None))
custody_scores = Table(
    "custody_scores", metadata,
    Column("kind", Words, primary_key=True),
    _guid("id", primary_key=True),
    Column("day", Words, primary_key=True),
    _needed("score", Integer),
    _needed("keys", Integer),
)
custody_marks = Table(  # when each account and organization was judged last; `history` has how far it was read
    "custody_marks", metadata,
    Column("kind", Words, primary_key=True),
    _guid("id", primary_key=True),
    _needed("at", Instant),
    _needed("position", BigInteger),
)


# ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
notices = Table(  # `handed_over_at` is None until webhooks were made of it; there is no number to read up from
    "notices", metadata,
    _guid("id", primary_key=True),
    _needed("kind", Words),
    _needed("account", Words, index=True),
    _needed("organization", Words, index=True),
    _needed("key", Words, index=True),
    _needed("user", Words, index=True),
    _needed("at", Instant, index=True),
    _needed("facts", Json),
    Column("occasion", Words, unique=True),
    Column("handed_over_at", Instant),
)
Index("notices_waiting", notices.c.id, sqlite_where=notices.c.handed_over_at.is_(None),
      postgresql_where=notices.c.handed_over_at.is_(None))
notice_receipts = Table(  # `account` or `organization`: as whose admin somebody was told; both empty: for themselves
    "notice_receipts", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _guid("notice", ForeignKey("notices.id"), primary_key=True, index=True),
    _needed("account", Words),
    _needed("organization", Words),
    _needed("at", Instant),
    Column("read_at", Instant),
)
Index("notice_receipts_unread", notice_receipts.c.user, sqlite_where=notice_receipts.c.read_at.is_(None),
      postgresql_where=notice_receipts.c.read_at.is_(None))
muted_notices = Table(
    "muted_notices", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    Column("kind", Words, primary_key=True),
)

# ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────────
webhooks = Table(  # the holder of `fence` sends until `busy_until`; both, and `failing_since`, by the machine's clock
    "webhooks", metadata,
    _guid("id", primary_key=True),
    _needed("account", Words, index=True),
    _needed("organization", Words, index=True),
    _needed("url", Words),
    _needed("kinds", Json),
    _needed("made_at", Instant),
    _needed("made_by", Words),
    _needed("secret_sealed", LargeBinary),
    Column("old_secret_sealed", LargeBinary),
    Column("old_secret_until", Instant),
    Column("failing_since", Instant),
    Column("told_at", Instant),
    Column("off_at", Instant),
    _needed("off_why", Words),
    _needed("busy_until", Instant),
    _needed("fence", BigInteger),
    _needed("repeats", Integer),
    Column("repeats_since", Instant),
)
webhook_deliveries = Table(
    "webhook_deliveries", metadata,
    _guid("id", primary_key=True),
    _needed("number", BigInteger),
    _guid("webhook", ForeignKey("webhooks.id"), nullable=False),
    _needed("message", Words),
    _needed("kind", Words),
    _needed("body", Words),
    _needed("made_at", Instant),
    _needed("due_at", Instant),
    _needed("tries", Integer),
    _needed("step", Integer),
    Column("ended_at", Instant, index=True),
    _needed("outcome", Words),
    UniqueConstraint("webhook", "number"),
    UniqueConstraint("webhook", "message"),
)
Index("webhook_deliveries_due", webhook_deliveries.c.due_at, sqlite_where=webhook_deliveries.c.ended_at.is_(None),
      postgresql_where=webhook_deliveries.c.ended_at.is_(None))
Index("webhook_deliveries_open", webhook_deliveries.c.webhook, webhook_deliveries.c.number,
      sqlite_where=webhook_deliveries.c.ended_at.is_(None),
      postgresql_where=webhook_deliveries.c.ended_at.is_(None))
webhook_tries = Table(
    "webhook_tries", metadata,
    _guid("delivery", ForeignKey("webhook_deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _needed("at", Instant),
    _needed("status", Integer),
    _needed("answer", Words),
    _needed("failure", Words),
)

# ── sealed credentials and drills ───────────────────────────────────────────────────────────────────────────────────
recovery_recipients = Table(
    "recovery_recipients", metadata,
    _guid("id", primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False),
    _needed("label", Words),
    _needed("public_key", Words),
    _needed("added_at", Instant),
    _needed("added_by", Words),
    UniqueConstraint("account", "public_key"),
)
sealed_credentials = Table(  # `credential` is a secret key or keypair; `recipients` are the labels of who can open it
    "sealed_credentials", metadata,
    _guid("credential", primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False, index=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _needed("kind", Words),
    _needed("hint", Words),
    _needed("recipients", Json),
    _needed("ciphertext_sealed", LargeBinary),
    _needed("sealed_at", Instant),
    _needed("sealed_by", Words),
)
credential_releases = Table(  # outlives what it asks for; of a credential one is under way at most
    "credential_releases", metadata,
    _guid("id", primary_key=True),
    _guid("credential", nullable=False),
    _guid("account", ForeignKey("accounts.id"), nullable=False, index=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _needed("kind", Words),
    _needed("hint", Words),
    _needed("reason", Words),
    _needed("approvers", Json),
    _needed("organization", Words, index=True),
    _guid("asked_by", ForeignKey("users.id"), nullable=False),
    _needed("asked_by_email", Words),
    _needed("asked_at", Instant),
    _needed("expires_at", Instant),
    _guid("approved_by", ForeignKey("users.id")),
    _needed("approved_by_email", Words),
    Column("approved_at", Instant),
    Column("ending", Words),
    Column("ended_at", Instant),
    _needed("ended_by", Words),
    _needed("ended_by_email", Words),
    _needed("ending_reason", Words),
)
Index("credential_releases_open", credential_releases.c.credential, unique=True,
      sqlite_where=credential_releases.c.ended_at.is_(None),
      postgresql_where=credential_releases.c.ended_at.is_(None))
drills = Table(  # `subject` is the key or service admin that it is about; `reminded` how often people were written to
    "drills", metadata,
    _guid("id", primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False, index=True),
    _needed("kind", Words),
    _needed("subject", Words),
    _guid("first", ForeignKey("users.id"), nullable=False, index=True),
    _guid("second", ForeignKey("users.id"), nullable=False, index=True),
    _needed("due_at", Instant),
    _needed("every_months", Integer),
    _needed("planned_at", Instant),
    _needed("planned_by", Words),
    _needed("reminded", Integer),
    Column("ended_at", Instant, index=True),
    _needed("ended_by", Words),
)
drill_results = Table(
    "drill_results", metadata,
    _guid("drill", ForeignKey("drills.id"), primary_key=True),
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _needed("result", Words),
    _needed("note", Words),
    _needed("at", Instant),
)


# ── replacements ────────────────────────────────────────────────────────────────────────────────────────────────────
predecessors = Table(  # which key a new one replaces, by the word of whoever made it: `predecessor` may be anything
    "predecessors", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _guid("predecessor", nullable=False, index=True),
    _needed("remark", Words),
    _needed("named_by", Words),
    _needed("named_at", Instant),
)
predecessor_proofs = Table(  # who proved a credential of the old key
    "predecessor_proofs", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _guid("credential", primary_key=True),
    _needed("at", Instant),
)
retirements = Table(
    "retirements", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _guid("successor", ForeignKey("apps.key"), nullable=False, index=True),
    _needed("hand", Words),
    _needed("asked_by", Words),
    _needed("asked_by_email", Words),
    _needed("asked_at", Instant),
    _needed("reason", Words),
    Column("retired_at", Instant),
    _needed("was_stopped", Boolean),
    Column("waits_until", Instant),
    Column("expires_at", Instant),
    _guid("organization", ForeignKey("organizations.id"), index=True),
    _needed("requester", Words),
    _needed("needs_second", Boolean),
    _needed("approved_by", Words),
    _needed("approved_by_email", Words),
    Column("approved_at", Instant),
    Column("ended_at", Instant),
    Column("ending", Words),
    _needed("ended_by", Words),
    _needed("ended_by_email", Words),
    _needed("ended_why", Words),
)
Index("retirements_under_way", retirements.c.key, unique=True, sqlite_where=retirements.c.ended_at.is_(None),
      postgresql_where=retirements.c.ended_at.is_(None))
recovery_contacts = Table(
    "recovery_contacts", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    Column("email_folded", Words, primary_key=True),
    _needed("email", Words),
    _needed("named_by", Words),
    _needed("named_at", Instant),
    Column("confirmed_at", Instant),
    _needed("digest", Words, unique=True),
    _needed("expires_at", Instant),
)

# ── the copy of the checkpoints ─────────────────────────────────────────────────────────────────────────────────────
checkpoint_copies = Table(  # one row: how far the copy outside of the database got, and since when it cannot be written
    "checkpoint_copies", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _needed("number", BigInteger),
    _needed("copied_at", Instant),
    Column("failing_since", Instant),
    _needed("failure", Words),
)

# ── custody of very many keys ───────────────────────────────────────────────────────────────────────────────────────
Index("apps_requester", apps.c.requester)
Index("memberships_by_profile", memberships.c.account, memberships.c.profile)
Index("organization_admins_of_user", organization_admins.c.user)
Index("token_uses_of_user", token_uses.c.user, token_uses.c.key)

# ── SCIM ────────────────────────────────────────────────────────────────────────────────────────────────────────────
scim_homes = Table(
    "scim_homes", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False),
    _needed("profile", Integer),
)
scim_tokens = Table(
    "scim_tokens", metadata,
    _guid("id", primary_key=True),
    _guid("organization", ForeignKey("organizations.id"), nullable=False, index=True),
    _needed("name", Words),
    _needed("digest", Words, unique=True),
    _needed("made_at", Instant),
    _needed("made_by", Words),
    Column("used_at", Instant),
)
scim_users = Table(  # what a provider said that stands nowhere else; `removed_at` hides whoever it took away
    "scim_users", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _guid("user", ForeignKey("users.id"), primary_key=True, index=True),
    _needed("user_name", Words),
    _needed("user_name_folded", Words),
    _needed("external_id", Words),
    _needed("display_name", Words),
    _needed("email_type", Words),
    _needed("is_primary", Boolean),
    Column("removed_at", Instant),
)
Index("scim_users_named", scim_users.c.organization, scim_users.c.user_name_folded)
Index("scim_users_by_external_id", scim_users.c.organization, scim_users.c.external_id)
scim_requests = Table(
    "scim_requests", metadata,
    Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
    _guid("organization", nullable=False, index=True),
    _needed("token", Words),
    _needed("at", Instant),
    _needed("operation", Words),
    _needed("user", Words),
    _needed("status", Integer),
    _needed("code", Words),
)

# ── long work ───────────────────────────────────────────────────────────────────────────────────────────────────────
works = Table(  # `way` is the job that does it now; of one kind somebody has one under way at most
    "works", metadata,
    _guid("id", primary_key=True),
    _needed("kind", Words),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _guid("account", nullable=False),
    _guid("organization", nullable=False),
    _needed("asked", Json),
    _needed("asked_at", Instant),
    Column("way", Words),
    Column("begun_at", Instant),
    _needed("tries", Integer),
    _needed("done", BigInteger),
    _needed("total", BigInteger),
    Column("ended_at", Instant),
    Column("ending", Words),
    _needed("says", Json),
    _needed("size", BigInteger),
)
Index("works_under_way", works.c.user, works.c.kind, unique=True, sqlite_where=works.c.ended_at.is_(None),
      postgresql_where=works.c.ended_at.is_(None))
work_pieces = Table(  # what came of it, sealed; `user` is whoever asked
    "work_pieces", metadata,
    _guid("work", ForeignKey("works.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("piece_sealed", LargeBinary),
)

# ── what is held on somebody ────────────────────────────────────────────────────────────────────────────────────────
Index("call_hours_of_user", call_hours.c.user, call_hours.c.account)  # calls have none: it would cost each of them
