"""What is told of recovery recipients, of requests for sealed credentials, and of drills?"""

from datetime import datetime

from keysteward.rules.accounts import Account
from keysteward.rules.drills import Drill, Outcome, verdict
from keysteward.rules.keys import App
from keysteward.rules.notices import Notice, notice
from keysteward.rules.sealed_credentials import Case, Ending, Recipient
from keysteward.rules.transfers import Act

SEALED_PAGE, RELEASES_PAGE, DRILLS_PAGE = "/custody/sealed", "/custody/releases", "/custody/drills"
_ENDINGS = {"cancelled": "cancelled", "refused": "refused", "expired": "let expire", "downloaded": "downloaded"}


# ── recovery recipients ─────────────────────────────────────────────────────────────────────────────────────────────
def recipient_added(account: Account, recipient: Recipient) -> Notice:
    """Somebody else can open what is sealed from now on."""
    by, label = recipient.added_by, recipient.label
    return notice(
        "sealed-credential", recipient.added_at, account=account.id, by=by, step="recipient added", label=label,
        public_key=recipient.public_key,
        subject=f"{account.name} has another recovery recipient",
        what=f"{by} added the recovery recipient “{label}” ({recipient.public_key}) to the account {account.name}. "
        "Whoever holds its private identity can open what is sealed from now on, once two admins give it out.",
        next="If you know nothing of it, remove it at once, and rotate what was sealed meanwhile.",
        page=SEALED_PAGE,
    )  # fmt: skip


def recipient_removed(account: Account, recipient: Recipient, by: str, at: datetime) -> Notice:
    """Nothing new is sealed to somebody any more."""
    return notice(
        "sealed-credential", at, account=account.id, by=by, step="recipient removed", label=recipient.label,
        public_key=recipient.public_key,
        subject=f"{account.name} has one recovery recipient less",
        what=f"{by} removed the recovery recipient “{recipient.label}” from the account {account.name}. What was "
        "sealed to it before stays as it is.",
        next="If its private identity may be in wrong hands, rotate what was sealed to it.",
        page=SEALED_PAGE,
    )  # fmt: skip


# ── releases ────────────────────────────────────────────────────────────────────────────────────────────────────────
def asked(case: Case) -> Notice:
    """Somebody wants to be given a sealed credential."""
    release = case.release
    return _of_release(
        case, release.asked, "asked",
        subject=f"{release.asked.email} asks for a sealed credential of {case.app.name}",
        what=f"{release.asked.email} asks to be given {_thing(case)}. Their reason: {release.reason}",
        next=f"A second admin approves or refuses by {_moment(release.expires_at)}. If you know of no reason, refuse.",
        reason=release.reason,
    )  # fmt: skip


def approved(case: Case, act: Act, until: datetime) -> Notice:
    """A second admin approved."""
    return _of_release(
        case, act, "approved",
        subject=f"A sealed credential of {case.app.name} may be downloaded",
        what=f"{act.email} approved that {case.release.asked.email} is given {_thing(case)}. It can be downloaded "
        f"once, until {_moment(until)}.",
        next="If this is wrong, refuse it before it is downloaded.",
    )  # fmt: skip


def ended(case: Case, ending: Ending) -> Notice:
    """It was downloaded, or nothing comes of it."""
    release, how = case.release, _ENDINGS[ending.end]
    said = f" They say: {ending.reason}" if ending.reason else ""
    what = (
        f"Nobody went on in time with the request of {release.asked.email} for {_thing(case)}. It has expired."
        if ending.end == "expired"
        else f"{ending.act.email} {how} the request of {release.asked.email} for {_thing(case)}.{said}"
    )
    step = "Whoever has a recovery identity can read it now. Rotate the credential once it is not needed any more."
    return _of_release(
        case, ending.act, ending.end,
        subject=f"A sealed credential of {case.app.name} "
        f"{'was downloaded' if ending.end == 'downloaded' else 'stays sealed'}",
        what=what,
        next=step if ending.end == "downloaded" else "Nothing needs to be done.",
    )  # fmt: skip


def _of_release(case: Case, act: Act, step: str, **facts: str) -> Notice:
    release = case.release
    page = f"{RELEASES_PAGE}/{release.id}"
    said = {"by": act.email, "step": step, "release": release.id, "credential": release.credential, "page": page}
    return notice("sealed-credential", act.at, about=case.app, **said, **facts)


def _thing(case: Case) -> str:
    release = case.release
    return f"the sealed {release.kind} known by {release.hint} of {case.app.name} (integration key {release.key})"


# ── drills ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def planned(drill: Drill, account: Account, user: str, app: App | None) -> Notice:
    """A drill names somebody."""
    return _of_drill(
        drill, account, drill.planned_at, user=user, step="planned", occasion=f"drill {drill.id} planned {user}",
        subject=f"A drill names you: {drill.about.title}",
        what=f"{drill.planned_by} planned a drill of the account {account.name} with you: {drill.about.title}"
        f"{_of(app)}, by {_day(drill.due_at)}.",
        details=drill.about.sentence,
        next="Do it with the other one, and record how it went.",
    )  # fmt: skip


def reminded(drill: Drill, account: Account, at: datetime, user: str) -> Notice:
    """A drill is due soon, or overdue."""
    is_overdue = at >= drill.due_at
    when = f"was due on {_day(drill.due_at)}" if is_overdue else f"is due on {_day(drill.due_at)}"
    return _of_drill(
        drill, account, at, user=user, step="overdue" if is_overdue else "due",
        occasion=f"drill {drill.id} {drill.reminded} {user or 'admins'}",
        subject=f"The drill “{drill.about.title}” {when}",
        what=f"The drill “{drill.about.title}” of the account {account.name} {when}, and not both results are there.",
        details=drill.about.sentence,
        next="Do it, and record how it went. An admin may cancel it and plan another with other people.",
    )  # fmt: skip


def recorded(drill: Drill, account: Account, outcomes: tuple[Outcome, ...], at: datetime) -> Notice:
    """Both have recorded; a failure is for all admins to know."""
    how = verdict(outcomes)
    return _of_drill(
        drill, account, at, user="", step=how, occasion=f"drill {drill.id} {how}",
        subject=f"The drill “{drill.about.title}” {'went well' if how == 'done' else 'failed'}",
        what=f"The drill “{drill.about.title}” of the account {account.name} "
        f"{'went well: both say so.' if how == 'done' else 'failed: what it tries does not work.'}",
        next="Nothing needs to be done." if how == "done" else "Mend what failed, then plan the drill again.",
    )  # fmt: skip


def _of_drill(
    drill: Drill, account: Account, at: datetime, *, user: str, step: str, occasion: str, **facts: str
) -> Notice:
    said = {"step": step, "drill": drill.id, "drill_kind": drill.kind, "page": f"{DRILLS_PAGE}/{drill.id}"}
    owner = "" if user else account.id
    return notice("drill", at, about=None, account=owner, user=user, occasion=occasion, **said, **facts)


def _of(app: App | None) -> str:
    return f" (of {app.name})" if app else ""


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
