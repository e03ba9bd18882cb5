"""What of an app will production not like, or not take, though no rule of the review asks for it?

Read FITNESS from top to bottom: each check answers with one remark, or with none where it does not apply.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from keysteward.rules.keys import (
    GRANT_NAMES,
    App,
    Grant,
    Keypair,
    Secret,
    Settings,
    is_live,
    is_on_loopback,
    wrong_with_redirect_uri,
)
from keysteward.rules.pace import Nearness
from keysteward.rules.policy import Policy
from keysteward.rules.usage import CODE, CODE_WITH_PKCE, IMPLICIT, JWT
from keysteward.rules.words import many, spoken

Topic = Literal[
    "grants", "legacy", "pkce", "secrets", "keypairs", "redirect_uris", "origins", "admins", "service_admin"
]

LEGACY_LOOKED_BACK = timedelta(days=30)
_OLD = timedelta(days=365)
_SOON = timedelta(days=30)
_MANY_ORIGINS = 10
_IN_A_BROWSER: frozenset[Grant] = frozenset({"public_code", "implicit"})
_WITH_CODES: frozenset[Grant] = frozenset({"confidential_code", "public_code"})
_COUNTED_AS: dict[Grant, tuple[str, ...]] = {
    "confidential_code": (CODE, CODE_WITH_PKCE),
    "public_code": (CODE_WITH_PKCE,),
    "implicit": (IMPLICIT,),
    "jwt": (JWT,),
}


class LegacyCalls(NamedTuple):
    """How often a key authenticated the old way of late."""

    passed: int = 0
    refused: int = 0
    last_at: datetime | None = None


class Custody(NamedTuple):
    """What production said of a key's custody when it took it."""

    admins: int
    service_admin: bool
    said_at: datetime


class Remark(NamedTuple):
    """One thing about an app: how it stands, and what to do next; nothing to do where all is well."""

    topic: Topic
    verdict: Nearness
    sentence: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """An app with its settings, and how it was used: `used` says which grant last gave it a token, in which hour."""

    app: App
    settings: Settings
    used: Mapping[str, datetime]
    legacy: LegacyCalls
    policy: Policy
    now: datetime


def grants(habits: Habits) -> Remark:
    """Registered grants, those that production will not take, and those that nobody uses."""
    registered = [grant for grant in GRANT_NAMES if grant in habits.app.grants]
    if not registered:
        return Remark("grants", "bad", "No grant is registered.", "Register the grant that the app uses.")
    if "implicit" in registered and habits.policy.implicit_in_production != "allowed":
        return _implicit(habits.policy)
    unused = [GRANT_NAMES[grant] for grant in registered if not any(each in habits.used for each in _COUNTED_AS[grant])]
    if not habits.used:
        return Remark("grants", "look", "The key got no token yet.", "Get one by each grant that production will need.")
    if unused:
        days = habits.policy.token_uses_kept.days
        sentence = f"Registered, but without a token in {days} days: {', '.join(unused)}."
        return Remark("grants", "look", sentence, "Try it before production, or remove it.")
    return Remark("grants", "good", f"In use: {', '.join(GRANT_NAMES[grant] for grant in registered)}.")


def legacy(habits: Habits) -> Remark:
    """Authentication with the key and a password is retired."""
    passed, refused, _ = habits.legacy
    step = "Move these calls to OAuth: the page Legacy authentication says which grant replaces them."
    if passed:
        return Remark("legacy", "bad", f"{many(passed, 'call', 'calls')} with a password in 30 days.", step)
    if refused:
        return Remark("legacy", "look", f"{many(refused, 'call', 'calls')} with a password refused in 30 days.", step)
    return Remark("legacy", "good", "No call with a password in 30 days.")


def pkce(habits: Habits) -> Remark | None:
    """A code is bound to the app that asked for it (RFC 9700 §2.1.1)."""
    if not _WITH_CODES & habits.app.grants:
        return None
    if habits.app.pkce_required or "confidential_code" not in habits.app.grants:
        return Remark("pkce", "good", "PKCE is required.")
    without, bound = habits.used.get(CODE), habits.used.get(CODE_WITH_PKCE)
    if without is not None:
        step = "Send code_challenge and code_verifier, then require PKCE in the settings."
        return Remark("pkce", "look", "Codes were redeemed without PKCE.", step)
    sentence = "PKCE is not required, though every code used it." if bound else "PKCE is not required."
    return Remark("pkce", "look", sentence, "Require PKCE in the settings.")


def secrets(habits: Habits) -> Remark | None:
    """Secret keys that work, are not old, and do not end soon; none of them crosses to production."""
    found = habits.settings.secrets
    if "confidential_code" not in habits.app.grants and not found:
        return None
    return _credentials("secrets", ("secret key", "secret keys"), found, habits)


def keypairs(habits: Habits) -> Remark | None:
    """The same of keypairs."""
    found = habits.settings.keypairs
    if "jwt" not in habits.app.grants and not found:
        return None
    return _credentials("keypairs", ("keypair", "keypairs"), found, habits)


def redirect_uris(habits: Habits) -> Remark | None:
    """Addresses that production will not take, or that lead to the user's own machine."""
    found = habits.settings.redirect_uris
    if not found:
        if habits.app.grants <= {"jwt"}:
            return None
        return Remark("redirect_uris", "bad", "No redirect URI, so nobody can sign in.", "Add the one of the app.")
    refused = [(uri, reason) for uri in found if (reason := wrong_with_redirect_uri(uri, "production"))]
    if refused:
        uri, reason = refused[0]
        step = "Have an address for production ready; redirect URIs are entered there anew."
        return Remark("redirect_uris", "bad", f"Production will not take {uri}: {reason}.{_more(refused)}", step)
    local = [uri for uri in found if is_on_loopback(uri)]
    if local:
        step = "Leave it out in production, unless the app runs on its users' own machines."
        return Remark("redirect_uris", "look", f"{local[0]} leads to the user's own machine.{_more(local)}", step)
    return Remark("redirect_uris", "good", f"Production takes {many(len(found), 'redirect URI', 'redirect URIs')}.")


def origins(habits: Habits) -> Remark | None:
    """Web pages that may call the API: few, the app's own, and none where no browser calls."""
    found = habits.settings.origins
    if not found:
        return None
    local = [origin for origin in found if is_on_loopback(origin)]
    if local:
        sentence = f"Pages of {local[0]} may call the API: whatever runs on a user's machine.{_more(local)}"
        return Remark("origins", "look", sentence, "Leave it out in production.")
    if not _IN_A_BROWSER & habits.app.grants:
        sentence = "Web pages may call the API, and no grant for apps in a browser is registered."
        return Remark("origins", "look", sentence, "Remove the origins if no web page calls the API.")
    if len(found) > _MANY_ORIGINS:
        return Remark("origins", "look", f"Pages of {len(found)} origins may call the API.", "Keep the app's own.")
    return Remark("origins", "good", f"Pages of {many(len(found), 'origin', 'origins')} may call the API.")


FITNESS: tuple[Callable[[Habits], Remark | None], ...] = (
    grants,
    legacy,
    pkce,
    secrets,
    keypairs,
    redirect_uris,
    origins,
)


def remarks(habits: Habits) -> tuple[Remark, ...]:
    """What every check says that applies."""
    return tuple(remark for check in FITNESS if (remark := check(habits)) is not None)


def about_custody(custody: Custody) -> tuple[Remark, ...]:
    """Who can manage a live key in production, as its receipt said.

    Source: Manage your integration keys: at least two admins, one of them not tied to a person.
    """
    admins, service = custody.admins, custody.service_admin
    return (
        Remark("admins", "good", f"{admins} admins can manage the key.")
        if admins > 1
        else Remark(
            "admins",
            "look" if admins else "bad",
            "One admin alone can manage the key." if admins else "Nobody can manage the key.",
            "Give a second person the DS Admin profile in the production account.",
        ),
        Remark("service_admin", "good", "One of the admins is not tied to a person.")
        if service
        else Remark(
            "service_admin",
            "look",
            "Every admin is a person, and people leave.",
            "Add a service admin to the production account.",
        ),
    )


def _implicit(policy: Policy) -> Remark:
    sentence = "Implicit Grant is registered, and production "
    if policy.implicit_in_production == "refused":
        return Remark("grants", "bad", f"{sentence}refuses it.", "Move to Authorization Code Grant with PKCE.")
    step = "Move to Authorization Code Grant with PKCE, or have an admin allow it there with a reason."
    return Remark("grants", "look", f"{sentence}takes it only until a date that an admin sets.", step)


def _credentials(
    topic: Topic, words: tuple[str, str], found: tuple[Secret, ...] | tuple[Keypair, ...], habits: Habits
) -> Remark:
    now, live = habits.now, [each for each in found if is_live(each, habits.now)]
    if not live:
        return Remark(topic, "bad", f"No {words[0]} works.", f"Add a {words[0]}.")
    age = now - min(each.created_at for each in live)
    ends = [each.expires_at for each in live if each.expires_at is not None and each.expires_at - now <= _SOON]
    if ends:
        sentence = f"One {words[0]} ends in {spoken(min(ends) - now)}."
        return Remark(topic, "look", sentence, "Add another one, and move the app to it.")
    counted = many(len(live), *words)
    if age > _longest(habits.policy):
        return Remark(topic, "look", f"{counted}, the oldest {spoken(age)} old.", "Rotate it: add one, move, delete.")
    step = f"None of them crosses: make a {words[0]} in production after Go-Live."
    return Remark(topic, "good", f"{counted}, the oldest {spoken(age)} old.", step)


def _longest(policy: Policy) -> timedelta:
    return timedelta(days=policy.longest_credential_days) if policy.longest_credential_days else _OLD


def _more(found: list[str] | list[tuple[str, str]]) -> str:
    return f" And {len(found) - 1} more like it." if len(found) > 1 else ""
