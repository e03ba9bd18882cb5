"""Of which keys are their admins reminded: those that passed and stay in demo, and those that went live half set up?"""

from collections.abc import Sequence
from datetime import datetime

from keysteward.rules.golive import Review, is_expired
from keysteward.rules.keys import App
from keysteward.rules.letters import House, Letter
from keysteward.rules.policy import Policy

_WHAT = {
    "grants": "grants (how the app gets tokens)",
    "redirect_uris": "a redirect URI",
    "secrets": "a secret key",
    "keypairs": "an RSA keypair",
}


def is_unpromoted(app: App, newest: Review, now: datetime, policy: Policy) -> bool:
    """A key passed its review a while ago, may still go live, and nobody has taken it there."""
    if app.deleted_at is not None or app.live_at is not None or newest.passed_at is None:
        return False
    return now >= newest.passed_at + policy.remind_unpromoted_after and not is_expired(newest, now, policy)


def is_half_configured(app: App, missing: Sequence[str], now: datetime, policy: Policy) -> bool:
    """A key arrived in production a while ago and still lacks what it needs."""
    if app.promoted_at is None or not app.works or not missing:
        return False
    return now >= app.promoted_at + policy.remind_unconfigured_after


def unpromoted(house: House, name: str, app: App, review: Review, policy: Policy) -> Letter:
    """A review that passed is waiting for somebody to press Go Live."""
    until = review.expires_at(policy)
    by = f" Go live by {until:%-d %B %Y}; after that a new review is needed." if until else ""
    return house.letter(
        "unpromoted",
        f"{app.name} passed its review and is not live",
        f"Hello {name},",
        f"{app.name} ({app.key}) passed its Go-Live review, and nobody has pressed Go Live since.{by}",
        f"Go on here: {house.origin}/apps/{app.key}/reviews/{review.id}",
        "If it is not to go live, nothing needs to be done. This is the only reminder for this review.",
    )


def half_configured(house: House, name: str, app: App, missing: Sequence[str]) -> Letter:
    """A live key cannot be used yet."""
    return house.letter(
        "half-configured",
        f"{app.name} is live and not set up",
        f"Hello {name},",
        f"{app.name} ({app.key}) arrived in production and cannot be used yet. It still lacks "
        f"{' and '.join(_WHAT[each] for each in missing)}: settings of demo are never copied.",
        f"Go on here: {house.origin}/apps/{app.key}/after-go-live",
        "If it is not needed yet, nothing needs to be done. This is the only reminder for this key.",
    )
