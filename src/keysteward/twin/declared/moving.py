"""How do declared keys move from one production account to another? Step by step, each by who may take it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions import accounts, stand_ins, transfer_views, transfers
from keysteward.actions import moving as deeds
from keysteward.rules.access import Actor
from keysteward.rules.transfers import Side
from keysteward.rules.transfers import Transfer as Started
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.references import ended_of, step_of
from keysteward.twin.declared.shapes_custody import Ended, Step, Taken, Transfer
from keysteward.twin.declared.stage import Stage, at

_A_WHILE = timedelta(minutes=1)
_ALL_STEPS = 3
_NO_PLAN = "none"
_BEFORE_NOW, _BEFORE_NOW_STANDING_IN = timedelta(days=1), timedelta(days=5)


class _Way(NamedTuple):
    """A transfer that was started: both accounts, who started it, and who may else take a step of it."""

    stage: Stage
    path: str
    declared: Transfer
    started: Started
    council: list[str]

    @property
    def starter(self) -> str:
        """The GUID of who started it."""
        return self.started.started.by

    def admins(self, account: str, *, but: str = "") -> list[str]:
        """Who may act for an account, but for one."""
        return [each for each in self.stage.known.admins[account] if each != but]

    def status(self) -> str:
        """Where it stands, as whoever started it sees it."""
        actor = self.stage.actor(self.starter, self.started.started.at)
        return transfer_views.load_seen(self.stage.ctx, actor, self.started.id).status


class _Taken(NamedTuple):
    """A step that is to be taken."""

    when: datetime
    path: str
    user: str
    deed: Callable[[Stage, Actor, datetime], object]


def move(stage: Stage, key: str) -> None:
    """Play all transfers of a key, in the order in which they began."""
    declared = enumerate(stage.known.transfers_declared)
    own = [(number, each) for number, each in declared if stage.known.apps.load(each.app) == key]
    for number, each in sorted(own, key=lambda found: _started_at(stage, found[1])):
        path = f"{stage.environment}.transfers[{number}]"
        with _closed_before(stage, stage.accounts[key], each):
            way = _start(stage, path, key, each)
            last = _take_steps(way)
            if (ended := ended_of(each.ended)) is not None:
                _end(way, ended, last)
            if way.status() == "moved":
                to = way.started.destination
                stage.moved_to(key, to, _signer(way, to))


def _started_at(stage: Stage, declared: Transfer) -> datetime:
    back = _BEFORE_NOW_STANDING_IN if declared.hand == "stand-in" else _BEFORE_NOW
    return stage.when(declared.started, stage.now - back)


@contextmanager
def _closed_before(stage: Stage, source: str, declared: Transfer) -> Iterator[None]:
    """Whoever was admin when an account closed transfers its keys: it is closed while they do, and opened again."""
    if declared.hand != "former admin":
        yield
        return
    account = next(each for each in stage.known.declared.accounts if stage.known.account_guid(each) == source)
    said = account.state_since if account.state == "closed" else None
    closed_at = stage.when(said, _started_at(stage, declared))
    accounts.change_account(stage.on(closed_at), source, "system", state="closed")
    yield
    accounts.change_account(stage.on(closed_at), source, "system", state="open")


def _start(stage: Stage, path: str, key: str, declared: Transfer) -> _Way:
    known, when, source = stage.known, _started_at(stage, declared), stage.accounts[key]
    destination, organization = known.accounts.load(declared.to), known.organization_of(source)
    council = [known.users.load(each) for each in known.admins_in(organization)] if organization else []
    standing_in = declared.hand == "stand-in"
    usual = (council if standing_in else known.admins[source])[:1]
    if not usual and declared.by is None:
        raise Mistakes([Problem(f"{path}.hand", "its account belongs to no organization that could stand in.")])
    actor = stage.actor(known.users.load(declared.by) if declared.by else usual[0], when)
    with at(path):
        if standing_in:
            guid = known.organization_guid(organization) if organization else ""
            started = stand_ins.stand_in(stage.on(when), actor, guid, key, destination)
        else:
            started = transfers.start(stage.on(when), actor, key, destination)
    return _Way(stage, path, declared, started, council)


def _take_steps(way: _Way) -> datetime:
    """Take what steps were taken, each at its moment; return when the last of it happened."""
    last = way.started.started.at
    planned = []
    for each in _steps(way, last):
        planned.append(each)
        last = max(last, each.when)
    planned.sort(key=lambda step: step.when)
    for each in planned:
        is_last = each is planned[-1] and _stays(way, planned)
        with at(each.path), _hindered(way, each.when) if is_last else nullcontext():
            each.deed(way.stage, way.stage.actor(each.user, each.when), each.when)
    return last


def _stays(way: _Way, steps: Sequence[_Taken]) -> bool:
    """Whether the key stayed where it was when the last step was taken, though nothing was missing any more."""
    ended, last, started = ended_of(way.declared.ended), steps[-1].when, way.started
    if len(steps) < _ALL_STEPS or (started.waits_until is not None and last < started.waits_until):
        return False
    if ended is None or ended.how != "moved":
        return True
    return ended.at is not None and way.stage.when(ended.at, last) > last


@contextmanager
def _hindered(way: _Way, when: datetime) -> Iterator[None]:
    """What kept a key where it was is over, or ends later: meanwhile the destination's plan does not let it in."""
    destination = accounts.find_member(way.stage.ctx, way.started.destination, way.admins(way.started.destination)[0])
    ctx, account = way.stage.on(when), destination.account
    accounts.change_account(ctx, account.id, "system", plan=_NO_PLAN)
    yield
    accounts.change_account(ctx, account.id, "system", plan=account.plan)


def _steps(way: _Way, began: datetime) -> Iterator[_Taken]:
    """The steps in the order in which they are usually taken, each a while after the one before it."""
    declared, started = way.declared, way.started
    ended = ended_of(declared.ended)
    moved, last = ended is not None and ended.how == "moved", began
    usual_source = [way.starter] if declared.hand != "admin" else way.admins(started.source)
    strangers = way.admins(started.destination, but=way.starter if started.is_stand_in else "")
    others = [each for each in way.council if each != way.starter] if started.is_stand_in else []
    wanted: tuple[tuple[str, Taken, list[str], Callable[..., object]], ...] = (
        ("accepted", declared.accepted, strangers, _accept),
        ("source_confirmed", declared.source_confirmed, usual_source, _confirm("source")),
        ("destination_confirmed", declared.destination_confirmed, strangers, _confirm("destination")),
        ("approved", declared.approved, others, _approve),
    )
    for name, given, may, deed in wanted:
        step = step_of(given, is_taken=moved and bool(may))
        if step is not None:
            last = way.stage.when(step.at, last + _A_WHILE)
            user = _user(way, f"{way.path}.{name}", step, may)
            yield _Taken(last, f"{way.path}.{name}", user, _of(started.id, deed))


def _user(way: _Way, path: str, step: Step, may: list[str]) -> str:
    if step.by is not None:
        return way.stage.known.users.load(step.by)
    if not may:
        raise Mistakes([Problem(path, "nobody here may take this step; leave it out.")])
    return may[0]


def _of(transfer: str, deed: Callable[..., object]) -> Callable[[Stage, Actor, datetime], object]:
    return lambda stage, actor, when: deed(stage, actor, when, transfer)


def _accept(stage: Stage, actor: Actor, when: datetime, transfer: str) -> None:
    transfers.accept(stage.on(when), actor, transfer)


def _approve(stage: Stage, actor: Actor, when: datetime, transfer: str) -> None:
    stand_ins.approve(stage.on(when), actor, transfer)


def _confirm(side: Side) -> Callable[[Stage, Actor, datetime, str], None]:
    def confirm(stage: Stage, actor: Actor, when: datetime, transfer: str) -> None:
        """Type the sentence that the transfer shows."""
        ctx = stage.on(when)
        said = transfer_views.load_seen(ctx, actor, transfer).signing.get(side, "")
        transfers.confirm(ctx, actor, transfer, side, said)

    return confirm


def _end(way: _Way, ended: Ended, last: datetime) -> None:
    stage, started = way.stage, way.started
    usual = {"moved": max(last, started.waits_until or last), "expired": started.expires_at}
    when = stage.when(ended.at, usual.get(ended.how, last + _A_WHILE))
    with at(f"{way.path}.ended"):
        if ended.how == "moved" and way.status() != "moved":
            deeds.move(stage.on(when), started.id)
        elif ended.how == "expired" and not deeds.expire(stage.on(when), started.id):
            sentence = f"it was under way until {started.expires_at:%Y-%m-%d %H:%M} UTC; say a later moment."
            raise Mistakes([Problem(f"{way.path}.ended.at", sentence)])
        elif ended.how in {"cancelled", "vetoed"}:
            _stop(way, ended, when)


def _stop(way: _Way, ended: Ended, when: datetime) -> None:
    stage = way.stage
    usual = way.starter if ended.how == "cancelled" else way.admins(way.started.source)[0]
    actor = stage.actor(stage.known.users.load(ended.by) if ended.by else usual, when)
    deed = transfers.cancel if ended.how == "cancelled" else stand_ins.veto
    deed(stage.on(when), actor, way.started.id, ended.reason)


def _signer(way: _Way, destination: str) -> str:
    """Who took the key for its new account, and manages it there from now on."""
    step = step_of(way.declared.destination_confirmed)
    if step is not None and step.by is not None:
        return way.stage.known.users.load(step.by)
    return way.admins(destination, but=way.starter if way.started.is_stand_in else "")[0]
