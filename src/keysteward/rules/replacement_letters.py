"""What do our notices say when an old key retires, and our mails to recovery contacts?"""

from datetime import datetime, timedelta

from keysteward.rules.accounts import Account
from keysteward.rules.keys import App
from keysteward.rules.letters import House, Letter, spoken
from keysteward.rules.notices import Notice, notice
from keysteward.rules.replacements import Ended, Retirement


# ── an old key retires ──────────────────────────────────────────────────────────────────────────────────────────────
def asked(app: App, successor: App, retirement: Retirement, organization: str) -> Notice:
    """An organization wants to retire a key in the place of a lost admin."""
    wait = f" It happens at the earliest on {_moment(retirement.waits_until)}." if retirement.waits_until else ""
    return _notice(
        app, retirement, retirement.asked.at,
        subject=f"{organization} wants to retire {app.name}",
        what=f"{retirement.asked.email}, an admin of {organization}, asked to retire {_named(app)}, because "
        f"{_named(successor)} replaces it and nobody is said to manage it any more.{wait}",
        details=_said(retirement.reason),
        next="If the key must work on, sign in and call it off on the page of the replacement. Your word ends it.",
    )  # fmt: skip


def approved(app: App, retirement: Retirement, by: str, at: datetime) -> Notice:
    """A second organization admin agreed."""
    return _notice(
        app, retirement, at,
        subject=f"Retiring {app.name} was approved",
        what=f"{by} approved, as a second admin of the organization, that {_named(app)} is retired.",
        next="If the key must work on, an admin of its account calls it off on the page of the replacement.",
    )  # fmt: skip


def retired(app: App, successor: App, retirement: Retirement, at: datetime, until: datetime) -> Notice:
    """A key is retired."""
    hand = {"admin": "", "stand-in": ", for its organization", "operator": ", as an operator"}[retirement.hand]
    return _notice(
        app, retirement, at,
        subject=f"{app.name} is retired",
        what=f"{retirement.asked.email}{hand}, retired {_named(app)} on {_moment(at)}. From that moment it gets no "
        f"tokens and its calls are refused. {_named(successor)} replaces it.",
        details=_said(retirement.reason),
        next=f"If something still needs it, bring it back by {_moment(until)}; afterwards it is gone for good. "
        "Both sides find the signed record under Replacements.",
        until=until.isoformat(),
    )  # fmt: skip


def reminder(app: App, retirement: Retirement, end: datetime, at: datetime) -> Notice:
    """A retirement waits for a word and is about to expire, or can soon not be taken back any more."""
    if retirement.retired_at is None:
        return _notice(
            app, retirement, at,
            subject=f"Retiring {app.name} still waits for a second admin",
            what=f"{retirement.asked.email} asked to retire {_named(app)}, and no other admin of the organization has "
            f"approved it. It expires on {_moment(end)}; then it has to be asked for again.",
            next="An admin of the organization approves it on the page of the replacement.",
            until=end.isoformat(),
        )  # fmt: skip
    return _notice(
        app, retirement, at,
        subject=f"{app.name} is gone for good on {end:%-d %B %Y}",
        what=f"{_named(app)} is retired. It can be brought back until {_moment(end)}.",
        next="If something still needs it, bring it back on the page of the replacement. Otherwise nothing needs to be "
        "done.",
        until=end.isoformat(),
    )  # fmt: skip


def ended(app: App, retirement: Retirement, how: Ended) -> Notice:
    """A retirement ended: nothing happened, the key came back, or it is gone for good."""
    by = "" if how.act.by == "system" else f" by {how.act.email}"
    words = {
        "called off": f"Retiring {app.name} was called off{by}. The key works on.",
        "expired": f"Nobody finished retiring {app.name} in time. The key works on.",
        "brought back": f"{app.name} was brought back{by}. Its tokens and refresh tokens of before work again.",
        "final": f"{app.name} is retired for good. Its GUID is never used again.",
    }[how.end]
    return _notice(
        app, retirement, how.act.at,
        subject=f"{app.name}: {how.end}",
        what=f"{words} It is {_named(app)}.",
        details=_said(how.reason),
        next="Nothing needs to be done." if how.end == "final" else "Look at how the cut-over goes.",
    )  # fmt: skip


def _notice(app: App, retirement: Retirement, at: datetime, **facts: str) -> Notice:
    said = {name: value for name, value in facts.items() if value}
    page = f"/replacements/{retirement.successor}"
    return notice(
        "retirement", at, about=app, successor=retirement.successor, retirement=retirement.id, page=page, **said
    )


# ── recovery contacts ───────────────────────────────────────────────────────────────────────────────────────────────
def new_contact(account: Account, email: str, by: str, at: datetime) -> Notice:
    """The other admins hear whom one of them named."""
    return _contact_notice(
        account, email, by, at,
        subject=f"{email} is named as a recovery contact of {account.name}",
        what=f"{by} named {email} as a recovery contact of the account {account.name} on {_moment(at)}. Once they "
        "agree they are told when the last admin goes, and their domain may open a stand-in.",
        next="If you know nothing of it, remove them at once: choose Remove beside them.",
    )  # fmt: skip


def contact_gone(account: Account, email: str, by: str, at: datetime) -> Notice:
    """The other admins hear whom one of them removed."""
    return _contact_notice(
        account, email, by, at,
        subject=f"{email} is no recovery contact of {account.name} any more",
        what=f"{by} removed {email} from the recovery contacts of the account {account.name} on {_moment(at)}.",
        next="If you know nothing of it, name them again.",
    )  # fmt: skip


def _contact_notice(account: Account, email: str, by: str, at: datetime, **facts: str) -> Notice:
    page = "/members/recovery-contacts"
    return notice("contact-changed", at, about=None, account=account.id, by=by, contact=email, page=page, **facts)


def contact_named(house: House, account: str, by: str, link: str, life: timedelta) -> Letter:
    """Somebody is named as a recovery contact."""
    return house.letter(
        "recovery-contact",
        f"You are named as a recovery contact of {account}",
        "Hello,",
        f"{by} named this address as a recovery contact of the account {account}: should it lose its last admin, you "
        "are told, and can ask that somebody stands in. You can manage nothing, and see nothing, by that.",
        f"If you agree, open this link within {spoken(life)} and confirm:",
        link,
        "If not, do nothing: without your word nothing changes.",
    )


def recovery_needed(house: House, account: Account, link: str, life: timedelta) -> Letter:
    """A recovery contact hears that an account has no admin left."""
    return house.letter(
        "recovery-needed",
        f"{account.name} has no admin left",
        "Hello,",
        f"You are a recovery contact of the account {account.name}. Nobody is an admin of it any more: its integration "
        "keys work on, and nobody can manage them.",
        f"If you know of it already, nothing needs to be done. Otherwise ask for help within {spoken(life)}: the "
        "admins of its organization, or whoever runs this environment, are written to in your name.",
        link,
    )


def recovery_asked(
    house: House, name: str, account: Account, contact: str, page: str, *, has_admin: bool = False
) -> Letter:
    """Those who can do something hear that a recovery contact asks for help."""
    why = "it has an admin again, who could not help them" if has_admin else "it has no admin left"
    return house.letter(
        "recovery-asked",
        f"Somebody asks for help with {account.name}",
        f"Hello {name},",
        f"{contact}, a recovery contact of the account {account.name} ({account.id}), asks for help: {why}. As an "
        "admin of its organization you can stand in and transfer its keys; as an operator you can bring an admin back.",
        f"Go there: {house.origin}{page}",
        "The contact has no say in what you do. Ask them who should manage the keys now.",
    )


def _said(reason: str) -> str:
    return f"They say: {reason}" if reason else ""


def _named(app: App) -> str:
    return f"{app.name} (integration key {app.key})"


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
