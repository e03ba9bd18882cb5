"""What is remembered of invitations, of an account's own permission profiles, and of who left?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from keysteward.rules.accounts import PROFILES, Profile
from keysteward.rules.events import Event, shown
from keysteward.rules.people import Departure, Invitation
from keysteward.store.accounts import profile_of
from keysteward.store.audit import entry_of
from keysteward.store.tables import departures, events, invitations, memberships, profiles

_FIRST_PROFILE = 20_001
_LOOKED_AT = 1_000


# ── permission profiles ─────────────────────────────────────────────────────────────────────────────────────────────
def list_profiles(tx: Connection, account: str) -> list[Profile]:
    """The permission profiles that members of an account may have: those of every account, then its own."""
    query = select(profiles).where(profiles.c.account == account).order_by(profiles.c.id)
    return [*PROFILES, *(profile_of(row) for row in tx.execute(query))]


def find_profile(tx: Connection, account: str, profile: int) -> Profile | None:
    """One of them."""
    return next((each for each in list_profiles(tx, account) if each.id == profile), None)


def next_profile(tx: Connection) -> int:
    """The number of the next permission profile."""
    highest = tx.execute(select(func.max(profiles.c.id))).scalar()
    return _FIRST_PROFILE if highest is None else int(highest) + 1


def save_profile(tx: Connection, profile: Profile, now: datetime, by: str) -> bool:
    """Add a permission profile to its account; False where one has its name."""
    named = {"name": profile.name, "name_folded": profile.name.casefold()}
    values = {"id": profile.id, "account": profile.account, "permissions": sorted(profile.permissions)}
    return _was_free(tx, insert(profiles).values(**values, **named, made_at=now, made_by=by))


def change_profile(tx: Connection, profile: Profile) -> bool:
    """Give a permission profile another name and other permissions; False where another one has the name."""
    named = {"name": profile.name, "name_folded": profile.name.casefold()}
    changing = update(profiles).where(profiles.c.id == profile.id)
    return _was_free(tx, changing.values(**named, permissions=sorted(profile.permissions)))


def remove_profile(tx: Connection, profile: int) -> None:
    """Remove a permission profile that nobody has."""
    tx.execute(delete(profiles).where(profiles.c.id == profile))


def count_with_profile(tx: Connection, account: str, profile: int) -> int:
    """How many memberships, closed ones too, and invitations of an account have a permission profile."""
    found = 0
    for table in (memberships, invitations):
        where = (table.c.account == account) & (table.c.profile == profile)
        found += tx.execute(select(func.count()).select_from(table).where(where)).scalar_one()
    return found


# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────
def save_invitation(tx: Connection, invitation: Invitation) -> None:
    """Remember an invitation in the place of an older one of its address to its account."""
    folded = invitation.email.casefold()
    own = (invitations.c.account == invitation.account) & (invitations.c.email_folded == folded)
    tx.execute(delete(invitations).where(own))
    tx.execute(
        insert(invitations).values(
            id=invitation.id,
            account=invitation.account,
            email=invitation.email,
            email_folded=folded,
            profile=invitation.profile.id,
            service=invitation.service,
            digest=invitation.digest,
            invited_at=invitation.invited_at,
            invited_by=invitation.invited_by,
            expires_at=invitation.expires_at,
        )
    )


def find_invitation(tx: Connection, digests: tuple[str, ...]) -> Invitation | None:
    """An invitation by one of these keyed hashes of its link."""
    row = tx.execute(_INVITED.where(invitations.c.digest.in_(digests))).one_or_none()
    return None if row is None else _invitation(row)


def list_invitations(tx: Connection, account: str, now: datetime) -> list[Invitation]:
    """The invitations to an account that nobody has accepted and that are still good, newest first."""
    where = (invitations.c.account == account) & (invitations.c.expires_at > now)
    query = _INVITED.where(where).order_by(invitations.c.invited_at.desc(), invitations.c.id)
    return [_invitation(row) for row in tx.execute(query)]


def burn_invitation(tx: Connection, account: str, invitation: str, *, digest: str | None = None) -> bool:
    """Use an invitation to an account up, where a digest is named only while that is its link's; once it is True."""
    where = (invitations.c.account == account) & (invitations.c.id == invitation)
    if digest is not None:
        where &= invitations.c.digest == digest
    return tx.execute(delete(invitations).where(where)).rowcount == 1


def withdraw_invitations_of(tx: Connection, user: str) -> None:
    """Make every invitation useless that somebody sent."""
    tx.execute(delete(invitations).where(invitations.c.invited_by == user))


def forget_expired_invitations(tx: Connection, before: datetime) -> None:
    """Forget invitations that expired before a moment."""
    tx.execute(delete(invitations).where(invitations.c.expires_at < before))


# ── leavers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_departure(tx: Connection, departure: Departure) -> None:
    """Remember that somebody left."""
    tx.execute(
        insert(departures).values(
            id=departure.id,
            user=departure.user,
            at=departure.at,
            source=departure.source,
            by=departure.by,
            organization=departure.organization,
            reason=departure.reason,
            is_whole=departure.is_whole,
            accounts=list(departure.accounts),
            ended_at=departure.ended_at,
            ended_by=departure.ended_by,
        )
    )


def list_departures(tx: Connection, user: str) -> list[Departure]:
    """Who said that somebody left, newest first; those that were taken back too."""
    query = select(departures).where(departures.c.user == user).order_by(departures.c.at.desc(), departures.c.id)
    return [_departure(row) for row in tx.execute(query)]


def list_standing_departures(tx: Connection, organization: str) -> list[Departure]:
    """Who left by the word of an organization, or by that of operators where it is empty, as far as it stands."""
    where = (departures.c.organization == organization) & departures.c.ended_at.is_(None)
    query = select(departures).where(where).order_by(departures.c.at.desc(), departures.c.id).limit(_LOOKED_AT)
    return [_departure(row) for row in tx.execute(query)]


def end_departure(tx: Connection, departure: str, now: datetime, by: str) -> bool:
    """Take back that somebody left; False where that was done before."""
    where = (departures.c.id == departure) & departures.c.ended_at.is_(None)
    return tx.execute(update(departures).where(where).values(ended_at=now, ended_by=by)).rowcount == 1


# ── what was done ───────────────────────────────────────────────────────────────────────────────────────────────────
def list_events_of_member(tx: Connection, account: str, user: str, most: int) -> list[Event]:
    """What was done about a member in an account, newest first, as far as it is looked back."""
    query = select(events).where(events.c.account == account).order_by(events.c.sequence.desc()).limit(_LOOKED_AT)
    found = (shown(entry_of(row)) for row in tx.execute(query))
    return [event for event in found if event.data.get("user") == user][:most]


def _was_free(tx: Connection, statement: Any) -> bool:  # noqa: ANN401 — an insert or an update
    try:
        with tx.begin_nested():
            tx.execute(statement)
    except IntegrityError:
        return False
    return True


_OWN = [column.label(f"own_{column.name}") for column in profiles.columns]
_INVITED = select(invitations, *_OWN).select_from(
    invitations.outerjoin(profiles, profiles.c.id == invitations.c.profile)
)
_EVERYWHERE = {profile.id: profile for profile in PROFILES}


def _invitation(row: Row[Any]) -> Invitation:
    permissions = frozenset[str](row.own_permissions or ())
    own = Profile(row.profile, row.own_name, is_admin=False, permissions=permissions, account=row.account)
    return Invitation(
        row.id, row.account, row.email, _EVERYWHERE.get(row.profile, own), row.service, row.digest, row.invited_at,
        row.invited_by, row.expires_at,
    )  # fmt: skip


def _departure(row: Row[Any]) -> Departure:
    return Departure(
        row.id, row.user, row.at, row.source, row.by, row.organization, row.reason, row.is_whole, tuple(row.accounts),
        row.ended_at, row.ended_by,
    )  # fmt: skip
