"""Which keys are at risk, who can manage them, and how is that kept up to date?

A judgement reads first and takes the lock only where something changed, so that judging all accounts costs reading.
Accounts are judged some at a time: memory is bounded, however many there are.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.custody_facts import facts_of
from keysteward.actions.notices import announce
from keysteward.actions.people import reader
from keysteward.rules.access import READ_CUSTODY, WRITE_CUSTODY, Actor
from keysteward.rules.accounts import Standing
from keysteward.rules.custody.audit import judge as find_all
from keysteward.rules.custody.findings import Finding
from keysteward.rules.custody.inventory import Thing, grouped
from keysteward.rules.custody.lives import Change, Life, checked_acceptance, compare, counted, in_order, status
from keysteward.rules.custody.mending import SEVERAL_ACCOUNTS, mends_by_moving
from keysteward.rules.custody.score import BEST, Scores, key_scores, mean
from keysteward.rules.custody.waking import concerned
from keysteward.rules.custody.ways import Outlook, outlooks
from keysteward.rules.events import Event
from keysteward.rules.notices import critical_findings
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, custody, inventories
from keysteward.store.concerned import list_units as list_units_concerned
from keysteward.store.custody import Unit
from keysteward.store.database import Connection, lock

_MOST_EVENTS, _MOST_LIVES, _EVERY = 200, 500, 1_000_000
_ORGANIZATIONS_AT_ONCE, _READ_AT_ONCE, _KEPT_AT_ONCE = 5, 100, 40  # other writers wait while some are kept
SCORE_DAYS = timedelta(days=366)
_GRAVE = {"critical", "high"}


class View(NamedTuple):
    """The custody of one account: its findings, its keys with their ways back, and the scores over time.

    A history has the days on which a score changed; a key without one had the best all along.
    """

    lives: list[Life]
    outlooks: list[Outlook]
    scores: Scores
    history: list[tuple[str, int]]
    key_histories: dict[str, list[tuple[str, int]]]
    admins: list[Standing]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a judgement says of one account or organization, and what of that is new: scores are those that changed."""

    unit: Unit
    change: Change
    score: tuple[int, int] | None
    key_scores: dict[str, tuple[int, int]]

    @property
    def is_nothing(self) -> bool:
        """Whether all is as it was kept."""
        return self.change.is_nothing and self.score is None and not self.key_scores


# ── to see ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def view(ctx: Context, actor: Actor, account: str) -> View:
    """What an admin sees of an account, judged as it stands now, with what its organization lacks for its keys."""
    with ctx.database.reading() as tx:
        found = reader(ctx, tx, actor, account, READ_CUSTODY).account
    unit, above = Unit("account", found.id), Unit("organization", found.organization or "")
    for each in (above, unit) if above.id else (unit,):
        judge(ctx, each)
    with ctx.database.reading() as tx:
        inventory = facts_of(ctx, tx, [unit.id])
        keys = {key.key for key in inventory.keys}
        shared = [life for life in custody.list_open_above(tx, [unit.id]) if not keys.isdisjoint(life.keys)]
        lives = [*custody.list_lives(tx, unit, _MOST_LIVES), *shared]
        weighing = [life for life in lives if status(life, ctx.now) == "open"]
        scores = key_scores(keys, weighing)
        score = mean(scores.values(), weighing)
        return View(
            in_order(lives, ctx.now),
            list(outlooks(inventory, ctx.policy)),
            Scores(scores, {unit.id: score}, {}, score),
            custody.list_scores(tx, unit, day_of(ctx.now - SCORE_DAYS)),
            custody.list_key_scores(tx, unit.id, day_of(ctx.now - SCORE_DAYS)),
            accounts.list_admins_in_account(tx, unit.id),
        )


def mended_by_moving(ctx: Context, actor: Actor, key: str, destination: str = "") -> list[Life]:
    """What is open and over for a key once another account manages it, for the admins of its account or organization.

    Nobody else learns of it: there is nothing then. Without a destination, it is what some account would mend.
    """
    with ctx.database.reading() as tx:
        account = custody.find_account_of(tx, key)
        standing = accounts.find_standing(tx, actor.user, account) if account else None
        above = standing.account.organization if standing else custody.find_organization_of(tx, account)
        led = above in {each.id for each in accounts.list_organizations_of_admin(tx, actor.user)}
        if not led and (standing is None or not standing.is_admin):
            return []
        found = [*custody.list_open(tx, Unit("account", account)), *custody.list_open_above(tx, [account])]
        mended = [life for life in found if key in life.keys and mends_by_moving(life)]
        return in_order([life for life in mended if _is_over(tx, life, key, destination)], ctx.now)


def _is_over(tx: Connection, life: Life, key: str, destination: str) -> bool:
    """Keys that lie in several accounts do so still, unless this was the last that lay apart."""
    if life.code != SEVERAL_ACCOUNTS:
        return True
    others = {custody.find_account_of(tx, each) for each in life.keys if each != key} - {""}
    is_theirs = bool(destination) and custody.find_organization_of(tx, destination) == life.organization
    return len(others) == 1 and (not is_theirs or destination in others)


def list_everywhere(ctx: Context, severities: Iterable[str], most: int) -> list[Life]:
    """The open findings of the whole environment, for its operators on the host."""
    with ctx.database.reading() as tx:
        return custody.list_everywhere(tx, severities, most)


def list_grave(ctx: Context, actor: Actor, account: str) -> list[Life]:
    """The open findings of an account that are critical or high, as last judged, the gravest first."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY).account
        found = in_order(custody.list_open(tx, Unit("account", own.id)), ctx.now)
        return [life for life in found if status(life, ctx.now) == "open" and life.severity in _GRAVE]


# ── the life of a finding ───────────────────────────────────────────────────────────────────────────────────────────
def accept(ctx: Context, actor: Actor, account: str, finding: str, until: datetime, why: str) -> Life:
    """Accept a finding until a day, with a reason; until then it takes no points."""
    said = checked_acceptance(until, why, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        life, own = _locked(ctx, tx, actor, account, finding)
        return keep_acceptance(ctx, tx, actor, life, (until, said), account=own)


def reopen(ctx: Context, actor: Actor, account: str, finding: str) -> Life:
    """Take an acceptance back."""
    with ctx.database.writing() as tx:
        life, own = _locked(ctx, tx, actor, account, finding)
        return keep_reopening(ctx, tx, actor, life, account=own)


def assign(ctx: Context, actor: Actor, account: str, finding: str, owner: str) -> Life:
    """Say who sees to a finding: an admin of the account, or nobody."""
    with ctx.database.writing() as tx:
        life, own = _locked(ctx, tx, actor, account, finding)
        standing = accounts.find_standing(tx, owner, own) if is_guid(owner) else None
        if owner and (standing is None or not standing.is_admin):
            raise Refusal(INVALID_FIELD, field="owner", reason="choose an admin of the account.")
        return keep_owner(ctx, tx, actor, life, owner, account=own)


def keep_acceptance(
    ctx: Context, tx: Connection, actor: Actor, life: Life, accepted: tuple[datetime, str], **whose: str
) -> Life:
    """Within a deed that holds the lock of the finding's account or organization."""
    until, said = accepted
    custody.change(tx, life.id, accepted_until=until, accepted_why=said, accepted_by=actor.email)
    told = {"finding": life.id, "code": life.code, "until": until.isoformat(), "reason": said}
    audit.record(tx, ctx.event("FindingAccepted", actor.email, **whose, **told))
    return replace(life, accepted_until=until, accepted_why=said, accepted_by=actor.email)


def keep_reopening(ctx: Context, tx: Connection, actor: Actor, life: Life, **whose: str) -> Life:
    """Likewise."""
    if status(life, ctx.now) != "accepted":
        raise Refusal(NO_SUCH_OBJECT, thing="acceptance")
    custody.change(tx, life.id, accepted_until=None, accepted_why="", accepted_by="")
    audit.record(tx, ctx.event("FindingReopened", actor.email, **whose, finding=life.id, code=life.code))
    return replace(life, accepted_until=None, accepted_why="", accepted_by="")


def keep_owner(ctx: Context, tx: Connection, actor: Actor, life: Life, owner: str, **whose: str) -> Life:
    """Likewise."""
    custody.change(tx, life.id, owner=owner)
    told = {"finding": life.id, "code": life.code, "user": owner}
    audit.record(tx, ctx.event("FindingAssigned", actor.email, **whose, **told))
    return replace(life, owner=owner)


def _locked(ctx: Context, tx: Connection, actor: Actor, account: str, finding: str) -> tuple[Life, str]:
    """An open finding of an account, for an admin of it; the account is locked."""
    guid = accounts.guid_of(tx, account)
    lock(tx, "account", guid)
    own = reader(ctx, tx, actor, guid, WRITE_CUSTODY).account.id
    life = custody.find(tx, Unit("account", own), finding)
    if life is None or life.fixed_at is not None:
        raise Refusal(NO_SUCH_OBJECT, thing="finding")
    return life, own


# ── to judge ────────────────────────────────────────────────────────────────────────────────────────────────────────
def judge_changed(ctx: Context) -> bool:
    """Judge whom the newest sealed events concern; return whether more may wait."""
    with ctx.database.reading() as tx:
        begun = custody.find_mark(tx)
        behind = custody.list_events_behind(tx, begun, _MOST_EVENTS) if begun is not None else []
        whom = concerned(event for _, event in behind)
        units = list_units_concerned(tx, whom)
        position = behind[-1][0] if behind else custody.newest_position(tx)
    if begun is not None and not behind:
        return False
    judge_many(ctx, units)
    with ctx.database.writing() as tx:
        lock(tx, "record", "custody history")
        if whom.is_everything:
            custody.forget_marks(tx)
        custody.mark_history(tx, ctx.now, max(position, custody.find_mark(tx) or 0))
    return len(behind) == _MOST_EVENTS


def judge_due(ctx: Context) -> int:
    """Judge some of what was judged longest ago; return how much of it was due."""
    with ctx.database.reading() as tx:
        due = custody.list_due(tx, ctx.now - ctx.policy.custody_judged_every, _READ_AT_ONCE)
    some = _some_of(due)
    judged = judge_many(ctx, some)
    for part in _parts(sorted(judged), _READ_AT_ONCE):
        with ctx.database.writing() as tx:
            custody.mark(tx, part, ctx.now)
    return len(some)


def judge_all(ctx: Context) -> Iterator[tuple[int, int]]:
    """Judge everything, however lately it was; say after each part how many of how many are done."""
    with ctx.database.reading() as tx:
        waiting = dict.fromkeys(custody.list_due(tx, ctx.now, _EVERY))
    total = len(waiting)
    while waiting:
        for unit in judge_many(ctx, _some_of(waiting)):
            waiting.pop(unit, None)
        yield total - len(waiting), total


def judge_many(ctx: Context, units: Collection[Unit]) -> set[Unit]:
    """Judge accounts and organizations, and keep what changed; return whatever was judged.

    What an organization lacks takes points from the keys of its accounts, so that comes first, and they are judged
    where it changed; and its score is that of their keys, so that comes last.
    """
    organizations = sorted(unit.id for unit in units if unit.kind == "organization")
    own = {unit.id for unit in units if unit.kind == "account"}
    for organization in organizations:
        if _judge_organization(ctx, organization):
            own |= _accounts_of(ctx, organization)
    for part in _parts(sorted(own), _READ_AT_ONCE):
        _judge_accounts(ctx, part)
    for organization in organizations if own else ():
        _score_organization(ctx, organization)
    return {Unit("account", each) for each in own} | {Unit("organization", each) for each in organizations}


def judge(ctx: Context, unit: Unit) -> bool:
    """Judge one account or organization, and keep what changed; return whether anything did."""
    if unit.kind == "organization":
        with ctx.database.reading() as tx:
            is_nothing = _verdict(ctx, tx, unit).is_nothing
        _judge_organization(ctx, unit.id)
        return not is_nothing
    return _judge_accounts(ctx, [unit.id])


def _some_of(units: Iterable[Unit]) -> list[Unit]:
    """As many of them as are judged at once: an organization may bring all its accounts along."""
    every = list(islice(units, _READ_AT_ONCE))
    organizations = [unit for unit in every if unit.kind == "organization"]
    return [*organizations[:_ORGANIZATIONS_AT_ONCE], *(unit for unit in every if unit.kind == "account")]


def _judge_organization(ctx: Context, organization: str) -> bool:
    """Whether it lacks something else than before; its score may have changed too."""
    unit = Unit("organization", organization)
    with ctx.database.reading() as tx:
        verdict = _verdict(ctx, tx, unit)
    if not verdict.is_nothing:
        with ctx.database.writing() as tx:
            lock(tx, "organization", organization)
            verdict = _verdict(ctx, tx, unit)
            _keep(ctx, tx, [verdict])
    return not verdict.change.is_nothing


def _score_organization(ctx: Context, organization: str) -> None:
    """Keep the score of an organization again, once its accounts have theirs."""
    unit = Unit("organization", organization)
    with ctx.database.reading() as tx:
        known, mean_of_keys = custody.newest_score(tx, unit), custody.mean_of_accounts(tx, organization)
    if mean_of_keys is None or mean_of_keys[0] != known:
        _judge_organization(ctx, organization)


def _judge_accounts(ctx: Context, ids: Collection[str]) -> bool:
    with ctx.database.reading() as tx:
        changed = [verdict.unit.id for verdict in _verdicts(ctx, tx, ids) if not verdict.is_nothing]
    for part in _parts(changed, _KEPT_AT_ONCE):
        with ctx.database.writing() as tx:
            lock(tx, "account", *part)
            _keep(ctx, tx, [verdict for verdict in _verdicts(ctx, tx, part) if not verdict.is_nothing])
    return bool(changed)


def _accounts_of(ctx: Context, organization: str) -> set[str]:
    with ctx.database.reading() as tx:
        inventory = inventories.of_organization(tx, organization, ctx.environment, ctx.now)
        return {account.id for account in inventory.accounts}


def _verdict(ctx: Context, tx: Connection, unit: Unit) -> _Verdict:
    """What an organization lacks beside what its accounts do; its score is the mean of their keys."""
    inventory = inventories.of_organization(tx, unit.id, ctx.environment, ctx.now)
    found = [each for each in find_all(inventory, ctx.policy) if not each.account and each.organization == unit.id]
    lives = custody.list_open(tx, unit)
    score = custody.mean_of_accounts(tx, unit.id) or (mean((), counted(found, lives, ctx.now)), 0)
    is_new = score[0] != custody.newest_score(tx, unit)
    return _Verdict(unit, compare(lives, found), score if is_new else None, {})


def _verdicts(ctx: Context, tx: Connection, ids: Collection[str]) -> Iterator[_Verdict]:
    """What is found in each of some accounts; an organization's findings take points from the keys they touch."""
    inventory, lives = facts_of(ctx, tx, ids), custody.list_open_of_accounts(tx, ids)
    found = grouped(find_all(inventory, ctx.policy), lambda finding: finding.account)
    kept = grouped(lives, lambda life: life.account)
    above = [life for life in custody.list_open_above(tx, ids) if status(life, ctx.now) == "open"]
    own = [finding for each in ids for finding in found.get(each, ())]
    scores = key_scores([key.key for key in inventory.keys], [*counted(own, lives, ctx.now), *above])
    known, known_keys = custody.newest_scores(tx, ids), custody.newest_key_scores(tx, ids)
    for each in ids:
        mine = {key: scores[key] for key in inventory.guids_of(each)}
        change = compare(kept.get(each, ()), found.get(each, ()))
        score = (mean(mine.values(), counted(found.get(each, ()), kept.get(each, ()), ctx.now)), len(mine))
        is_new = score != known.get(each, None if mine else (BEST, 0))
        new_keys = {key: (score, 1) for key, score in mine.items() if score != known_keys.get(key, BEST)}
        yield _Verdict(Unit("account", each), change, score if is_new else None, new_keys)


def _keep(ctx: Context, tx: Connection, verdicts: Collection[_Verdict]) -> None:
    day = day_of(ctx.now)
    for kind in ("organization", "account"):
        new = {each.unit.id: each.score for each in verdicts if each.unit.kind == kind and each.score is not None}
        custody.save_scores(tx, kind, new, day)
    custody.save_scores(tx, "key", {key: score for each in verdicts for key, score in each.key_scores.items()}, day)
    custody.open_findings(tx, [(new_guid(), found) for each in verdicts for found in each.change.opened], ctx.now)
    for verdict in verdicts:
        _keep_change(ctx, tx, verdict.unit, verdict.change)


def _keep_change(ctx: Context, tx: Connection, unit: Unit, change: Change) -> None:
    for life, finding in change.reworded:
        custody.say_again(tx, life.id, finding)
    for life in change.fixed:
        custody.change(tx, life.id, fixed_at=ctx.now)
    if critical := change.critical:
        announce(ctx, tx, critical_findings(critical, ctx.now))
    if change.opened or change.fixed:
        audit.record(tx, _told(ctx, unit, change.opened, change.fixed))


def _told(ctx: Context, unit: Unit, opened: tuple[Finding, ...], fixed: tuple[Life, ...]) -> Event:
    said = {
        "found": " ".join(sorted({finding.code for finding in opened})),
        "fixed": " ".join(sorted({life.code for life in fixed})),
    }
    if unit.kind == "organization":
        return ctx.event("CustodyChanged", "system", organization=unit.id, **said)
    return ctx.event("CustodyChanged", "system", account=unit.id, **said)


def _parts(things: list[Thing], most: int) -> Iterator[list[Thing]]:
    return (things[at : at + most] for at in range(0, len(things), most))


def day_of(instant: datetime) -> str:
    """The day of an instant, as scores are kept by."""
    return f"{instant:%Y-%m-%d}"
