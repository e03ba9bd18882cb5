"""Who sees which page of a long list? Whoever may read the list whole."""

from collections.abc import Iterable, Iterator, Mapping

from keysteward.actions.account_states import demand_reader
from keysteward.actions.approvals import Waiting, demand_reviewer, rows_of
from keysteward.actions.context import Context
from keysteward.actions.golive import Overview, overview_of
from keysteward.actions.people import Member, member_of, reader
from keysteward.rules.access import READ_KEYS, Actor
from keysteward.rules.accounts import Account
from keysteward.rules.keys import App
from keysteward.rules.listing import Part, Wanted
from keysteward.store import accounts, lists

APP_STATES: Mapping[str, str] = {"working": "Working", "stopped": "Stopped", "deleted": "Deleted"}
STAGES: Mapping[str, str] = {
    "unreviewed": "No review yet",
    "under_review": "Under Review",
    "pending_approval": "Pending approval",
    "review_passed": "Review Passed",
    "review_failed": "Review Failed",
    "review_expired": "Review Expired",
    "declined": "Declined",
    "live": "Live",
}
_AT_ONCE = 50


def list_apps(ctx: Context, actor: Actor, account: str, wanted: Wanted) -> Part[App]:
    """A page of the apps that an account manages, the newest first, for its admins and developers.

    Filters: `state` is one of APP_STATES, `stage` one of STAGES. Without a state, deleted ones are left out.
    """
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_KEYS)
        return lists.list_apps(tx, own.account.id, wanted, ctx.now - ctx.policy.review_life)


def overviews(ctx: Context, apps: Iterable[App]) -> Iterator[Overview]:
    """Where each of some apps stands that somebody was let see, some at a time."""
    waiting = list(apps)
    for first in range(0, len(waiting), _AT_ONCE):
        with ctx.database.reading() as tx:
            found = [overview_of(ctx, tx, app) for app in waiting[first : first + _AT_ONCE]]
        yield from found


def list_members(ctx: Context, actor: Actor, account: str, wanted: Wanted) -> Part[Member]:
    """A page of the members of an account; filters: `state` is closed or nothing, `profile` the number of one."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account)
        found = lists.list_members(tx, own.account.id, wanted)
        return Part([member_of(tx, each) for each in found.rows], found.total, found.page)


def list_accounts(ctx: Context, actor: Actor, wanted: Wanted) -> Part[Account]:
    """A page of the environment's accounts, for operators; filters: `state` and `plan`."""
    with ctx.database.reading() as tx:
        demand_reader(tx, actor)
        named = accounts.find_account(tx, wanted.words) if wanted.words else None
        return lists.list_accounts(tx, wanted, named)


def list_reviews(ctx: Context, actor: Actor, wanted: Wanted) -> Part[Waiting]:
    """A page of the reviews that wait for a person, for operators.

    Filters: `state` is decided, approved or declined for those that wait no more; `type` is an integration type.
    """
    with ctx.database.reading() as tx:
        demand_reviewer(ctx, tx, actor)
        found = lists.list_reviews(tx, wanted, ctx.now - ctx.policy.review_life)
        return Part(rows_of(tx, found.rows), found.total, found.page)
