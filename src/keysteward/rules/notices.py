"""What does a notice say, and when is an expiry told?

A notice is told by mail, in the inbox of the console and by webhook. Its facts are plain texts, never a secret: a
`subject`, `what` happened, `details` where there are any, what to do `next`, and the `page` of the console where that
is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from keysteward.rules.accounts import Account, Organization, User
from keysteward.rules.custody.findings import Finding
from keysteward.rules.events import Erasure, forgotten
from keysteward.rules.keys import App, Keypair, Secret
from keysteward.rules.letters import House, Letter
from keysteward.rules.notice_kinds import KINDS, NoticeKind
from keysteward.rules.words import new_guid

EXPIRY_STEPS = tuple(timedelta(days=days) for days in (90, 60, 30, 15, 7, 1))
"""How long before a secret key or keypair expires its admins are told, the earliest first."""

_DAY = timedelta(days=1)
_FINDINGS_TOLD = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people are told, once: of which account, organization and key, as far as it concerns any.

    `user` is set where it concerns one person alone. `occasion` names what is told only once, however often it is
    found; empty where each time counts.
    """

    id: str
    kind: NoticeKind
    account: str
    organization: str
    key: str
    at: datetime
    facts: Mapping[str, str]
    user: str = ""
    occasion: str = ""


def notice(kind: NoticeKind, at: datetime, *, about: App | None = None, account: str = "", organization: str = "",
           user: str = "", occasion: str = "", **facts: str) -> Notice:  # fmt: skip
    """A notice of something that happened; of a key, its account's."""
    owner, key = (about.account, about.key) if about else (account, "")
    said = {"app": about.name, **facts} if about else facts
    return Notice(new_guid(), kind, owner, organization, key, at, said, user, occasion)


def letter(house: House, name: str, told: Notice, administered: str = "") -> Letter:
    """A notice as a mail; `administered` is the account or organization of which its reader is an admin, if any."""
    page = told.facts.get("page", "")
    where = f"Go there: {house.origin}{page}" if page else ""
    paragraphs = (f"Hello {name},", *paragraphs_of(told.facts), where, _why(told.kind, administered))
    return house.letter(told.kind, told.facts["subject"], *filter(None, paragraphs))


def paragraphs_of(facts: Mapping[str, str]) -> tuple[str, ...]:
    """What people read of the facts of a notice below its subject, paragraph by paragraph."""
    told = (*facts["what"].split("\n\n"), facts.get("details", ""), facts.get("next", ""))
    return tuple(filter(None, told))


def told_by(letter: Letter) -> dict[str, str]:
    """What a letter says, as the facts of a notice: without its greeting and our name below."""
    _, *said, _ = letter.text.split("\n\n")
    return {"subject": letter.subject.rpartition(" (")[0], "what": "\n\n".join(said)}


def due_step(credential: Secret | Keypair, now: datetime) -> timedelta | None:
    """The nearest step of EXPIRY_STEPS whose time has come; None before the first, after the end and without one.

    A step that had come before a credential was made is none.
    """
    if credential.expires_at is None or credential.expires_at <= now:
        return None
    left = credential.expires_at - now
    step = next((step for step in reversed(EXPIRY_STEPS) if left <= step), None)
    return step if step and credential.expires_at - credential.created_at >= step else None


def expiry_occasion(credential: Secret | Keypair, step: timedelta) -> str:
    """What makes the notice of a step be told once: as `store/expiring.py` asks for it."""
    until = ((credential.expires_at or _EPOCH) - _EPOCH) // timedelta(microseconds=1)
    return f"expiry {credential.id} {until} {step.days}"


def may_mute(kind: NoticeKind) -> bool:
    """Whether somebody may turn the mails of a kind off; the inbox keeps its notices."""
    return not KINDS[kind].is_security


def without_person(facts: Mapping[str, str], erasure: Erasure) -> dict[str, str]:
    """The facts of a notice after somebody was erased: their address and names give way to a word."""
    return {name: forgotten(said, erasure) for name, said in facts.items()}


# ── what happened to a key ──────────────────────────────────────────────────────────────────────────────────────────
def new_secret(app: App, secret: Secret, by: str) -> Notice:
    """A secret key was made."""
    return notice(
        "new-secret", secret.created_at, about=app, by=by, secret=secret.id, **_until(secret),
        subject=f"A secret key was made for {app.name}",
        what=f"{by} made a secret key for {_named(app)} on {_moment(secret.created_at)}.{_expires(secret)}",
        next="If you know nothing of it, delete it at once: choose Delete beside it under Secret Keys. It stops "
        "working that moment.",
        page=f"/apps/{app.key}/authentication#secrets",
    )  # fmt: skip


def new_keypair(app: App, keypair: Keypair, by: str) -> Notice:
    """A keypair was added."""
    return notice(
        "new-keypair", keypair.created_at, about=app, by=by, keypair=keypair.id, thumbprint=keypair.thumbprint,
        **_until(keypair),
        subject=f"A keypair was added to {app.name}",
        what=f"{by} added a keypair to {_named(app)} on {_moment(keypair.created_at)}.{_expires(keypair)}",
        next="If you know nothing of it, delete it at once: choose Delete beside it under Service Integration. What "
        "it signs is refused from that moment.",
        page=f"/apps/{app.key}/authentication#keypairs",
    )  # fmt: skip


def new_redirect_uri(app: App, uri: str, by: str, at: datetime) -> Notice:
    """A redirect URI was added."""
    return notice(
        "new-redirect-uri", at, about=app, by=by, uri=uri,
        subject=f"A redirect URI was added to {app.name}",
        what=f"{by} added the redirect URI {uri} to {_named(app)} on {_moment(at)}. Authorization codes may be sent "
        "there from now on.",
        next="If you know nothing of it, delete it at once: choose Delete beside it under Redirect URIs.",
        page=f"/apps/{app.key}/redirect-uris",
    )  # fmt: skip


def credential_expires(app: App, credential: Secret | Keypair, step: timedelta, at: datetime) -> Notice:
    """A secret key or keypair is about to expire; once for each step before a date."""
    until = credential.expires_at or at
    word, place = ("secret key", "secrets") if isinstance(credential, Secret) else ("keypair", "keypairs")
    left = _days(until - at)
    return notice(
        "credential-expiry", at, about=app, credential=credential.id, until=until.isoformat(), days=str(step.days),
        occasion=expiry_occasion(credential, step),
        subject=f"A {word} of {app.name} expires in {left}",
        what=f"A {word} of {_named(app)}, made by {credential.created_by} on {_day(credential.created_at)}, expires "
        f"on {_moment(until)}: in {left}. What uses it is refused from then on.",
        next=f"Make a new {word}, deploy it, and delete this one once nobody uses it. If nobody uses it already, "
        "nothing needs to be done.",
        page=f"/apps/{app.key}/authentication#{place}",
    )  # fmt: skip


def legacy_waived(app: App, by: str, reason: str, until: datetime, at: datetime) -> Notice:
    """A key may go on with legacy authentication."""
    return notice(
        "waiver", at, about=app, by=by, reason=reason, until=until.isoformat(), waiver="legacy authentication",
        subject=f"{app.name} may use legacy authentication until {_day(until)}",
        what=f"{by} let {_named(app)} go on with legacy authentication until {_moment(until)}. Their reason: {reason}",
        next="If you know nothing of it, whoever runs this environment ends it at once with "
        f"`keysteward legacy revoke {app.key}`; until they do, you can stop the key under Danger zone.",
        page=f"/apps/{app.key}#danger",
    )  # fmt: skip


def implicit_waived(app: App, by: str, reason: str, until: datetime, at: datetime) -> Notice:
    """A key may use the implicit grant in production."""
    return notice(
        "waiver", at, about=app, by=by, reason=reason, until=until.isoformat(), waiver="implicit grant",
        subject=f"{app.name} may use the Implicit Grant until {_day(until)}",
        what=f"{by} let {_named(app)} use the Implicit Grant until {_moment(until)}. Their reason: {reason}",
        next="If you know nothing of it, untick Implicit Grant under Authentication: it is refused from that moment.",
        page=f"/apps/{app.key}/authentication",
    )  # fmt: skip


# ── what happened to an account, an organization or a person ────────────────────────────────────────────────────────
def new_admin(account: Account, user: User, by: str, at: datetime) -> Notice:
    """Somebody administers an account from now on."""
    who = f"The service admin {user.email}" if user.service else f"{user.name} ({user.email})"
    return notice(
        "new-admin", at, account=account.id, by=by, admin=user.email, admin_id=user.id,
        service_admin=str(user.service).lower(),
        subject=f"{user.email} administers {account.name}",
        what=f"{who} is an admin of the account {account.name} since {_moment(at)}, by {by}: they can manage every "
        "integration key of it.",
        next="If you know nothing of it, close their membership at once: choose Close on their page.",
        page=f"/members/{user.id}",
    )  # fmt: skip


def new_organization_admin(organization: Organization, user: User, by: str, at: datetime) -> Notice:
    """Somebody administers an organization from now on."""
    return notice(
        "new-admin", at, organization=organization.id, by=by, admin=user.email, admin_id=user.id,
        service_admin=str(user.service).lower(),
        subject=f"{user.email} administers {organization.name}",
        what=f"{by} made {user.name} ({user.email}) an admin of the organization {organization.name} on {_moment(at)}.",
        next="If you know nothing of it, remove them at once: choose Remove beside them.",
        page=f"/organizations/{organization.id}",
    )  # fmt: skip


def organization_admin_removed(organization: Organization, user: User, by: str, at: datetime) -> Notice:
    """Somebody administers an organization no more, by another's word."""
    return notice(
        "admin-removed", at, organization=organization.id, by=by, admin=user.email, admin_id=user.id,
        subject=f"{user.email} administers {organization.name} no more",
        what=f"{user.name} ({user.email}) is an admin of the organization {organization.name} no more since "
        f"{_moment(at)}, by {by}. Until its waiting period is over, the organization stands in for nobody.",
        next="If you know nothing of it, ask whoever runs this environment to name them again before that.",
    )  # fmt: skip


def service_admin_signed_in(account: Account, user: User, where: str, at: datetime) -> Notice:
    """An admin identity that is tied to no person was used."""
    return notice(
        "service-admin-sign-in", at, account=account.id, by=user.email, where=where,
        subject=f"The service admin {user.email} signed in",
        what=f"Somebody signed in as {user.email}, the service admin of the account {account.name}, on "
        f"{_moment(at)}{where}.",
        next="A service admin is for emergencies. If you know nothing of one, close it at once: choose Close on its "
        "page, which also ends what it is signed in to.",
        page=f"/members/{user.id}",
    )  # fmt: skip


def new_device(user: User, where: str, at: datetime) -> Notice:
    """Somebody signed in from a device that never did before."""
    return notice(
        "new-device", at, user=user.id, where=where,
        subject="You signed in from a new device",
        what=f"Somebody signed in as you on {_moment(at)}{where}: a device that you did not use here before.",
        next="If it was you, nothing needs to be done. If not, end that session, then choose a new password.",
        page="/security",
    )  # fmt: skip


def few_admins(account: Account, left: User | None, at: datetime) -> Notice:
    """An account has one admin left, or none."""
    who = f"{left.name} ({left.email}) is the only admin" if left else "Nobody is an admin"
    risk = "if they leave, nobody can manage its keys" if left else "its keys work on, and nobody can manage them"
    step = (
        "Invite a second person as an admin, or a service admin."
        if left
        else "An admin of its organization can stand in and transfer its keys, or whoever runs this environment can "
        "bring an admin back."
    )
    return notice(
        "last-admin", at, account=account.id, admins="1" if left else "0",
        subject=f"{account.name} has {'one admin' if left else 'no admin'} left",
        what=f"{who} of the account {account.name} now: {risk}.",
        next=step,
        page="/members" if left else "",
    )  # fmt: skip


def critical_findings(findings: Sequence[Finding], at: datetime) -> Notice:
    """Custody found something critical of one account or organization."""
    first, *others = findings
    told = [f"{each.sentence} {each.who}: {each.step}" for each in findings[:_FINDINGS_TOLD]]
    return notice(
        "custody-finding", at, account=first.account, organization="" if first.account else first.organization,
        codes=" ".join(sorted({each.code for each in findings})), count=str(len(findings)),
        subject="Integration keys are at risk",
        what="\n".join(told),
        next=f"There are {len(findings)} of these; the page shows all of them." if others else "",
        page="/custody" if first.account else f"/organizations/{first.organization}",
    )  # fmt: skip


def _named(app: App) -> str:
    return f"{app.name} (integration key {app.key})"


def _until(credential: Secret | Keypair) -> dict[str, str]:
    return {"until": credential.expires_at.isoformat()} if credential.expires_at else {}


def _expires(credential: Secret | Keypair) -> str:
    return f" It expires on {_day(credential.expires_at)}." if credential.expires_at else ""


def _why(kind: NoticeKind, administered: str) -> str:
    if not administered:
        return ""
    off = " You can turn these mails off under Notices." if may_mute(kind) else ""
    return f"You read this as an admin of the {administered}.{off}"


def _days(left: timedelta) -> str:
    days = -(-left // _DAY)
    return "1 day" if days == 1 else f"{days} days"


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
