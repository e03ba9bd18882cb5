"""How does an operator open, suspend, close and reopen accounts, and change their plans?"""

from typing import NamedTuple

from keysteward.actions.accounts import hold_new, opened
from keysteward.actions.context import Context
from keysteward.actions.mailing import house, post
from keysteward.actions.operators import Hand, demand_hand, demand_operator
from keysteward.rules import letters
from keysteward.rules.access import HANDLE_ACCOUNTS, Actor
from keysteward.rules.accounts import ADMIN, Account, NewUser, Standing
from keysteward.rules.keys import App, checked_text
from keysteward.rules.people import StateDeed, demand_no_live_keys, live_keys, next_state
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_ACCOUNT, Refusal
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.versions import changed_meanwhile, is_other
from keysteward.store import accounts, audit, keys, replacements
from keysteward.store.database import Connection, bump_epoch, lock

_MOST_SHOWN = 200


class Opening(NamedTuple):
    """What an operator says of a new account and its first admin."""

    name: str
    plan: str
    email: str
    first_name: str
    last_name: str


class AccountView(NamedTuple):
    """An account as operators see it: with its people by number, and the live keys that hinder its closing."""

    account: Account
    members: int
    admins: int
    keys: list[App]


def open_for(ctx: Context, hand: Hand, opening: Opening) -> Standing:
    """Open an account for somebody, who is told by mail; a new user chooses a password first."""
    name = checked_text(opening.name, "name", most=100)
    first, last = checked_text(opening.first_name, "first_name", most=100), opening.last_name.strip()[:100]
    _demand_fresh(ctx, hand)
    with ctx.database.writing() as tx:
        by = demand_hand(tx, hand, HANDLE_ACCOUNTS)
        new = NewUser(opening.email.strip(), first, last, ADMIN)
        hold_new(tx, new.email)
        post(ctx, tx, new.email, letters.account_opened(house(ctx), f"{first} {last}".strip(), name))
        standing = opened(ctx, tx, name, opening.plan, new, by=by)
        if standing.user.state != "active":
            raise Refusal(INVALID_FIELD, field="email", reason="this user is closed; name another first admin.")
    return standing


def change_state(
    ctx: Context, hand: Hand, account: str, deed: StateDeed, reason: str, *, is_forced: bool = False
) -> Account:
    """Suspend, close or reopen an account. One that manages live keys is closed only by force: they keep working."""
    said = checked_text(reason, "reason", most=500)
    _demand_fresh(ctx, hand)
    with ctx.database.writing() as tx:
        found, by = _locked(tx, hand, account)
        state = next_state(found, deed)
        living = _living(ctx, tx, found.id) if deed == "close" else []
        if not is_forced:
            demand_no_live_keys(living)
        accounts.change_account(tx, found.id, state=state, state_since=ctx.now)
        forced = {"forced": "true", "keys": " ".join(app.key for app in living)} if living else {}
        audit.record(tx, ctx.event("AccountChanged", by, account=found.id, state=state, **forced, reason=said))
        bump_epoch(tx)
        return _load(tx, found.id)


def change_plan(ctx: Context, hand: Hand, account: str, plan: str, reason: str, seen: str | None = None) -> Account:
    """Give an account another plan; keys that are live there stay, whatever the plan.

    `seen` is the version of the plan that somebody looked at, if they say (`rules/versions.py`).
    """
    said = checked_text(reason, "reason", most=500)
    _demand_fresh(ctx, hand)
    with ctx.database.writing() as tx:
        found, by = _locked(tx, hand, account)
        if is_other(seen, found.plan):
            raise changed_meanwhile(audit.find_newest_in(tx, found.id, "AccountChanged"))
        if plan not in ctx.policy.plans or plan == found.plan:
            known = ", ".join(each for each in ctx.policy.plans if each != found.plan)
            raise Refusal(INVALID_FIELD, field="plan", reason=f"choose among {known}.")
        accounts.change_account(tx, found.id, plan=plan)
        audit.record(tx, ctx.event("AccountChanged", by, account=found.id, plan=plan, reason=said))
        bump_epoch(tx)
        return _load(tx, found.id)


def list_accounts(ctx: Context, hand: Hand, words: str = "") -> list[Account]:
    """The newest accounts whose name has these words, or the one with this GUID or number: for operators."""
    with ctx.database.reading() as tx:
        demand_reader(tx, hand)
        named = accounts.find_account(tx, words.strip())
        return [named] if named else accounts.list_newest_accounts(tx, words.strip(), _MOST_SHOWN)


def view(ctx: Context, hand: Hand, account: str) -> AccountView:
    """One account, for operators."""
    with ctx.database.reading() as tx:
        demand_reader(tx, hand)
        found = _load(tx, account)
        members = [each for each in accounts.list_standings_in_account(tx, found.id) if each.is_active]
        living = _living(ctx, tx, found.id)
        return AccountView(found, len(members), sum(each.is_admin for each in members), living)


def _living(ctx: Context, tx: Connection, account: str) -> list[App]:
    """The live keys of an account but for those that are retired."""
    found = live_keys(keys.list_of_account(tx, account), ctx.environment)
    return [app for app in found if not replacements.is_retired(tx, app.key)]


def _demand_fresh(ctx: Context, hand: Hand) -> None:
    if isinstance(hand, Actor):
        demand_fresh_person(hand, ctx.now, ctx.policy)


def demand_reader(tx: Connection, hand: Hand) -> None:
    """Refuse whoever may not look at every account."""
    if isinstance(hand, Actor):
        demand_operator(tx, hand, HANDLE_ACCOUNTS)


def _locked(tx: Connection, hand: Hand, account: str) -> tuple[Account, str]:
    lock(tx, "account", accounts.guid_of(tx, account))
    by = demand_hand(tx, hand, HANDLE_ACCOUNTS)
    return _load(tx, account), by


def _load(tx: Connection, account: str) -> Account:
    found = accounts.find_account(tx, account)
    if found is None:
        raise Refusal(NO_SUCH_ACCOUNT)
    return found
