"""How much may an account call, and what do the headers say?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.rules.policy import Policy
from keysteward.rules.words import Environment

_HOUR = timedelta(hours=1)


class Window(NamedTuple):
    """An account's calls in the current clock hour and burst window."""

    hour: datetime
    hourly: int
    burst_from: datetime
    burst: int


def counted(window: Window | None, now: datetime, policy: Policy, calls: int = 1) -> Window:
    """Count one more call, or none.

    Hours are clock hours; a burst window opens with the first call after the last one closed.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    if window is None:
        return Window(hour, calls, now, calls)
    hourly = window.hourly + calls if window.hour == hour else calls
    if window.burst_from <= now < window.burst_from + policy.burst_window:
        return Window(hour, hourly, window.burst_from, window.burst + calls)
    return Window(hour, hourly, now, calls)


def headers(window: Window, policy: Policy, environment: Environment) -> dict[str, str]:
    """The rate-limit headers of an answer; Reset is the epoch second at which the hour ends.

    Source: Docusign, API rules and limits.
    """
    burst_limit = policy.burst_calls_demo if environment == "demo" else policy.burst_calls_production
    return {
        "X-RateLimit-Limit": str(policy.hourly_calls),
        "X-RateLimit-Remaining": str(max(0, policy.hourly_calls - window.hourly)),
        "X-RateLimit-Reset": str(int((window.hour + _HOUR).timestamp())),
        "X-BurstLimit-Limit": str(burst_limit),
        "X-BurstLimit-Remaining": str(max(0, burst_limit - window.burst)),
    }
