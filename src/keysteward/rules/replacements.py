"""How far has a key been replaced, when is it safe to retire the old one, and who may do so and take it back?

A new key names its predecessor: that is its makers' word, and gives them nothing. Read STEPS from top to bottom: each
step of a retirement with everything that stops it, in the order in which it is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple

from keysteward.rules.accounts import Account, Standing
from keysteward.rules.cut_over import Quiet, is_quiet_for, why_not_safe
from keysteward.rules.keys import App, checked_text
from keysteward.rules.organizations import free_to_stand_in
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ADMIN_REMOVED_LATELY,
    CONFLICT,
    INVALID_FIELD,
    KEY_DELETED,
    KEY_NOT_RETIRED,
    KEY_RETIRED,
    NOT_SAFE_TO_RETIRE,
    NOT_YOURS_TO_RETIRE,
    RETIRED_FOR_GOOD,
    SIGNER_GONE,
    USED_LATELY,
    Kind,
    Refusal,
)
from keysteward.rules.transfers import Act
from keysteward.rules.words import is_guid

Hand = Literal["admin", "stand-in", "operator"]
HANDS: tuple[Hand, ...] = ("admin", "stand-in", "operator")
"""Who retires: an admin of the account that manages the old key, an organization admin, or an operator."""

End = Literal["called off", "expired", "brought back", "final"]
Status = Literal[
    "to be approved", "waiting", "ready", "retired", "called off", "expired", "brought back", "final"
]  # fmt: skip
Step = Literal["retire", "approve", "bring back", "take effect", "finish"]
PENDING: frozenset[Status] = frozenset({"to be approved", "waiting", "ready"})


@dataclass(frozen=True, slots=True)
class Replacement:
    """A new key, and the one that it replaces by the word of whoever made it."""

    key: str
    predecessor: str
    remark: str
    named_by: str
    named_at: datetime


class Ended(NamedTuple):
    """How a retirement ended, by whom (the system has no address), and why they say."""

    end: End
    act: Act
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retirement:
    """The old key of a replacement on its way out.

    It is in force from `retired_at` on; a stand-in asks first, and waits until `waits_until`. `was_stopped` says that
    the key stood still already, so that taking the retirement back leaves it so.
    """

    id: str
    key: str
    successor: str
    hand: Hand
    asked: Act
    reason: str
    retired_at: datetime | None = None
    was_stopped: bool = False
    waits_until: datetime | None = None
    expires_at: datetime | None = None
    organization: str | None = None
    requester: str = ""
    needs_second: bool = False
    approved: Act | None = None
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they stand towards an old key: in its account, over organizations since when, and as operator."""

    user: str
    in_account: Standing | None = None
    administers: Mapping[str, datetime] = field(default_factory=dict)
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """An old key with all that is asked of it now.

    `person` takes the step with the hand that `hand` says, `despite_use` says that they know what still uses the key,
    and `is_replaced` that the new key is there still.
    `signers` are those who asked and approved, as they stand now. `admin_removed_at` says when somebody last took the
    office of an admin of the organization that stands in.
    """

    replacement: Replacement
    app: App
    account: Account
    quiet: Quiet
    now: datetime
    policy: Policy
    retirement: Retirement | None = None
    person: Person | None = None
    hand: Hand = "admin"
    despite_use: bool = False
    is_replaced: bool = True
    signers: Mapping[Literal["asked", "approved"], Person] = field(default_factory=dict)
    admin_removed_at: datetime | None = None

    def by(self, hand: Hand) -> "Case":
        """The same, for a step by another hand."""
        return replace(self, hand=hand)

    def knowing(self) -> "Case":
        """The same, for somebody who says that they know what still uses the key."""
        return replace(self, despite_use=True)


# ── what a new key says of the old one ──────────────────────────────────────────────────────────────────────────────
def checked_predecessor(unverified_predecessor: str) -> str:
    """The GUID of a key that a new one replaces, or nothing; whose it is, or whether there is one, nobody is told."""
    named = unverified_predecessor.strip().lower()
    if named and not is_guid(named):
        reason = "give the integration key of the old app, such as 7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11."
        raise Refusal(INVALID_FIELD, field="predecessor", reason=reason)
    return named


def checked_remark(unverified_remark: str) -> str:
    """A line about why a key is replaced, or nothing."""
    return checked_text(unverified_remark, "remark", least=0)


# ── how far is it? ──────────────────────────────────────────────────────────────────────────────────────────────────
def status_of(case: Case) -> Status | None:
    """Where the retirement of a key stands; None where nobody asked for it."""
    asked = case.retirement
    if asked is None:
        return None
    if asked.ended is not None:
        return asked.ended.end
    if asked.retired_at is not None:
        return "final" if case.now >= final_at(asked.retired_at, case.policy) else "retired"
    return _pending(case, asked)


def _pending(case: Case, asked: Retirement) -> Status:
    if asked.expires_at is not None and case.now >= asked.expires_at:
        return "expired"
    if needs_approval(case) and asked.approved is None:
        return "to be approved"
    return "waiting" if asked.waits_until is not None and case.now < asked.waits_until else "ready"


def final_at(retired_at: datetime, policy: Policy) -> datetime:
    """From when on nobody brings a retired key back."""
    return retired_at + policy.retired_key_life


def needs_approval(case: Case) -> bool:
    """A stand-in needs the word of a second organization admin, where there was one when it was asked."""
    asked = case.retirement
    return asked is not None and asked.hand == "stand-in" and asked.needs_second


# ── who is who? ─────────────────────────────────────────────────────────────────────────────────────────────────────
def is_admin_of_it(person: Person) -> bool:
    """An active admin of the account that manages the old key."""
    return person.in_account is not None and person.in_account.is_admin


def is_of_council(case: Case, person: Person) -> bool:
    """An admin of the organization to which the account is linked, and was when it began to stand in."""
    organization = case.account.organization
    asked = case.retirement
    is_under_way = asked is not None and asked.hand == "stand-in" and asked.ended is None
    began_by = asked.organization if asked is not None and is_under_way else organization
    return organization is not None and organization == began_by and organization in person.administers


def may_retire(case: Case, person: Person) -> bool:
    """Whether somebody has the hand with which they retire."""
    has: Mapping[Hand, bool] = {
        "admin": is_admin_of_it(person),
        "stand-in": is_of_council(case, person),
        "operator": person.is_operator,
    }
    return has[case.hand]


def may_approve(case: Case, person: Person) -> bool:
    """Another organization admin than the one who stands in, who was one before it was asked."""
    asked = case.retirement
    if asked is None or not is_of_council(case, person) or person.user == asked.asked.by:
        return False
    return person.administers[case.account.organization or ""] <= asked.asked.at


def may_bring_back(case: Case, person: Person) -> bool:
    """An admin of the account always; otherwise those whose hand it was."""
    asked = case.retirement
    by_hand = asked is not None and may_retire(case.by(asked.hand), person)
    return is_admin_of_it(person) or by_hand


# ── what stops a step? ──────────────────────────────────────────────────────────────────────────────────────────────
def key_deleted(case: Case) -> Kind | None:
    """The old key was deleted by its account."""
    return KEY_DELETED if case.app.deleted_at is not None else None


def successor_deleted(case: Case) -> Kind | None:
    """The new key was deleted: nothing takes the place of the old one."""
    return None if case.is_replaced else KEY_DELETED


def retired_already(case: Case) -> Kind | None:
    """Somebody retired it, or asked to."""
    status = status_of(case)
    return KEY_RETIRED if status in PENDING | {"retired", "final"} else None


def nothing_to_approve(case: Case) -> Kind | None:
    """No stand-in waits for a word."""
    asked = case.retirement
    is_asked = asked is not None and asked.hand == "stand-in" and status_of(case) in PENDING
    return None if is_asked else KEY_NOT_RETIRED


def approved_already(case: Case) -> Kind | None:
    """A second organization admin approved before, who still may."""
    approver = case.signers.get("approved")
    return CONFLICT if approver is not None and may_approve(case, approver) else None


def not_retired(case: Case) -> Kind | None:
    """There is nothing to take back."""
    return KEY_NOT_RETIRED if status_of(case) in {None, "called off", "expired", "brought back"} else None


def retired_for_good(case: Case) -> Kind | None:
    """The days in which it could come back are over."""
    return RETIRED_FOR_GOOD if status_of(case) == "final" else None


def account_not_open(case: Case) -> Kind | None:
    """An admin retires keys of an open account, a stand-in those of one that is not suspended."""
    is_fine: Mapping[Hand, bool] = {
        "admin": case.account.state == "open",
        "stand-in": case.account.state != "suspended",
        "operator": True,
    }
    return None if is_fine[case.hand] else ACCOUNT_NOT_OPEN


def admin_removed_lately(case: Case) -> Kind | None:
    """The organization that stands in lost an admin, who had no time yet to object."""
    free_at = free_to_stand_in(case.admin_removed_at, case.now, case.policy.stand_in_wait)
    return ADMIN_REMOVED_LATELY if case.hand == "stand-in" and free_at else None


def used_lately(case: Case) -> Kind | None:
    """An operator retires what nobody calls with."""
    is_quiet = is_quiet_for(case.quiet, case.policy.quiet_before_operator_retires, case.now)
    return USED_LATELY if case.hand == "operator" and not is_quiet else None


def not_safe(case: Case) -> Kind | None:
    """Something still uses the key, and whoever retires it did not say that they know."""
    is_told = case.despite_use or case.hand == "operator"
    return None if is_told or not why_not_safe(case.quiet, case.now, case.policy) else NOT_SAFE_TO_RETIRE


def not_ready(case: Case) -> Kind | None:
    """The wait or the word of a second admin is missing, or it is over."""
    return None if status_of(case) == "ready" else KEY_NOT_RETIRED


def signer_gone(case: Case) -> Kind | None:
    """Who asked or who approved may not do so any more."""
    asked, approved = case.signers.get("asked"), case.signers.get("approved")
    is_gone = asked is None or not is_of_council(case, asked)
    return SIGNER_GONE if is_gone or (approved is not None and not may_approve(case, approved)) else None


def not_over(case: Case) -> Kind | None:
    """It can come back still, or has."""
    is_due = case.retirement is not None and case.retirement.ended is None and status_of(case) == "final"
    return None if is_due else KEY_NOT_RETIRED


def not_for_them(may: Callable[[Case, Person], bool]) -> Callable[[Case], Kind | None]:
    """The step is not for whoever asks."""

    def not_yours_to_retire(case: Case) -> Kind | None:
        return None if case.person is not None and may(case, case.person) else NOT_YOURS_TO_RETIRE

    return not_yours_to_retire


Check = Callable[[Case], Kind | None]
STEPS: Mapping[Step, tuple[Check, ...]] = {
    "retire": (
        not_for_them(may_retire), retired_already, key_deleted, successor_deleted, account_not_open,
        admin_removed_lately, used_lately, not_safe,
    ),
    "approve": (not_for_them(may_approve), nothing_to_approve, approved_already),
    "bring back": (not_for_them(may_bring_back), not_retired, retired_for_good),
    "take effect": (not_ready, key_deleted, successor_deleted, signer_gone, account_not_open),
    "finish": (not_over,),
}  # fmt: skip
"""What is demanded of each step. Whoever does not see the cut-over never gets here."""


def is_open_to(step: Step, case: Case) -> bool:
    """Whether nothing stops a step now."""
    return not any(check(case) for check in STEPS[step])


# ── who sees what of the cut-over? ──────────────────────────────────────────────────────────────────────────────────
Sight = Literal["all", "usage", "signal", "nothing"]


def sight_of(case: Case, *, is_proven: bool) -> Sight:
    """What somebody sees: an admin of the old key all, who proved a credential of it no users, others what they need.

    An organization admin and an operator see what their decision rests on, and not how the key is used.
    """
    person = case.person
    if person is None:
        return "nothing"
    if is_admin_of_it(person):
        return "all"
    if is_proven:
        return "usage"
    return "signal" if is_of_council(case, person) or person.is_operator else "nothing"
