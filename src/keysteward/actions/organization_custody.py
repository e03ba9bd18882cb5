"""What puts the keys of an organization at risk, in all of its accounts, and who sees to it?"""

from datetime import datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.custody import SCORE_DAYS, day_of, keep_acceptance, keep_owner, keep_reopening
from keysteward.rules.access import READ_CUSTODY, WRITE_CUSTODY, Actor, demand_permission
from keysteward.rules.accounts import Organization, User
from keysteward.rules.custody.lives import Life, checked_acceptance
from keysteward.rules.custody.score import BEST
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, NO_SUCH_ORGANIZATION, Refusal
from keysteward.store import accounts, custody
from keysteward.store import organizations as administering
from keysteward.store.custody import Asked as Asked  # noqa: PLC0414 — pages ask with it
from keysteward.store.custody import Scored, Unit
from keysteward.store.database import Connection, lock

_ACCOUNTS_SHOWN = 200


class View(NamedTuple):
    """The custody of an organization: a page of its findings and its accounts', and the score over time.

    `accounts` are those with the lowest scores; `names` says what keys are called, and `owners` who sees to findings.
    """

    organization: Organization
    lives: list[Life]
    total: int
    counts: dict[str, int]
    score: int
    history: list[tuple[str, int]]
    accounts: list[Scored]
    names: dict[str, str]
    owners: dict[str, User]
    admins: list[User]


def view(ctx: Context, actor: Actor, organization: str, asked: Asked) -> View:
    """What an organization's admins see, as it was judged last: that is seconds ago, whatever happened."""
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.reading() as tx:
        own = administered(tx, actor, organization)
        unit, day = Unit("organization", own.id), day_of(ctx.now - SCORE_DAYS)
        lives, total = custody.list_page(tx, own.id, asked, ctx.now)
        score = custody.newest_score(tx, unit)
        owners = [accounts.find_user(tx, each) for each in custody.list_owners(tx, own.id)]
        return View(
            organization=own,
            lives=lives,
            total=total,
            counts=custody.count_open(tx, own.id, ctx.now),
            score=BEST if score is None else score,
            history=custody.list_scores(tx, unit, day),
            accounts=custody.list_scored(tx, own.id, _ACCOUNTS_SHOWN),
            names=custody.names_of_keys(tx, {key for life in lives for key in life.keys[:3]}),
            owners={user.id: user for user in owners if user is not None},
            admins=administering.list_active_admins(tx, own.id),
        )


def accept(ctx: Context, actor: Actor, organization: str, finding: str, until: datetime, why: str) -> Life:
    """Accept what the organization itself lacks until a day, with a reason; until then it takes no points."""
    said = checked_acceptance(until, why, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        life = _locked(tx, actor, organization, finding)
        return keep_acceptance(ctx, tx, actor, life, (until, said), organization=life.organization)


def reopen(ctx: Context, actor: Actor, organization: str, finding: str) -> Life:
    """Take an acceptance back."""
    with ctx.database.writing() as tx:
        life = _locked(tx, actor, organization, finding)
        return keep_reopening(ctx, tx, actor, life, organization=life.organization)


def assign(ctx: Context, actor: Actor, organization: str, finding: str, owner: str) -> Life:
    """Say who sees to a finding: an admin of the organization, or nobody."""
    with ctx.database.writing() as tx:
        life = _locked(tx, actor, organization, finding)
        if owner and owner not in {each.id for each in administering.list_active_admins(tx, life.organization)}:
            raise Refusal(INVALID_FIELD, field="owner", reason="choose an admin of the organization.")
        return keep_owner(ctx, tx, actor, life, owner, organization=life.organization)


def _locked(tx: Connection, actor: Actor, organization: str, finding: str) -> Life:
    """An open finding of an organization itself, for an admin of it; the organization is locked."""
    demand_permission(actor, WRITE_CUSTODY)
    lock(tx, "organization", organization.lower())
    own = administered(tx, actor, organization)
    life = custody.find(tx, Unit("organization", own.id), finding)
    if life is None or life.fixed_at is not None:
        raise Refusal(NO_SUCH_OBJECT, thing="finding")
    return life


def administered(tx: Connection, actor: Actor, organization: str) -> Organization:
    """An organization that the actor is an admin of; foreign and unknown ones get one and the same refusal."""
    found = accounts.find_organization(tx, organization)
    if found is None or actor.user not in accounts.list_organization_admins(tx, found.id):
        raise Refusal(NO_SUCH_ORGANIZATION)
    return found
