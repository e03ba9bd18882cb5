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
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


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
        return None if value is None else _EPOCH + timedelta(microseconds=value)


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


def _guid(name: str, *args: Any, **options: Any) -> Column[str]:  # noqa: ANN401 — passed on to Column
    return Column(name, String(36), *args, **options)


def _needed(name: str, kind: Any, **options: Any) -> Column[Any]:  # noqa: ANN401 — passed on to Column
    return Column(name, kind, nullable=False, **options)


# fmt: off
# ── the environment itself ──────────────────────────────────────────────────────────────────────────────────────────
stamp = Table(
    "stamp", metadata,
    Column("id", Integer, primary_key=True),
    _needed("environment", String(10)),
    _needed("profile", String(10)),
    _needed("fingerprint", String(64)),
    _needed("created_at", Instant),
)
epoch = Table("epoch", metadata, Column("id", Integer, primary_key=True), _needed("n", BigInteger))
signing_keys = Table(
    "signing_keys", metadata,
    Column("kid", String(64), primary_key=True),
    _needed("use", String(10)),
    _needed("algorithm", String(10)),
    _needed("private_sealed", LargeBinary),
    _needed("public_pem", Text),
    _needed("created_at", Instant),
    Column("retired_at", Instant),
)
events = Table(
    "events", metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    _needed("at", Instant),
    _needed("name", String(40)),
    _needed("actor", String(100)),
    _needed("key", String(36), index=True),
    _needed("account", String(36), index=True),
    _needed("data", Json),
)

# ── accounts and people ─────────────────────────────────────────────────────────────────────────────────────────────
organizations = Table(
    "organizations", metadata,
    _guid("id", primary_key=True),
    _needed("name", String(200)),
    _needed("description", String(500)),
    _needed("created_at", Instant),
    _needed("created_by", String(36)),
    _guid("default_account"),
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
    _needed("host_name", String(253), unique=True),
    _needed("token", String(36)),
    _needed("state", String(10)),
    _needed("created_at", Instant),
)
accounts = Table(
    "accounts", metadata,
    _guid("id", primary_key=True),
    _needed("number", BigInteger, unique=True),
    _needed("name", String(200)),
    _needed("plan", String(40)),
    _needed("state", String(10)),
    _needed("created_at", Instant),
    _guid("organization", ForeignKey("organizations.id"), index=True),
)
users = Table(
    "users", metadata,
    _guid("id", primary_key=True),
    _needed("email", String(320)),
    _needed("email_folded", String(320), unique=True),
    _needed("first_name", String(100)),
    _needed("last_name", String(100)),
    Column("password", String(200)),
    _needed("state", String(10)),
    _needed("service", Boolean),
    _needed("created_at", Instant),
    _guid("default_account"),
)
memberships = Table(
    "memberships", metadata,
    _guid("account", ForeignKey("accounts.id"), primary_key=True),
    _guid("user", ForeignKey("users.id"), primary_key=True, index=True),
    _needed("profile", Integer),
    _needed("state", String(10)),
    _needed("created_at", Instant),
)
sign_in_failures = Table(
    "sign_in_failures", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _needed("email_folded", String(320), index=True),
    _needed("at", Instant, index=True),
)
sessions = Table(
    "sessions", metadata,
    Column("digest", String(64), primary_key=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _guid("account"),
    _needed("signed_in_at", Instant),
    _needed("expires_at", Instant),
)
personal_tokens = Table(
    "personal_tokens", metadata,
    _guid("id", primary_key=True),
    _needed("digest", String(64), unique=True),
    _guid("user", ForeignKey("users.id"), nullable=False, index=True),
    _needed("name", String(100)),
    _needed("permissions", Json),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    Column("revoked_at", Instant),
)
form_nonces = Table(
    "form_nonces", metadata,
    Column("nonce", String(64), primary_key=True),
    _needed("used_at", Instant),
)
idempotency_keys = Table(
    "idempotency_keys", metadata,
    Column("digest", String(64), primary_key=True),
    _needed("request", String(64)),
    _needed("claimed_at", Instant, index=True),
    Column("answer_sealed", LargeBinary),
)

# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
apps = Table(
    "apps", metadata,
    _guid("key", primary_key=True),
    _guid("account", ForeignKey("accounts.id"), nullable=False, index=True),
    _needed("name", String(200)),
    _needed("contact", String(320)),
    _needed("integration_type", String(40)),
    _needed("grants", Json),
    _needed("pkce_required", Boolean),
    _needed("privacy_url", String(500)),
    _needed("terms_url", String(500)),
    _needed("requester", String(320)),
    _needed("created_at", Instant),
    _needed("created_by", String(320)),
    _needed("version", Integer),
    Column("stopped_at", Instant),
    Column("deleted_at", Instant),
    Column("promoted_at", Instant),
    Column("live_at", Instant),
    _needed("live_account", String(200)),
    _needed("least_epoch", BigInteger),
    Column("implicit_until", Instant),
)
secrets = Table(
    "secrets", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _needed("digest", String(64), unique=True),
    _needed("hint", String(8)),
    _needed("created_at", Instant),
    _needed("created_by", String(320)),
)
keypairs = Table(
    "keypairs", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _needed("public_pem", Text),
    _needed("thumbprint", String(64)),
    _needed("created_at", Instant),
    _needed("created_by", String(320)),
    UniqueConstraint("key", "thumbprint"),
)
redirect_uris = Table(
    "redirect_uris", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    Column("uri", String(2000), primary_key=True),
    _needed("created_at", Instant),
)
origins = Table(
    "origins", metadata,
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    Column("origin", String(300), primary_key=True),
    _needed("created_at", Instant),
)

# ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────────────
consents = Table(
    "consents", metadata,
    _guid("user", ForeignKey("users.id"), primary_key=True),
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _needed("scopes", Json),
    _needed("given_at", Instant),
)
organization_consents = Table(
    "organization_consents", metadata,
    _guid("organization", ForeignKey("organizations.id"), primary_key=True),
    _guid("key", ForeignKey("apps.key"), primary_key=True),
    _needed("scopes", Json),
    _needed("given_at", Instant),
    _needed("given_by", String(36)),
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
    Column("death", String(40)),
)
codes = Table(
    "codes", metadata,
    Column("digest", String(64), primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _guid("user", ForeignKey("users.id"), nullable=False),
    _needed("scopes", Json),
    _needed("redirect_uri", String(2000)),
    Column("challenge", String(43)),
    Column("nonce", String(500)),
    _guid("family", nullable=False),
    _needed("signed_in_at", Instant),
    _needed("expires_at", Instant),
    _needed("epoch", BigInteger),
    Column("used_at", Instant),
)
refresh_tokens = Table(
    "refresh_tokens", metadata,
    Column("digest", String(64), primary_key=True),
    _guid("family", ForeignKey("families.id"), nullable=False, index=True),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    Column("used_at", Instant),
)
assertions = Table(
    "assertions", metadata,
    _guid("key", primary_key=True),
    Column("jti", String(64), primary_key=True),
    _needed("expires_at", Instant),
)

# ── calls and reviews ───────────────────────────────────────────────────────────────────────────────────────────────
calls = Table(
    "calls", metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    _needed("at", Instant),
    _needed("key", String(36)),
    _needed("user", String(36)),
    _needed("account", String(36)),
    _needed("method", String(10)),
    _needed("url", Text),
    _needed("url_digest", String(64)),
    _needed("route", String(40)),
    _needed("operation", String(200)),
    _needed("status", Integer),
    _needed("error_code", String(100)),
    _needed("countable", Boolean),
    _needed("polled", Boolean),
    _needed("why_not", String(200)),
    _needed("sdk", String(200)),
    _needed("trace", String(36)),
    sqlite_autoincrement=True,
)
Index("calls_countable", calls.c.key, calls.c.countable, calls.c.sequence)
Index("calls_newest", calls.c.key, calls.c.sequence)
Index("calls_same_get", calls.c.key, calls.c.url_digest, calls.c.sequence)
outcomes = Table(
    "outcomes", metadata,
    Column("trace", String(36), primary_key=True),
    _needed("duration_microseconds", BigInteger),
    _needed("request_bytes", BigInteger),
    _needed("answer_bytes", BigInteger),
    _needed("completed", Boolean),
)
reviews = Table(
    "reviews", metadata,
    _guid("id", primary_key=True),
    _guid("key", ForeignKey("apps.key"), nullable=False),
    _needed("number", Integer),
    _needed("started_at", Instant),
    _needed("requester", String(36)),
    _needed("requester_email", String(320)),
    _needed("cut_sequence", BigInteger),
    _needed("policy_version", Integer),
    Column("settled_at", Instant),
    Column("verdict", String(10)),
    _needed("run", Integer),
    _needed("findings", Json),
    _needed("evidence_digest", String(64)),
    UniqueConstraint("key", "number"),
)

# ── promotion ───────────────────────────────────────────────────────────────────────────────────────────────────────
tickets = Table(
    "tickets", metadata,
    _guid("id", primary_key=True),
    _needed("handle_digest", String(64), unique=True),
    _guid("key", ForeignKey("apps.key"), nullable=False, index=True),
    _guid("review", ForeignKey("reviews.id"), nullable=False),
    _needed("presenter", String(36)),
    _needed("presenter_email", String(320)),
    _guid("account"),
    _needed("created_at", Instant),
    _needed("expires_at", Instant),
    Column("replaced_at", Instant),
    Column("exchanged_at", Instant),
    Column("received_at", Instant),
)
promotions = Table(
    "promotions", metadata,
    Column("handle_digest", String(64), primary_key=True),
    _guid("ticket", nullable=False, unique=True),
    _guid("key", nullable=False, index=True),
    _needed("paper", Text),
    _needed("opened_at", Instant),
    _needed("expires_at", Instant),
    _guid("person"),
    _guid("account"),
    Column("done_at", Instant),
    Column("receipt", Text),
    Column("delivered_at", Instant),
)
