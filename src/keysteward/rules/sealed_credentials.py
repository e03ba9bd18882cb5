"""Who may be given a sealed credential, and by whose word?

Read STEPS from top to bottom: each step of a release with everything that stops it, in the order in which it is asked.
Nobody releases alone, and who may approve is settled when it is asked, so that nobody is made an admin for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from keysteward.rules.accounts import Account, Standing, User
from keysteward.rules.keys import App, Keypair, Secret, Settings, is_live
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    KEY_DELETED,
    NO_SUCH_OBJECT,
    NOBODY_APPROVES,
    NOT_YOUR_RELEASE,
    RELEASE_APPROVED,
    RELEASE_NOT_APPROVED,
    RELEASE_OVER,
    RELEASE_SIGNER_GONE,
    SERVICE_ADMIN_RELEASES,
    Kind,
)
from keysteward.rules.transfers import Act

Credential = Literal["secret key", "keypair"]
State = Literal["in use", "old", "dead"]
End = Literal["downloaded", "cancelled", "refused", "expired"]
Status = Literal["waiting", "approved", "downloaded", "cancelled", "refused", "expired"]
Step = Literal["ask", "approve", "refuse", "cancel", "download"]

STATES: Mapping[State, str] = {
    "in use": "In use",
    "old": "Old: a newer one was made",
    "dead": "Dead: it works no more",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who can open what is sealed: the public key of a pair whose private identity never comes here."""

    id: str
    account: str
    label: str
    public_key: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret or private key that was sealed when it was made. `hint` is how its app knows it."""

    credential: str
    account: str
    key: str
    kind: Credential
    hint: str
    recipients: tuple[str, ...]
    sealed_at: datetime
    sealed_by: str


class Ending(NamedTuple):
    """How a release ended, by whom (the system has no address), and why they say."""

    end: End
    act: Act
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """One admin's wish to be given a sealed credential, until it is over.

    `approvers` are the users who may approve, as it was settled when it was asked; of an organization where
    `organization` names one. `expires_at` is until when somebody approves, and then until when it is downloaded.
    """

    id: str
    credential: str
    account: str
    key: str
    kind: Credential
    hint: str
    reason: str
    approvers: tuple[str, ...]
    organization: str
    asked: Act
    expires_at: datetime
    approved: Act | None = None
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody as they stand towards a release; `is_of_organization` says that they administer the account's."""

    user: User
    standing: Standing | None
    is_of_organization: bool = False

    @property
    def is_admin(self) -> bool:
        """An active admin of the account."""
        return self.standing is not None and self.standing.is_admin


@dataclass(frozen=True, slots=True)
class Case:
    """A release with all that is asked of it now. `is_kept` says that the ciphertext is still there."""

    release: Release
    account: Account
    app: App
    is_kept: bool
    now: datetime
    policy: Policy
    person: Party
    asker: Party
    approver: Party | None = None

    def by(self, person: Party) -> "Case":
        """The same, as somebody else looks at it."""
        return replace(self, person=person)


# ── what is sealed ──────────────────────────────────────────────────────────────────────────────────────────────────
def state_of(sealed: Sealed, settings: Settings, now: datetime) -> State:
    """How a sealed credential stands: rotation makes it old, its end makes it dead."""
    others: tuple[Secret | Keypair, ...] = settings.secrets if sealed.kind == "secret key" else settings.keypairs
    own = next((each for each in others if each.id == sealed.credential), None)
    if own is None or not is_live(own, now):
        return "dead"
    is_replaced = any(each.created_at > own.created_at and is_live(each, now) for each in others)
    return "old" if is_replaced else "in use"


# ── who is who? ─────────────────────────────────────────────────────────────────────────────────────────────────────
def is_one_person(one: User, other: User) -> bool:
    """One user, or two whose mail comes to one box: `ada+keys@…` is `ada@…`."""
    return one.id == other.id or _box(one.email) == _box(other.email)


def approvers(asker: User, admins: Iterable[User], organization_admins: Iterable[User]) -> tuple[list[User], bool]:
    """Who may approve what somebody asks, and whether it is for the organization because the account has nobody else.

    A service admin is nobody: who is behind it cannot be told.
    """
    own = [each for each in admins if _counts(each, asker)]
    return (own, False) if own else ([each for each in organization_admins if _counts(each, asker)], True)


def _counts(user: User, asker: User) -> bool:
    return user.state == "active" and not user.service and not is_one_person(user, asker)


def _box(address: str) -> str:
    name, _, host = address.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{host}"


def may_approve(case: Case, person: Party) -> bool:
    """One of those who could when it was asked, and still may; never who asked, by whatever user."""
    if person.user.id not in case.release.approvers or not _counts(person.user, case.asker.user):
        return False
    if not case.release.organization:
        return person.is_admin
    return person.is_of_organization and case.account.organization == case.release.organization


def may_refuse(case: Case, person: Party) -> bool:
    """Any other admin of the account or of its organization."""
    return (person.is_admin or person.is_of_organization) and person.user.id != case.release.asked.by


def is_asker(case: Case, person: Party) -> bool:
    """Whoever asked, and is admin of the account still."""
    return person.user.id == case.release.asked.by and person.is_admin


def sees(person: Party) -> bool:
    """Admins of the account and of its organization; for all others there is no such request."""
    return person.is_admin or person.is_of_organization


# ── how does it stand? ──────────────────────────────────────────────────────────────────────────────────────────────
def status_of(release: Release, now: datetime) -> Status:
    """Where a release stands; that its time is up needs nobody to say so."""
    if release.ending is not None:
        return release.ending.end
    if now >= release.expires_at:
        return "expired"
    return "waiting" if release.approved is None else "approved"


def is_over(release: Release, now: datetime) -> bool:
    """Whether nothing can come of it any more."""
    return status_of(release, now) not in {"waiting", "approved"}


# ── what stops a step? ──────────────────────────────────────────────────────────────────────────────────────────────
def over(case: Case) -> Kind | None:
    """It was downloaded, cancelled or refused, or its time is up."""
    return RELEASE_OVER if is_over(case.release, case.now) else None


def service_admin(case: Case) -> Kind | None:
    """Who is behind a service admin cannot be told, so it is neither of the two."""
    return SERVICE_ADMIN_RELEASES if case.person.user.service else None


def account_suspended(case: Case) -> Kind | None:
    """A suspended account gives nothing out; a closed one may be just where it is needed."""
    return ACCOUNT_NOT_OPEN if case.account.state == "suspended" else None


def key_deleted(case: Case) -> Kind | None:
    """The key was deleted."""
    return KEY_DELETED if case.app.deleted_at is not None else None


def gone(case: Case) -> Kind | None:
    """The credential was removed, or its key moved to another account, and its ciphertext with it."""
    return None if case.is_kept and case.app.account == case.account.id else NO_SUCH_OBJECT


def nobody_approves(case: Case) -> Kind | None:
    """There is no second admin, and no admin of an organization."""
    return None if case.release.approvers else NOBODY_APPROVES


def approved_already(case: Case) -> Kind | None:
    """A second admin approved before."""
    return RELEASE_APPROVED if case.release.approved is not None else None


def not_approved(case: Case) -> Kind | None:
    """Nobody approved yet."""
    return RELEASE_NOT_APPROVED if case.release.approved is None else None


def signer_gone(case: Case) -> Kind | None:
    """Who approved may not do so any more."""
    approver = case.approver
    return None if approver is None or may_approve(case, approver) else RELEASE_SIGNER_GONE


def not_for_them(may: Callable[[Case, Party], bool]) -> Callable[[Case], Kind | None]:
    """The step is not for whoever asks."""

    def not_your_release(case: Case) -> Kind | None:
        return None if may(case, case.person) else NOT_YOUR_RELEASE

    return not_your_release


Check = Callable[[Case], Kind | None]
_THERE: tuple[Check, ...] = (account_suspended, key_deleted, gone)
STEPS: Mapping[Step, tuple[Check, ...]] = {
    "ask": (service_admin, *_THERE, nobody_approves),
    "approve": (service_admin, not_for_them(may_approve), over, approved_already, *_THERE),
    "refuse": (not_for_them(may_refuse), over),
    "cancel": (not_for_them(is_asker), over),
    "download": (not_for_them(is_asker), over, not_approved, signer_gone, *_THERE),
}
"""What is demanded of each step. Whoever sees nothing of a release never gets here."""


def is_open_to(step: Step, case: Case) -> bool:
    """Whether nothing stops a step now."""
    return not any(check(case) for check in STEPS[step])
