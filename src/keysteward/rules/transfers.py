"""Who may do which step of a transfer, what does each side see, and when may the key move?

Read STEPS from top to bottom: each step with everything that stops it, in the order in which it is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple

from keysteward.rules.accounts import Account, Standing
from keysteward.rules.domains import ascii_name
from keysteward.rules.keys import App
from keysteward.rules.organizations import free_to_stand_in
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ADMIN_REMOVED_LATELY,
    KEY_DELETED,
    NOT_YOUR_STEP,
    SIGNER_GONE,
    SOURCE_NOT_OPEN,
    STEP_TAKEN,
    TRANSFER_NOT_ACCEPTED,
    TRANSFER_NOT_READY,
    TRANSFER_OVER,
    WRONG_PLAN,
    Kind,
)

Side = Literal["source", "destination"]
SIDES: tuple[Side, ...] = ("source", "destination")
Hand = Literal["admin", "former admin", "stand-in"]
"""Who started it: an admin of the management account, who was one when it closed, or an organization admin."""

End = Literal["moved", "cancelled", "vetoed", "expired"]
Status = Literal[
    "to be accepted", "to be confirmed", "to be approved", "waiting", "ready", "moved", "cancelled", "vetoed", "expired"
]
Step = Literal["start", "accept", "confirm", "approve", "veto", "cancel", "move"]


class Act(NamedTuple):
    """Who did something, and when."""

    by: str
    email: str
    at: datetime


class Confirmation(NamedTuple):
    """One side's written word, and the paper that keeps it signed."""

    side: Side
    act: Act
    statement: str
    paper: str


class Ending(NamedTuple):
    """How a transfer ended, by whom (the system has no address), and why they say."""

    end: End
    act: Act
    reason: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A key on its way from one production account to another.

    `organization` and `requester` are those of a stand-in, which waits until `waits_until`. `needs_second` says that
    the organization had a second admin when it began, and `approved` is such a one's word.
    """

    id: str
    key: str
    source: str
    destination: str
    hand: Hand
    started: Act
    expires_at: datetime
    waits_until: datetime | None = None
    organization: str | None = None
    requester: str = ""
    needs_second: bool = False
    accepted: Act | None = None
    approved: Act | None = None
    confirmations: tuple[Confirmation, ...] = ()
    ending: Ending | None = None
    record: str = ""

    @property
    def is_stand_in(self) -> bool:
        """Whether an organization admin acts for the lost admin."""
        return self.hand == "stand-in"

    def confirmed(self, side: Side) -> Confirmation | None:
        """What one side confirmed."""
        return next((each for each in self.confirmations if each.side == side), None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they stand towards a transfer: in both accounts, and over which organizations since when."""

    user: str
    in_source: Standing | None = None
    in_destination: Standing | None = None
    administers: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A transfer with all that is asked of it now.

    `person` takes the step, on `side` where it is one of both sides that takes it; `signers` are those who confirmed
    and `approver` who approved, as they stand now. `admin_removed_at` says when somebody last took the office of an
    admin of the organization that stands in.
    """

    transfer: Transfer
    app: App
    source: Account
    destination: Account
    now: datetime
    policy: Policy
    person: Person | None = None
    side: Side = "source"
    signers: Mapping[Side, Person] = field(default_factory=dict)
    approver: Person | None = None
    admin_removed_at: datetime | None = None

    def on(self, side: Side) -> "Case":
        """The same, for a step of one side."""
        return replace(self, side=side)


# ── how does it stand? ──────────────────────────────────────────────────────────────────────────────────────────────
def status_of(case: Case) -> Status:
    """Where a transfer stands; that it expired needs nobody to say so."""
    transfer = case.transfer
    if transfer.ending is not None:
        return transfer.ending.end
    if case.now >= transfer.expires_at:
        return "expired"
    return _next(case)


def _next(case: Case) -> Status:
    transfer = case.transfer
    unmet: tuple[tuple[bool, Status], ...] = (
        (transfer.accepted is None, "to be accepted"),
        (len(transfer.confirmations) < len(SIDES), "to be confirmed"),
        (needs_approval(case) and transfer.approved is None, "to be approved"),
        (transfer.waits_until is not None and case.now < transfer.waits_until, "waiting"),
    )
    return next((status for is_unmet, status in unmet if is_unmet), "ready")


def needs_approval(case: Case) -> bool:
    """A stand-in needs the word of a second organization admin, where there was one when it began."""
    return case.transfer.is_stand_in and case.transfer.needs_second


# ── who is who? ─────────────────────────────────────────────────────────────────────────────────────────────────────
def is_admin_of_source(person: Person) -> bool:
    """An active admin of the account that manages the key."""
    return person.in_source is not None and person.in_source.is_admin


def is_admin_of_destination(person: Person) -> bool:
    """An active admin of the account that is to manage it."""
    return person.in_destination is not None and person.in_destination.is_admin


def is_of_council(case: Case, person: Person) -> bool:
    """An admin of the organization that stands in, to which the source is linked still."""
    organization = case.transfer.organization
    return organization is not None and organization in person.administers and organization == case.source.organization


def signs_for(case: Case, side: Side, person: Person) -> bool:
    """Whether somebody may confirm for a side. Who stands in never signs for the destination."""
    transfer = case.transfer
    if side == "destination":
        stands_in = transfer.is_stand_in and person.user == transfer.started.by
        return is_admin_of_destination(person) and not stands_in
    if transfer.hand == "admin":
        return is_admin_of_source(person)
    if person.user != transfer.started.by:
        return False
    return is_of_council(case, person) if transfer.is_stand_in else was_admin_when_it_closed(person, case)


def was_admin_when_it_closed(person: Person, case: Case) -> bool:
    """Who was admin of an account when it closed may transfer its keys for 90 days."""
    closed_at = case.source.state_since
    if case.source.state != "closed" or closed_at is None:
        return False
    return is_admin_of_source(person) and case.now <= closed_at + case.policy.former_admin_life


def may_approve(case: Case, person: Person) -> bool:
    """Another organization admin than the one who stands in, who was one before it began: nobody is named for it."""
    if not is_of_council(case, person) or person.user == case.transfer.started.by:
        return False
    return person.administers[case.transfer.organization or ""] <= case.transfer.started.at


def may_veto(case: Case, person: Person) -> bool:
    """Any admin of the source who can still sign in; in a plain transfer they cancel."""
    return case.transfer.is_stand_in and is_admin_of_source(person)


def may_cancel(case: Case, person: Person) -> bool:
    """Either side; for a stand-in, whoever administers the organization."""
    of_source = is_of_council(case, person) if case.transfer.is_stand_in else is_admin_of_source(person)
    return of_source or is_admin_of_destination(person)


def views(case: Case, person: Person) -> frozenset[Side]:
    """From which sides somebody looks at a transfer; from none, it does not exist for them."""
    of_source = is_admin_of_source(person) or is_of_council(case, person)
    sides: tuple[tuple[bool, Side], ...] = (
        (of_source, "source"), (is_admin_of_destination(person), "destination"),
    )  # fmt: skip
    return frozenset(side for is_there, side in sides if is_there)


def sees_all(case: Case, person: Person) -> bool:
    """The source sees what it gives away; the destination sees no more than name and GUID until it accepts."""
    return "source" in views(case, person) or case.transfer.accepted is not None


def domain_of(address: str) -> str:
    """The domain of an address as organizations claim it: in lower case and ASCII; exactly that one counts."""
    name = address.rpartition("@")[2].strip().casefold()
    return ascii_name(name) if name else ""


# ── what stops a step? ──────────────────────────────────────────────────────────────────────────────────────────────
def over(case: Case) -> Kind | None:
    """The transfer has ended, or its time is up."""
    return TRANSFER_OVER if status_of(case) in {"moved", "cancelled", "vetoed", "expired"} else None


def key_deleted(case: Case) -> Kind | None:
    """The key was deleted meanwhile."""
    return KEY_DELETED if case.app.deleted_at is not None else None


def key_elsewhere(case: Case) -> Kind | None:
    """The key is not the source's any more."""
    return TRANSFER_OVER if case.app.account != case.transfer.source else None


def source_not_open(case: Case) -> Kind | None:
    """A key of a closed account moves only by a stand-in or by who was its admin; one of a suspended account never."""
    is_fine = {
        "admin": case.source.state == "open",
        "former admin": case.source.state == "closed",
        "stand-in": case.source.state != "suspended",
    }
    return None if is_fine[case.transfer.hand] else SOURCE_NOT_OPEN


def closed_too_long_ago(case: Case) -> Kind | None:
    """Whoever was its admin when it closed had their time."""
    if case.transfer.hand != "former admin" or case.person is None:
        return None
    return None if was_admin_when_it_closed(case.person, case) else SOURCE_NOT_OPEN


def admin_removed_lately(case: Case) -> Kind | None:
    """The organization that stands in lost an admin, who had no time yet to object."""
    free_at = free_to_stand_in(case.admin_removed_at, case.now, case.policy.stand_in_wait)
    return ADMIN_REMOVED_LATELY if case.transfer.is_stand_in and free_at else None


def destination_not_open(case: Case) -> Kind | None:
    """The destination is suspended or closed."""
    return None if case.destination.state == "open" else ACCOUNT_NOT_OPEN


def destination_of_wrong_plan(case: Case) -> Kind | None:
    """The destination's plan may not hold live keys."""
    return None if case.policy.is_eligible(case.destination.plan) else WRONG_PLAN


def accepted_already(case: Case) -> Kind | None:
    """Somebody accepted before."""
    return STEP_TAKEN if case.transfer.accepted is not None else None


def not_accepted(case: Case) -> Kind | None:
    """The destination confirms what it has looked at."""
    is_early = case.side == "destination" and case.transfer.accepted is None
    return TRANSFER_NOT_ACCEPTED if is_early else None


def confirmed_already(case: Case) -> Kind | None:
    """The side has confirmed, by somebody who still may."""
    signer = case.signers.get(case.side)
    return STEP_TAKEN if signer is not None and signs_for(case, case.side, signer) else None


def approved_already(case: Case) -> Kind | None:
    """A second organization admin approved before, who still may."""
    return STEP_TAKEN if case.approver is not None and may_approve(case, case.approver) else None


def not_for_them(may: Callable[[Case, Person], bool]) -> Callable[[Case], Kind | None]:
    """The step is not for whoever asks."""

    def not_your_step(case: Case) -> Kind | None:
        return None if case.person is not None and may(case, case.person) else NOT_YOUR_STEP

    return not_your_step


def signer_gone(case: Case) -> Kind | None:
    """Somebody who confirmed or approved may not do so any more."""
    may_still = [signs_for(case, side, signer) for side, signer in case.signers.items()]
    if case.approver is not None:
        may_still.append(may_approve(case, case.approver))
    return None if all(may_still) else SIGNER_GONE


def not_ready(case: Case) -> Kind | None:
    """A confirmation, the approval or the end of the waiting period is missing."""
    return None if status_of(case) == "ready" else TRANSFER_NOT_READY


def _may_accept(case: Case, person: Person) -> bool:
    del case
    return is_admin_of_destination(person)


def _may_confirm(case: Case, person: Person) -> bool:
    return signs_for(case, case.side, person)


Check = Callable[[Case], Kind | None]
_BOTH_ACCOUNTS: tuple[Check, ...] = (source_not_open, destination_not_open, destination_of_wrong_plan)
STEPS: Mapping[Step, tuple[Check, ...]] = {
    "start": (
        key_deleted,
        source_not_open,
        closed_too_long_ago,
        not_for_them(_may_confirm),
        admin_removed_lately,
    ),
    "accept": (not_for_them(_may_accept), over, accepted_already, key_deleted, *_BOTH_ACCOUNTS[1:]),
    "confirm": (not_for_them(_may_confirm), over, not_accepted, confirmed_already, key_deleted, source_not_open),
    "approve": (not_for_them(may_approve), over, approved_already),
    "veto": (not_for_them(may_veto), over),
    "cancel": (not_for_them(may_cancel), over),
    "move": (over, key_deleted, key_elsewhere, not_ready, signer_gone, *_BOTH_ACCOUNTS),
}
"""What is demanded of each step. Whoever sees nothing of a transfer never gets here."""


def is_open_to(step: Step, case: Case) -> bool:
    """Whether nothing stops a step now."""
    return not any(check(case) for check in STEPS[step])
