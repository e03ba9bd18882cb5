"""How are an app's secret keys and keypairs shown: until when they are good, who uses them, and which leaked?"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from keysteward.actions.usage import Usage
from keysteward.rules.keys import Keypair, Secret, Settings, Wish, is_live
from keysteward.rules.leaks import Leak, is_alarming, status
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.usage import CODE, CODE_WITH_PKCE, JWT, OTHERS, REFRESH, Asker, Program
from keysteward.rules.words import spoken

EXPIRIES: tuple[tuple[str, str], ...] = (
    ("", "Never"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("180", "In 180 days"),
    ("365", "In 365 days"),
    ("date", "On a date"),
)
RESPITES: tuple[tuple[str, str], ...] = (
    ("0", "Now"),
    ("15", "In 15 minutes"),
    ("60", "In 1 hour"),
    ("240", "In 4 hours"),
    ("1440", "In 24 hours"),
)
_GRANTS = {
    CODE: "Authorization code",
    CODE_WITH_PKCE: "Authorization code with PKCE",
    REFRESH: "Refresh token",
    JWT: "JWT Grant",
}


def proofs(settings: Settings, use: Usage, now: datetime) -> dict[str, Any]:
    """Secret keys and keypairs as the page of an app takes them, with the alerts about what leaked."""
    return {
        "secrets": [_shown(each, settings.secrets, use, now) for each in settings.secrets],
        "keypairs": [_shown(each, settings.keypairs, use, now) for each in settings.keypairs],
        "live_secrets": sum(is_live(each, now) for each in settings.secrets),
        "live_keypairs": sum(is_live(each, now) for each in settings.keypairs),
        "alerts": [_alert(leak, now) for leak in use.leaks if is_alarming(leak, now)],
    }


def read_wish(expires: str, expires_on: str, reason: str, now: datetime) -> Wish:
    """What a form says: one of EXPIRIES, the date that goes with the last of them, and why."""
    if expires not in dict(EXPIRIES):
        raise Refusal(INVALID_FIELD, field="Expires", reason="choose one of the list.")
    if expires == "date" or expires_on:
        return Wish(_end_of(expires_on), reason)
    return Wish(now + timedelta(days=int(expires)) if expires else None, reason)


def read_death(respite: str, now: datetime) -> datetime:
    """The minute that a form chose for what leaked."""
    if respite not in dict(RESPITES):
        raise Refusal(INVALID_FIELD, field="Dies", reason="choose one of the list.")
    return now + timedelta(minutes=int(respite))


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Refusal(INVALID_FIELD, field="Last day", reason="give a date such as 2027-01-31.") from None


def _shown(
    each: Secret | Keypair, all_of_them: Sequence[Secret | Keypair], use: Usage, now: datetime
) -> dict[str, Any]:
    programs = use.programs.get(each.id, [])
    is_replaced = any(other.created_at > each.created_at and is_live(other, now) for other in all_of_them)
    return {
        "id": each.id,
        "hint": each.hint if isinstance(each, Secret) else each.thumbprint[:8],
        "thumbprint": each.thumbprint if isinstance(each, Keypair) else "",
        "created_at": each.created_at,
        "created_by": each.created_by,
        "expires_at": each.expires_at,
        "reason": each.reason,
        "state": status(each, use.deaths, now),
        "is_live": is_live(each, now),
        "used": _used(use.last_uses.get(each.id), programs, now),
        "programs": [_program(program) for program in programs],
        "heading": "Still used by" if is_replaced or not is_live(each, now) else "Used by",
    }


def _used(last_at: datetime | None, programs: Sequence[Program], now: datetime) -> str:
    if last_at is None:
        return "Never used"
    by = f" by {_name(programs[0].asker)}" if programs else ""
    return f"Used {spoken(now - last_at)} ago{by}"


def _program(program: Program) -> dict[str, Any]:
    return {
        "name": _name(program.asker),
        "address": "" if program.asker.address == OTHERS else program.asker.address,
        "grant": _GRANTS.get(program.grant, program.grant),
        "tokens": program.tokens,
        "last_at": program.last_at,
    }


def _name(asker: Asker) -> str:
    """What a program calls itself."""
    if asker.address == OTHERS:
        return "many other programs"
    named = [f"SDK {asker.sdk}"] if asker.sdk else []
    return ", ".join([*named, *([asker.agent] if asker.agent else [])]) or "a program without a name"


def _alert(leak: Leak, now: datetime) -> dict[str, Any]:
    return {
        "title": f"The {leak.kind} known by {leak.hint} leaked",
        "is_dead": now >= leak.dies_at,
        "dies_at": leak.dies_at,
        "reported_at": leak.reported_at,
        "reported_by": leak.reported_by,
        "reason": leak.reason,
        "found_at": leak.found_at,
    }
