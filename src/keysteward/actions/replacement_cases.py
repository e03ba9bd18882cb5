"""Who has to do with a replacement, and how does its old key stand now? Deeds and views ask this before the rules."""

from datetime import timedelta
from typing import Literal, NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Account
from keysteward.rules.cut_over import Quiet, why_not_safe
from keysteward.rules.keys import App, Keypair, Secret, is_live
from keysteward.rules.refusals import CONFLICT, NO_SUCH_OBJECT, REPLACEMENTS_ARE_IN_PRODUCTION, Refusal, demand
from keysteward.rules.replacements import STEPS, Case, Person, Replacement, Retirement, Sight, Step, sight_of
from keysteward.rules.words import is_guid
from keysteward.store import accounts, approvals, call_usage, keys, organizations, replacements
from keysteward.store.database import Connection, lock

Signer = Literal["asked", "approved"]


class Pair(NamedTuple):
    """Both keys of a replacement, as production has them."""

    replacement: Replacement
    old: App
    account: Account
    new: App


def demand_production(ctx: Context) -> None:
    """Refuse cut-overs and retirements in demo."""
    if ctx.environment != "production":
        raise Refusal(REPLACEMENTS_ARE_IN_PRODUCTION)


def no_such_replacement() -> Refusal:
    """What everybody is told who has nothing to do with a replacement, and where there is none."""
    return Refusal(NO_SUCH_OBJECT, thing="replacement")


def find_pair(tx: Connection, successor: str) -> Pair | None:
    """Both keys of a replacement; None where either is not there."""
    found = replacements.find(tx, successor) if is_guid(successor) else None
    old = keys.find(tx, found.predecessor) if found else None
    new = keys.find(tx, successor) if found else None
    account = accounts.find_account(tx, old.account) if old else None
    if found is None or old is None or account is None or new is None:
        return None
    return Pair(found, old, account, new)


def case_of(ctx: Context, tx: Connection, pair: Pair, user: str | None = None) -> Case:
    """A replacement with all that is asked of its old key now; `user` is who looks at it or takes a step."""
    retirement = replacements.find_retirement(tx, pair.old.key)
    return Case(
        replacement=pair.replacement,
        app=pair.old,
        account=pair.account,
        quiet=quiet_of(ctx, tx, pair.old),
        now=ctx.now,
        policy=ctx.policy,
        retirement=retirement,
        person=_person(tx, pair, user) if user else None,
        signers=_signers(tx, pair, retirement),
        is_replaced=pair.new.deleted_at is None,
        admin_removed_at=organizations.find_removal(tx, pair.account.organization),
    )


def seen_case(ctx: Context, tx: Connection, actor: Actor, successor: str) -> tuple[Pair, Case, Sight]:
    """The same for somebody who sees it; for all others there is no such replacement."""
    pair = find_pair(tx, successor)
    if pair is None:
        raise no_such_replacement()
    case = case_of(ctx, tx, pair, actor.user)
    sight = sight_of(case, is_proven=is_proven(ctx, tx, pair, actor.user))
    if sight == "nothing":
        raise no_such_replacement()
    return pair, case, sight


def locked_case(ctx: Context, tx: Connection, actor: Actor, successor: str) -> tuple[Pair, Case]:
    """The same, with everybody and everything that it rests on held still until the deed is done."""
    pair = find_pair(tx, successor)
    if pair is None:
        raise no_such_replacement()
    hold(tx, pair, replacements.find_retirement(tx, pair.old.key), actor.user)
    again, case, _ = seen_case(ctx, tx, actor, successor)
    demand_same_account(pair, again)
    return again, case


def hold(tx: Connection, pair: Pair, retirement: Retirement | None, user: str | None) -> None:
    """Lock the organization, the old key's account, who asked, approved and acts, and the old key."""
    organization = pair.account.organization
    if organization is not None:
        lock(tx, "organization", organization)
    lock(tx, "account", pair.account.id)
    held = {each for each in (user, *hands(retirement)) if each}
    if held:
        lock(tx, "user", *held)
    lock(tx, "key", pair.old.key)


def demand_same_account(held: Pair, now: Pair) -> None:
    """Refuse where the old key has moved meanwhile, or its account to another organization: these are not held."""
    if (held.account.id, held.account.organization) != (now.account.id, now.account.organization):
        raise Refusal(CONFLICT)


def demand_step(step: Step, case: Case) -> None:
    """Refuse a step that something stops."""
    policy = case.policy
    days = {"retire": policy.quiet_before_operator_retires, "bring back": policy.retired_key_life}.get(step)
    why = " ".join(why_not_safe(case.quiet, case.now, policy))
    state, life = case.account.state, days.days if days else policy.restore_days
    demand(STEPS[step], case, why=why, state=state, days=life, hours=policy.stand_in_wait // timedelta(hours=1))


def quiet_of(ctx: Context, tx: Connection, app: App) -> Quiet:
    """How quiet a key is."""
    count, until = replacements.count_refresh_tokens(tx, app.key, app.least_epoch, ctx.now)
    return Quiet(call_usage.find_last(tx, app.key), app.promoted_at or app.created_at, count, until)


def is_proven(ctx: Context, tx: Connection, pair: Pair, user: str) -> bool:
    """Whether somebody proved a credential of the old key that is good still."""
    proven = set(replacements.list_proofs(tx, pair.new.key, user))
    if not proven:
        return False
    settings = keys.load_settings(tx, pair.old.key)
    credentials: tuple[Secret | Keypair, ...] = (*settings.secrets, *settings.keypairs)
    return any(each.id in proven and is_live(each, ctx.now) for each in credentials)


def hands(retirement: Retirement | None) -> tuple[str, ...]:
    """Who asked for a retirement, and who approved it; empty where nobody did yet."""
    if retirement is None:
        return ()
    return (retirement.asked.by, retirement.approved.by if retirement.approved else "")


def _signers(tx: Connection, pair: Pair, retirement: Retirement | None) -> dict[Signer, Person]:
    if retirement is None or retirement.hand != "stand-in":
        return {}
    found: dict[Signer, Person] = {"asked": _person(tx, pair, retirement.asked.by)}
    if retirement.approved is not None:
        found["approved"] = _person(tx, pair, retirement.approved.by)
    return found


def _person(tx: Connection, pair: Pair, user: str) -> Person:
    if not _is_active(tx, user):
        return Person(user)
    standing = accounts.find_standing(tx, user, pair.account.id)
    return Person(user, standing, organizations.list_administered(tx, user), approvals.is_operator(tx, user))


def _is_active(tx: Connection, user: str) -> bool:
    found = accounts.find_user(tx, user)
    return found is not None and found.state == "active"
