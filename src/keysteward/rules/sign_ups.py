"""May somebody whom nobody asked open an account of their own here?"""

from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.policy import Policy
from keysteward.rules.refusals import SIGN_UP_CLOSED, Refusal
from keysteward.rules.words import Environment


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody asked for an account of this name, and has yet to prove their address. Until then nothing is opened."""

    email: str
    account: str
    digest: str
    asked_at: datetime
    expires_at: datetime


def is_open(environment: Environment, policy: Policy) -> bool:
    """Whether a proved address is enough: in demo, where policy says so. In production operators open accounts."""
    return environment == "demo" and policy.sign_up == "open"


def demand_sign_up(environment: Environment, policy: Policy) -> None:
    """Refuse where accounts are opened by operators alone."""
    if not is_open(environment, policy):
        raise Refusal(SIGN_UP_CLOSED)
