"""Does a key work in production, as its own traffic shows?

Nobody but the app holds its private key, so nobody but the app can prove that it works: a smoke test looks at what
came from it. It has three steps, each of which has been seen or not: a token, userinfo, and one call that succeeded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

StepCode = Literal["token", "userinfo", "call"]

_NO_CALL = "No call came with a token of this key yet."
GRANTS_SAID = {
    "jwt": "the JWT Grant",
    "authorization_code": "the Authorization Code Grant",
    "refresh_token": "a refresh token",
    "implicit": "the Implicit Grant",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that came from the app: when, and what it was."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call of the app, as far as a smoke test shows it."""

    at: datetime
    operation: str
    status: int

    @property
    def said(self) -> str:
        """What was called, and how it was answered."""
        return f"{self.operation}: {self.status}"


@dataclass(frozen=True, slots=True)
class Traffic:
    """The newest of each that came from a key: `call` succeeded, `failed` did not."""

    token: Seen | None = None
    userinfo: Seen | None = None
    call: SeenCall | None = None
    failed: SeenCall | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a smoke test: when it was last seen, and what that was or why there is nothing."""

    code: StepCode
    seen_at: datetime | None
    said: str

    @property
    def is_met(self) -> bool:
        """It was seen."""
        return self.seen_at is not None


@dataclass(frozen=True, slots=True)
class SmokeTest:
    """A smoke test that somebody kept."""

    id: str
    at: datetime
    kept_by: str
    steps: tuple[Step, ...]


def judge(traffic: Traffic) -> tuple[Step, ...]:
    """The three steps, in the order in which an app takes them."""
    return (_token(traffic.token), _userinfo(traffic.userinfo), _call(traffic))


def passes(steps: Sequence[Step]) -> bool:
    """A smoke test passes when every step was seen; no steps at all prove nothing."""
    return bool(steps) and all(step.is_met for step in steps)


def _token(seen: Seen | None) -> Step:
    if seen is None:
        return Step("token", None, "No token was issued to this key in production yet.")
    return Step("token", seen.at, f"Issued by {GRANTS_SAID.get(seen.what, seen.what)}.")


def _userinfo(seen: Seen | None) -> Step:
    if seen is None:
        return Step("userinfo", None, "The app has not asked userinfo for the base URI yet.")
    return Step("userinfo", seen.at, "The app asked userinfo, which names the base URI.")


def _call(traffic: Traffic) -> Step:
    call, failed = traffic.call, traffic.failed
    if call is None:
        newest = f"No call has succeeded yet. The newest: {failed.said}." if failed else _NO_CALL
        return Step("call", None, newest)
    later = f" The newest failed: {failed.said}." if failed and failed.at > call.at else ""
    return Step("call", call.at, f"{call.said}.{later}")
