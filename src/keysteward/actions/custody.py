"""Which keys are at risk, who can manage them, and how is that kept up to date?

A judgement reads first and takes the lock only where something changed, so that judging all accounts costs reading.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.people import reader
from keysteward.crypto.papers import kept_ticket
from keysteward.rules.access import READ_CUSTODY, WRITE_CUSTODY, Actor
from keysteward.rules.accounts import Standing
from keysteward.rules.custody.audit import judge as find_all
from keysteward.rules.custody.findings import Finding
from keysteward.rules.custody.inventory import Credential, Inventory, KeyFacts
from keysteward.rules.custody.lives import Life, checked_acceptance, compare, counted, in_order, status
from keysteward.rules.custody.score import Scores, scores_of
from keysteward.rules.custody.ways import Outlook, outlooks
from keysteward.rules.custody.what_if import Answer, Change, Consequence, in_gravity
from keysteward.rules.custody.what_if import what_if as foresee
from keysteward.rules.events import Event
from keysteward.rules.golive import is_expired
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, custody, golive, inventories, promotion
from keysteward.store.custody import Unit
from keysteward.store.database import Connection, lock

JUDGED_EVERY = timedelta(hours=20)
_OWN_EVENTS = frozenset({"CustodyChanged", "FindingAccepted", "FindingReopened", "FindingAssigned"})
_MOST_EVENTS, _MOST_UNITS, _MOST_LIVES, _EVERY = 200, 25, 500, 1_000_000
_SCORE_DAYS = timedelta(days=366)


class View(NamedTuple):
    """The custody of one account: its findings, its keys with their ways back, and the score over time."""

    lives: list[Life]
    outlooks: list[Outlook]
    scores: Scores
    history: list[tuple[str, int]]
    admins: list[Standing]


# ── to see ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def view(ctx: Context, actor: Actor, account: str) -> View:
    """What an admin sees of an account, judged as it stands now, with what its organization lacks for its keys."""
    with ctx.database.reading() as tx:
        found = reader(ctx, tx, actor, account, READ_CUSTODY).account
    own, above = found.id, Unit("organization", found.organization or "")
    for unit in (Unit("account", own), above) if above.id else (Unit("account", own),):
        judge(ctx, unit)
    with ctx.database.reading() as tx:
        unit, inventory = Unit("account", own), _of_account(ctx, tx, own)
        keys = {key.key for key in inventory.keys}
        shared = [life for life in custody.list_open(tx, above) if keys & set(life.keys)] if above.id else []
        lives = [*custody.list_lives(tx, unit, _MOST_LIVES), *shared]
        findings = counted(find_all(inventory, ctx.policy), lives, ctx.now)
        return View(
            in_order(lives, ctx.now),
            list(outlooks(inventory, ctx.policy)),
            scores_of(inventory, findings),
            custody.list_scores(tx, unit, _day(ctx.now - _SCORE_DAYS)),
            [each for each in accounts.list_standings_in_account(tx, own) if each.is_admin],
        )


def what_if(ctx: Context, actor: Actor, account: str, changes: Iterable[Change]) -> Answer:
    """What would become of the account's keys."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY).account.id
        return foresee(_of_account(ctx, tx, own), changes, ctx.policy)


def list_everywhere(ctx: Context, severities: Iterable[str], most: int) -> list[Life]:
    """The open findings of the whole environment, for its operators on the host."""
    with ctx.database.reading() as tx:
        return custody.list_everywhere(tx, severities, most)


def what_if_everywhere(ctx: Context, changes: Iterable[Change]) -> Answer:
    """What would become of all keys of the environment, for its operators on the host."""
    every = tuple(changes)
    found, unknown = list[Consequence](), set(every)
    with ctx.database.reading() as tx:
        for account in list(inventories.list_environment(tx)):
            answer = foresee(_of_account(ctx, tx, account), every, ctx.policy)
            found += answer.consequences
            unknown &= set(answer.unknown)
    return Answer(in_gravity(found), tuple(change for change in every if change in unknown))


def list_units(ctx: Context) -> list[Unit]:
    """Every account that manages keys or has findings, and every organization."""
    with ctx.database.reading() as tx:
        return custody.list_due(tx, ctx.now + JUDGED_EVERY, _EVERY)


# ── the life of a finding ───────────────────────────────────────────────────────────────────────────────────────────
def accept(ctx: Context, actor: Actor, account: str, finding: str, until: datetime, why: str) -> Life:
    """Accept a finding until a day, with a reason; until then it takes no points."""
    said = checked_acceptance(until, why, ctx.now)
    with ctx.database.writing() as tx:
        life, own = _locked(ctx, tx, actor, account, finding)
        custody.change(tx, life.id, accepted_until=until, accepted_why=said, accepted_by=actor.email)
        told = {"finding": life.id, "code": life.code, "until": until.isoformat(), "reason": said}
        audit.record(tx, ctx.event("FindingAccepted", actor.email, account=own, **told))
        return replace(life, accepted_until=until, accepted_why=said, accepted_by=actor.email)


def reopen(ctx: Context, actor: Actor, account: str, finding: str) -> Life:
    """Take an acceptance back."""
    with ctx.database.writing() as tx:
        life, own = _locked(ctx, tx, actor, account, finding)
        if status(life, ctx.now) != "accepted":
            raise Refusal(NO_SUCH_OBJECT, thing="acceptance")
        custody.change(tx, life.id, accepted_until=None, accepted_why="", accepted_by="")
        audit.record(tx, ctx.event("FindingReopened", actor.email, account=own, finding=life.id, code=life.code))
        return replace(life, accepted_until=None, accepted_why="", accepted_by="")


def assign(ctx: Context, actor: Actor, account: str, finding: str, owner: str) -> Life:
    """Say who sees to a finding: an admin of the account, or nobody."""
    with ctx.database.writing() as tx:
        life, own = _locked(ctx, tx, actor, account, finding)
        standing = accounts.find_standing(tx, owner, own) if is_guid(owner) else None
        if owner and (standing is None or not standing.is_admin):
            raise Refusal(INVALID_FIELD, field="owner", reason="choose an admin of the account.")
        custody.change(tx, life.id, owner=owner)
        told = {"finding": life.id, "code": life.code, "user": owner}
        audit.record(tx, ctx.event("FindingAssigned", actor.email, account=own, **told))
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
        units = _concerned(tx, [event for _, event in behind if event.name not in _OWN_EVENTS])
        position = behind[-1][0] if behind else custody.newest_position(tx)
    if begun is not None and not behind:
        return False
    for unit in sorted(units):
        judge(ctx, unit)
    with ctx.database.writing() as tx:
        lock(tx, "record", "custody history")
        custody.mark_history(tx, ctx.now, max(position, custody.find_mark(tx) or 0))
    return len(behind) == _MOST_EVENTS


def judge_due(ctx: Context) -> int:
    """Judge the accounts and organizations that were judged longest ago; return how many there were."""
    with ctx.database.reading() as tx:
        due = custody.list_due(tx, ctx.now - JUDGED_EVERY, _MOST_UNITS)
    for unit in due:
        judge(ctx, unit)
        with ctx.database.writing() as tx:
            custody.mark(tx, unit, ctx.now)
    return len(due)


def judge(ctx: Context, unit: Unit) -> bool:
    """Judge one account or organization, and keep what changed; return whether anything did."""
    with ctx.database.reading() as tx:
        if not _is_changed(ctx, tx, unit):
            return False
    with ctx.database.writing() as tx:
        lock(tx, "organization" if unit.kind == "organization" else "account", unit.id)
        return _keep(ctx, tx, unit)


def _is_changed(ctx: Context, tx: Connection, unit: Unit) -> bool:
    findings, score = _judged(ctx, tx, unit)
    known = custody.find_score(tx, unit, _day(ctx.now))
    return score != known or not compare(custody.list_open(tx, unit), findings).is_nothing


def _keep(ctx: Context, tx: Connection, unit: Unit) -> bool:
    findings, score = _judged(ctx, tx, unit)
    change = compare(custody.list_open(tx, unit), findings)
    custody.save_score(tx, unit, _day(ctx.now), score)
    for finding in change.opened:
        custody.open_finding(tx, new_guid(), finding, ctx.now)
    for life, finding in change.reworded:
        custody.say_again(tx, life.id, finding)
    for life in change.fixed:
        custody.change(tx, life.id, fixed_at=ctx.now)
    if change.opened or change.fixed:
        audit.record(tx, _told(ctx, unit, change.opened, change.fixed))
    return True


def _told(ctx: Context, unit: Unit, opened: tuple[Finding, ...], fixed: tuple[Life, ...]) -> Event:
    said = {
        "found": " ".join(sorted({finding.code for finding in opened})),
        "fixed": " ".join(sorted({life.code for life in fixed})),
    }
    if unit.kind == "organization":
        return ctx.event("CustodyChanged", "system", organization=unit.id, **said)
    return ctx.event("CustodyChanged", "system", account=unit.id, **said)


def _judged(ctx: Context, tx: Connection, unit: Unit) -> tuple[tuple[Finding, ...], int]:
    """The findings of a unit alone, and its score without those that are accepted."""
    lives = custody.list_open(tx, unit)
    if unit.kind == "organization":
        inventory = inventories.of_organization(tx, unit.id, ctx.environment, ctx.now)
        found = find_all(inventory, ctx.policy)
        scores = scores_of(inventory, counted(found, lives, ctx.now)).organizations
        return tuple(each for each in found if not each.account and each.organization == unit.id), scores.get(
            unit.id, 100
        )
    inventory = _of_account(ctx, tx, unit.id)
    found = find_all(inventory, ctx.policy)
    scores = scores_of(inventory, counted(found, lives, ctx.now)).accounts
    return tuple(each for each in found if each.account == unit.id), scores.get(unit.id, 100)


def _concerned(tx: Connection, behind: list[Event]) -> set[Unit]:
    """Whom events concern: by account, key, organization, and the users that they name."""
    found = {Unit("account", event.account) for event in behind if event.account}
    led = [event.data["organization"] for event in behind if event.data.get("organization")]
    users = [event.data["user"] for event in behind if event.data.get("user")]
    came = [accounts.find_user_by_email(tx, event.actor) for event in behind if event.name == "SignedIn"]
    users += [found_user[0].id for found_user in came if found_user]
    return found | custody.list_units_of(tx, users, led, [event.key for event in behind if event.key])


# ── facts that only this ring can put together ──────────────────────────────────────────────────────────────────────
def _of_account(ctx: Context, tx: Connection, account: str) -> Inventory:
    """The facts of an account, with what reviews and papers tell of its keys."""
    inventory = inventories.of_account(tx, account, ctx.environment, ctx.now)
    return replace(inventory, keys=tuple(_with_papers(ctx, tx, key) for key in inventory.keys))


def _with_papers(ctx: Context, tx: Connection, key: KeyFacts) -> KeyFacts:
    if ctx.environment == "demo":
        review = None if key.live else golive.find_newest_review(tx, key.key)
        usable = review is not None and review.passed_at is not None and not is_expired(review, ctx.now, ctx.policy)
        return replace(key, review_ends_at=review.expires_at(ctx.policy)) if review and usable else key
    if not any(each.kind == "keypair" for each in key.credentials):
        return key
    row = promotion.find_promotion_of_key(tx, key.key)
    in_demo = set(kept_ticket(row.paper).sheet.thumbprints) if row else set()
    return replace(key, credentials=tuple(_compared(each, in_demo) for each in key.credentials))


def _compared(credential: Credential, in_demo: set[str]) -> Credential:
    return replace(credential, in_both=credential.fingerprint in in_demo)


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"
