"""Who has to do with a request for a sealed credential, and how does it stand for them?"""

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Account
from keysteward.rules.refusals import CONFLICT, NO_SUCH_OBJECT, Refusal, demand
from keysteward.rules.sealed_credentials import STEPS, Case, Party, Release, Step, sees, status_of
from keysteward.rules.transfers import Act
from keysteward.rules.words import is_guid
from keysteward.store import accounts, keys, releases, sealed_credentials
from keysteward.store.database import Connection, lock


def case_of(ctx: Context, tx: Connection, release: Release, user: str) -> Case:
    """A release with all that is asked of it now; `user` is who looks at it or takes a step."""
    account, app = accounts.find_account(tx, release.account), keys.find(tx, release.key)
    if account is None or app is None:
        raise no_such_release()
    return Case(
        release=release,
        account=account,
        app=app,
        is_kept=sealed_credentials.find(tx, release.credential) is not None,
        now=ctx.now,
        policy=ctx.policy,
        person=_party(tx, account, user),
        asker=_party(tx, account, release.asked.by),
        approver=_party(tx, account, release.approved.by) if release.approved else None,
    )


def seen_case(ctx: Context, tx: Connection, actor: Actor, release: str) -> Case:
    """The same for somebody who sees it; for all others there is no such request."""
    case = case_of(ctx, tx, _load(tx, release), actor.user)
    if not sees(case.person):
        raise no_such_release()
    return case


def locked_case(ctx: Context, tx: Connection, actor: Actor, release: str, *, rests_on_approval: bool = False) -> Case:
    """The same, with everybody and everything that it rests on held still until the deed is done.

    Whoever refuses is heard, whether or not somebody approved in the same moment.
    """
    found = _load(tx, release)
    hold(tx, found, actor.user)
    case = seen_case(ctx, tx, actor, release)
    if rests_on_approval and _hands(case.release) != _hands(found):
        raise Refusal(CONFLICT)  # somebody approved meanwhile, and is not held still
    return case


def hold(tx: Connection, release: Release, user: str) -> None:
    """Lock the organization that approves, the account, who asks, acts and approved, and the key."""
    if release.organization:
        lock(tx, "organization", release.organization)
    lock(tx, "account", release.account)
    lock(tx, "user", *_hands(release) | {user})
    lock(tx, "key", release.key)


def demand_step(step: Step, case: Case) -> None:
    """Refuse a step that something stops."""
    values = {
        "status": status_of(case.release, case.now),
        "state": case.account.state,
        "days": case.policy.restore_days,
        "thing": "sealed credential",
    }
    demand(STEPS[step], case, **values)


def act_of(ctx: Context, actor: Actor) -> Act:
    """What somebody does now."""
    return Act(actor.user, actor.email, ctx.now)


def no_such_release() -> Refusal:
    """What everybody is told who has nothing to do with a request."""
    return Refusal(NO_SUCH_OBJECT, thing="request")


def _load(tx: Connection, release: str) -> Release:
    found = releases.find(tx, release) if is_guid(release) else None
    if found is None:
        raise no_such_release()
    return found


def _party(tx: Connection, account: Account, user: str) -> Party:
    found = accounts.find_user(tx, user)
    if found is None:
        raise no_such_release()
    leads = {each.id for each in accounts.list_organizations_of_admin(tx, user)} if found.state == "active" else set()
    return Party(found, accounts.find_standing(tx, user, account.id), account.organization in leads)


def _hands(release: Release) -> set[str]:
    return {release.asked.by} | ({release.approved.by} if release.approved else set())
