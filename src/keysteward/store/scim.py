"""What is remembered of organizations' directories: tokens, where new users belong, what is said of users, requests?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from keysteward.rules.accounts import User
from keysteward.rules.provisioning.documents import Kept
from keysteward.rules.provisioning.tokens import KEPT_REQUESTS, Heard, Home, Token
from keysteward.store.database import upsert
from keysteward.store.tables import accounts, memberships, scim_homes, scim_requests, scim_tokens, scim_users, users


class Seen(NamedTuple):
    """A user whom a provider sees, with what it said of them; None where it said nothing."""

    user: User
    kept: Kept | None


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_token(tx: Connection, token: Token, digest: str) -> None:
    """Add a token with its keyed hash."""
    named = {"id": token.id, "organization": token.organization, "name": token.name}
    made = {"made_at": token.made_at, "made_by": token.made_by}
    tx.execute(insert(scim_tokens).values(**named, digest=digest, **made))


def find_token(tx: Connection, digests: tuple[str, ...]) -> Token | None:
    """The token that has one of these keyed hashes, but for when it was used last, which changes all the time."""
    row = tx.execute(_TOKENS.where(scim_tokens.c.digest.in_(digests))).one_or_none()
    return None if row is None else Token(*row[:-1])


def is_live(tx: Connection, token: str) -> bool:
    """Whether a token was not revoked."""
    return tx.execute(select(scim_tokens.c.id).where(scim_tokens.c.id == token)).first() is not None


def list_tokens(tx: Connection, organization: str) -> list[Token]:
    """The tokens of an organization, the oldest first."""
    query = _TOKENS.where(scim_tokens.c.organization == organization)
    return [Token(*row) for row in tx.execute(query.order_by(scim_tokens.c.made_at, scim_tokens.c.id))]


def remove_token(tx: Connection, organization: str, token: str) -> str | None:
    """Forget a token; its name, or None where the organization has no such token."""
    where = (scim_tokens.c.organization == organization) & (scim_tokens.c.id == token)
    return tx.execute(delete(scim_tokens).where(where).returning(scim_tokens.c.name)).scalar()


# ── where new users belong ──────────────────────────────────────────────────────────────────────────────────────────
def save_home(tx: Connection, home: Home) -> None:
    """Remember where an organization's new users belong."""
    chosen = {"account": home.account, "profile": home.profile}
    statement = upsert(tx, scim_homes).values(organization=home.organization, **chosen)
    tx.execute(statement.on_conflict_do_update(index_elements=["organization"], set_=chosen))


def find_home(tx: Connection, organization: str) -> Home | None:
    """Where an organization's new users belong, if it said so."""
    row = tx.execute(select(scim_homes).where(scim_homes.c.organization == organization)).one_or_none()
    return None if row is None else Home(row.organization, row.account, row.profile)


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def find_seen(tx: Connection, organization: str, host_names: Sequence[str], user: str) -> Seen | None:
    """A user whom the organization's provider sees."""
    row = tx.execute(_seen(organization, host_names).where(users.c.id == user)).one_or_none()
    return None if row is None else _read(row)


def find_named(tx: Connection, organization: str, host_names: Sequence[str], user_name: str) -> list[Seen]:
    """Whom it sees by a name."""
    return list_seen(tx, organization, host_names, {"username": user_name}, 0, 2)


def list_seen(
    tx: Connection, organization: str, host_names: Sequence[str], equal: Mapping[str, str], skipped: int, most: int
) -> list[Seen]:
    """Whom it sees with these values of `id`, `username`, `externalid` or `emails.value`, the oldest first."""
    query = _narrowed(_seen(organization, host_names), equal).order_by(users.c.created_at, users.c.id)
    return [_read(row) for row in tx.execute(query.offset(skipped).limit(most))]


def count_seen(tx: Connection, organization: str, host_names: Sequence[str]) -> int:
    """How many users it sees."""
    return tx.execute(select(func.count()).select_from(_seen(organization, host_names).subquery())).scalar_one()


def save_kept(tx: Connection, organization: str, user: str, kept: Kept) -> None:
    """Remember what a provider says of a user, who is not taken away, or is there again."""
    said = {
        "user_name": kept.user_name, "user_name_folded": kept.user_name.casefold(), "external_id": kept.external_id,
        "display_name": kept.display_name, "email_type": kept.email_type, "is_primary": kept.is_primary,
        "removed_at": None,
    }  # fmt: skip
    statement = upsert(tx, scim_users).values(organization=organization, user=user, **said)
    tx.execute(statement.on_conflict_do_update(index_elements=["organization", "user"], set_=said))


def hide(tx: Connection, organization: str, user: str, now: datetime) -> None:
    """Note that a provider took a user away."""
    where = (scim_users.c.organization == organization) & (scim_users.c.user == user)
    tx.execute(update(scim_users).where(where).values(removed_at=now))


# ── requests ────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_heard(tx: Connection, heard: Heard) -> None:
    """Remember a request, and when its token was used last; only the newest of an organization are kept."""
    said = {
        "organization": heard.organization, "token": heard.token, "at": heard.at, "operation": heard.operation,
        "user": heard.user, "status": heard.status, "code": heard.code,
    }  # fmt: skip
    tx.execute(insert(scim_requests).values(**said))
    own, newest = scim_requests.c.organization == heard.organization, scim_requests.c.number.desc()
    oldest = select(scim_requests.c.number).where(own).order_by(newest).offset(KEPT_REQUESTS - 1).limit(1)
    tx.execute(delete(scim_requests).where(own, scim_requests.c.number < oldest.scalar_subquery()))
    tx.execute(update(scim_tokens).where(scim_tokens.c.id == heard.token).values(used_at=heard.at))


def list_heard(tx: Connection, organization: str) -> list[tuple[Heard, str]]:
    """The newest requests of an organization's providers, each with the name of its token, or nothing."""
    columns = [scim_requests.c[name] for name in Heard.__dataclass_fields__]
    query = select(*columns, scim_tokens.c.name).select_from(
        scim_requests.outerjoin(scim_tokens, scim_tokens.c.id == scim_requests.c.token)
    )
    query = query.where(scim_requests.c.organization == organization).order_by(scim_requests.c.number.desc())
    return [(Heard(*row[:-1]), row[-1] or "") for row in tx.execute(query.limit(KEPT_REQUESTS))]


# ── queries ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_TOKENS = select(*(scim_tokens.c[name] for name in Token.__dataclass_fields__))
_KEPT = [scim_users.c[name] for name in Kept.__dataclass_fields__]


def _seen(organization: str, host_names: Sequence[str]) -> Select[Any]:
    """Members of the organization's accounts with a verified address in these domains, but those taken away."""
    said = and_(scim_users.c.user == users.c.id, scim_users.c.organization == organization)
    is_member = select(memberships.c.user).join(accounts).where(
        memberships.c.user == users.c.id, accounts.c.organization == organization
    )  # fmt: skip
    return (
        select(users, *_KEPT, scim_users.c.organization.label("said_to"))
        .select_from(users.outerjoin(scim_users, said))
        .where(users.c.email_verified_at.is_not(None), _lies_in(host_names), is_member.exists())
        .where(or_(scim_users.c.removed_at.is_(None), users.c.state == "active"))
    )


def _lies_in(host_names: Sequence[str]) -> ColumnElement[bool]:
    nowhere = users.c.id.is_(None)
    return or_(nowhere, *(users.c.email_folded.endswith(f"@{name}", autoescape=True) for name in host_names))


def _narrowed(query: Select[Any], equal: Mapping[str, str]) -> Select[Any]:
    name = func.coalesce(scim_users.c.user_name_folded, users.c.email_folded)
    columns: Mapping[str, tuple[ColumnElement[str], bool]] = {
        "id": (users.c.id, False), "username": (name, True), "externalid": (scim_users.c.external_id, False),
        "emails": (users.c.email_folded, True), "emails.value": (users.c.email_folded, True),
    }  # fmt: skip
    for path, value in equal.items():
        if path in columns:
            column, is_folded = columns[path]
            query = query.where(column == (value.casefold() if is_folded else value))
    return query


def _read(row: Row[Any]) -> Seen:
    user = User(
        row.id, row.email, row.first_name, row.last_name, row.state, row.created_at, row.default_account, row.service,
        row.least_epoch, row.email_verified_at is not None,
    )  # fmt: skip
    return Seen(user, None if row.said_to is None else _kept(row))


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.user_name, row.external_id, row.display_name, row.email_type, row.is_primary)
