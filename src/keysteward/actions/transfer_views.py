"""What do the people of a transfer see of it, and what is to be known before one begins?"""

from collections.abc import Mapping
from typing import NamedTuple

from keysteward.actions import domains
from keysteward.actions.context import Context
from keysteward.actions.keys import managed
from keysteward.actions.transfer_cases import case_of, demand_production, demand_step, seen_case
from keysteward.rules.access import TRANSFER_KEYS, Actor, demand_permission
from keysteward.rules.keys import App, Settings
from keysteward.rules.refusals import TRANSFER_NOT_READY, Refusal
from keysteward.rules.transfer_words import statement_of
from keysteward.rules.transfers import (
    SIDES,
    Case,
    Side,
    Status,
    Step,
    Transfer,
    domain_of,
    is_open_to,
    needs_approval,
    sees_all,
    status_of,
    views,
)
from keysteward.store import accounts, keys, transfers
from keysteward.store.database import Connection

_MOST = 200
_STEPS: tuple[Step, ...] = ("accept", "approve", "veto", "cancel")


class Moving(NamedTuple):
    """All that goes with a key, and what only stays good for a while."""

    settings: Settings
    consents: int
    organization_consents: int
    refresh_families: int


class Seen(NamedTuple):
    """A transfer as somebody sees it. `moving` is None, and the source's name empty, for who may not see them yet.

    `signing` has the sentence of each side that they may confirm for now, and `steps` what else they may do. `held_up`
    says why the next step cannot be taken, though nobody's word is missing for it.
    """

    case: Case
    status: Status
    sides: frozenset[Side]
    is_all: bool
    moving: Moving | None
    steps: frozenset[Step]
    signing: Mapping[Side, str]
    approval: bool
    held_up: Refusal | None = None

    @property
    def transfer(self) -> Transfer:
        """The transfer itself."""
        return self.case.transfer

    @property
    def ended_by(self) -> str:
        """Who ended it, "system" where its time was up; of one another's people the sides learn by the acceptance."""
        ending = self.case.transfer.ending
        if ending is None:
            return ""
        return ending.act.email if self._is_own_ending or ending.end == "expired" else "one of both sides"

    @property
    def reason(self) -> str:
        """Why they say it ended; a destination that has not accepted reads no word of the source's."""
        ending = self.case.transfer.ending
        return ending.reason if ending is not None and (self.is_all or self._is_own_ending) else ""

    @property
    def _is_own_ending(self) -> bool:
        """Whether who looks ended it, or both sides know one another."""
        ending, person, accepted = self.case.transfer.ending, self.case.person, self.case.transfer.accepted
        is_own = ending is not None and person is not None and person.user == ending.act.by
        return is_own or accepted is not None


class Preview(NamedTuple):
    """What is to be known before a transfer begins; `pending` is the one under way, if any."""

    app: App
    moving: Moving
    pending: Transfer | None


def list_seen(ctx: Context, actor: Actor) -> list[Seen]:
    """The transfers of the actor's accounts and organizations, the newest first."""
    demand_permission(actor, TRANSFER_KEYS)
    with ctx.database.reading() as tx:
        own = [each.account.id for each in accounts.list_standings_of_user(tx, actor.user) if each.is_admin]
        councils = [each.id for each in accounts.list_organizations_of_admin(tx, actor.user)]
        found = [case_of(ctx, tx, each, actor.user) for each in transfers.list_of(tx, own, councils, _MOST)]
        return [_seen(tx, case, with_moving=False) for case in found if case.person and views(case, case.person)]


def load_seen(ctx: Context, actor: Actor, transfer: str) -> Seen:
    """One of them."""
    demand_permission(actor, TRANSFER_KEYS)
    with ctx.database.reading() as tx:
        return _seen(tx, seen_case(ctx, tx, actor, transfer), with_moving=True)


def preview(ctx: Context, actor: Actor, key: str) -> Preview:
    """What a transfer of a key would move, for those who manage it."""
    with ctx.database.reading() as tx:
        app, _ = managed(tx, actor, key, TRANSFER_KEYS)
        demand_production(ctx)
        pending = transfers.find_pending(tx, app.key)
        is_over = pending is not None and ctx.now >= pending.expires_at
        return Preview(app, _moving(tx, app.key), None if is_over else pending)


def load_record(ctx: Context, actor: Actor, transfer: str) -> str:
    """The signed record of a transfer that moved its key, for both sides."""
    seen = load_seen(ctx, actor, transfer)
    if not seen.transfer.record:
        raise Refusal(TRANSFER_NOT_READY, status=seen.status)
    return seen.transfer.record


def _seen(tx: Connection, case: Case, *, with_moving: bool) -> Seen:
    person = case.person
    assert person is not None  # noqa: S101 — both callers name who looks
    is_all = sees_all(case, person)
    return Seen(
        case=case,
        status=status_of(case),
        sides=views(case, person),
        is_all=is_all,
        moving=_moving(tx, case.app.key) if with_moving and is_all and _is_under_way(case) else None,
        steps=frozenset(step for step in _STEPS if is_open_to(step, case)),
        signing=_signing(case) if is_all else {},
        approval=needs_approval(case),
        held_up=_held_up(tx, case) if with_moving else None,
    )


def _held_up(tx: Connection, case: Case) -> Refusal | None:
    """What keeps the destination from accepting, and the key from moving where every word is there."""
    status, person = status_of(case), case.person
    try:
        if status == "to be accepted" and person is not None and "destination" in views(case, person):
            demand_step("accept", case)
        if status == "ready":
            demand_step("move", case)
            if case.transfer.organization is not None:
                domains.demand_proved(tx, case.transfer.organization, domain_of(case.transfer.requester))
    except Refusal as refusal:
        return refusal
    return None


def _is_under_way(case: Case) -> bool:
    return case.transfer.ending is None and case.now < case.transfer.expires_at


def _signing(case: Case) -> dict[Side, str]:
    open_to = [side for side in SIDES if is_open_to("confirm", case.on(side))]
    return {side: statement_of(side, case.app, case.source, case.destination) for side in open_to}


def _moving(tx: Connection, key: str) -> Moving:
    return Moving(keys.load_settings(tx, key), *transfers.count_moving(tx, key))
