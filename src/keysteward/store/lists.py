"""Which page of a long list does somebody see? The database narrows and sorts it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, select

from keysteward.rules.accounts import Account, Standing
from keysteward.rules.golive import Review
from keysteward.rules.keys import App
from keysteward.rules.listing import Part, Wanted
from keysteward.store.accounts import account_of, standing_of, standings
from keysteward.store.golive import REVIEWS, review_of
from keysteward.store.keys import app_of
from keysteward.store.listing import folded, holding, read_part
from keysteward.store.tables import accounts, apps, memberships, reviews, rulings, users


def list_apps(tx: Connection, account: str, wanted: Wanted, expired_before: datetime) -> Part[App]:
    """The apps that an account manages, the newest first; deleted ones only where these are asked for.

    What passed, or began to wait for a person, at `expired_before` or earlier has expired.
    """
    states = {
        "": apps.c.deleted_at.is_(None),
        "working": and_(apps.c.deleted_at.is_(None), apps.c.stopped_at.is_(None)),
        "stopped": and_(apps.c.deleted_at.is_(None), apps.c.stopped_at.is_not(None)),
        "deleted": apps.c.deleted_at.is_not(None),
    }
    query = select(apps).where(apps.c.account == account, states[wanted.choice("state")])
    if wanted.words:
        query = query.where(holding(wanted.words, apps.c.name, apps.c.contact, apps.c.key))
    stage = wanted.choice("stage")
    if stage:
        query = query.select_from(_with_newest_review()).where(_stage(expired_before) == stage)
    sorts = {"name": folded(apps.c.name), "key": apps.c.key, "created_at": apps.c.created_at}
    own = query.order_by(apps.c.created_at.desc(), apps.c.key.desc())
    part = read_part(tx, own, wanted, sorts, apps.c.key)
    return Part([app_of(row) for row in part.rows], part.total, part.page)


def list_members(tx: Connection, account: str, wanted: Wanted) -> Part[Standing]:
    """The members of an account in the order they joined; closed ones only where these are asked for."""
    is_active = and_(memberships.c.state == "active", users.c.state == "active")
    states: dict[str, ColumnElement[bool]] = {"": is_active, "closed": ~is_active}
    query = standings().where(memberships.c.account == account, states[wanted.choice("state")])
    if wanted.words:
        said = func.trim(users.c.first_name + " " + users.c.last_name)
        query = query.where(holding(wanted.words, said, users.c.email, users.c.id))
    profile = wanted.choice("profile")
    if profile:
        query = query.where(memberships.c.profile == int(profile))
    sorts = {
        "name": folded(users.c.first_name + " " + users.c.last_name),
        "email": folded(users.c.email),
        "joined_at": memberships.c.created_at,
    }
    own = query.order_by(memberships.c.created_at, users.c.id)
    part = read_part(tx, own, wanted, sorts, users.c.id)
    return Part([standing_of(row) for row in part.rows], part.total, part.page)


def list_accounts(tx: Connection, wanted: Wanted, named: Account | None) -> Part[Account]:
    """The accounts of the environment, the newest first; words may be a GUID or a number, which `named` has."""
    query = select(accounts)
    for column, value in ((accounts.c.state, wanted.choice("state")), (accounts.c.plan, wanted.choice("plan"))):
        query = query.where(column == value) if value else query
    if named is not None:
        query = query.where(accounts.c.id == named.id)
    elif wanted.words:
        query = query.where(holding(wanted.words, accounts.c.name))
    sorts: dict[str, ColumnElement[Any]] = {
        "name": folded(accounts.c.name),
        "number": accounts.c.number,
        "plan": folded(accounts.c.plan),
        "created_at": accounts.c.created_at,
    }
    part = read_part(tx, query.order_by(accounts.c.number.desc()), wanted, sorts, accounts.c.number)
    return Part([account_of(row) for row in part.rows], part.total, part.page)


def list_reviews(tx: Connection, wanted: Wanted, expired_before: datetime) -> Part[Review]:
    """The reviews that wait for a person, the one that waits longest first; or those that were decided, newest first.

    Who waited since `expired_before` or earlier waits no more.
    """
    state, is_there = wanted.choice("state"), and_(apps.c.deleted_at.is_(None), apps.c.live_at.is_(None))
    people = REVIEWS.join(apps, apps.c.key == reviews.c.key).join(accounts, accounts.c.id == apps.c.account)
    if state:
        query = people.where(rulings.c.review.is_not(None)).order_by(rulings.c.decided_at.desc(), reviews.c.id)
        query = query.where(rulings.c.choice == state) if state != "decided" else query
    else:
        waits = and_(reviews.c.pending_since > expired_before, rulings.c.review.is_(None), is_there)
        query = people.where(waits).order_by(reviews.c.pending_since, reviews.c.id)
    if wanted.choice("type"):
        query = query.where(apps.c.integration_type == wanted.choice("type"))
    if wanted.words:
        query = query.where(holding(wanted.words, apps.c.name, apps.c.key, accounts.c.name, reviews.c.requester_email))
    sorts: dict[str, ColumnElement[Any]] = {
        "name": folded(apps.c.name),
        "account": folded(accounts.c.name),
        "type": folded(apps.c.integration_type),
        "since": reviews.c.pending_since,
        "by": folded(rulings.c.decided_by_email),
        "decided_at": rulings.c.decided_at,
    }
    part = read_part(tx, query, wanted, sorts, reviews.c.id)
    return Part([review_of(row) for row in part.rows], part.total, part.page)


def _with_newest_review() -> FromClause:
    of_key = reviews.alias()
    newest = select(func.max(of_key.c.number)).where(of_key.c.key == apps.c.key).correlate(apps).scalar_subquery()
    reviewed = apps.outerjoin(reviews, and_(reviews.c.key == apps.c.key, reviews.c.number == newest))
    return reviewed.outerjoin(rulings, rulings.c.review == reviews.c.id)


def _stage(expired_before: datetime) -> ColumnElement[str]:
    """Where a key's newest review stands, as `status` of rules/golive.py says it."""
    good_since = case(
        (reviews.c.pending_since.is_(None), reviews.c.settled_at),
        (rulings.c.review.is_(None), reviews.c.pending_since),
        else_=rulings.c.decided_at,
    )
    steps: Iterable[tuple[ColumnElement[bool], str]] = (
        (apps.c.live_at.is_not(None), "live"),
        (reviews.c.id.is_(None), "unreviewed"),
        (reviews.c.verdict.is_(None), "under_review"),
        (reviews.c.verdict == "failed", "review_failed"),
        (rulings.c.choice == "declined", "declined"),
        (good_since <= expired_before, "review_expired"),
        (and_(reviews.c.pending_since.is_not(None), rulings.c.review.is_(None)), "pending_approval"),
    )
    return case(*steps, else_="review_passed")
