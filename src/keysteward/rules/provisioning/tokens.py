"""Who speaks for an organization in SCIM, where do new users belong, and what was asked lately?"""

from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.accounts import Profile
from keysteward.rules.refusals import INVALID_FIELD, TOO_MANY_SCIM_TOKENS, Refusal

MOST_TOKENS = 2
KEPT_REQUESTS = 50


@dataclass(frozen=True, slots=True)
class Token:
    """A token that an organization gave to its identity provider. It is known by its keyed hash alone."""

    id: str
    organization: str
    name: str
    made_at: datetime
    made_by: str
    used_at: datetime | None = None

    @property
    def hand(self) -> str:
        """By which name its deeds stand in the history."""
        return f"SCIM token {self.name}"


@dataclass(frozen=True, slots=True)
class Home:
    """Where new users belong: an account of the organization, with a permission profile of it."""

    organization: str
    account: str
    profile: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that a provider made: what it wanted, and how it was answered; `code` is the refusal's, if any."""

    organization: str
    token: str
    at: datetime
    operation: str
    user: str
    status: int
    code: str


def demand_room(tokens: list[Token], name: str) -> None:
    """Refuse a third token: two are enough to change over, and each more is one to lose. Names tell them apart."""
    if len(tokens) >= MOST_TOKENS:
        raise Refusal(TOO_MANY_SCIM_TOKENS, limit=MOST_TOKENS)
    if any(each.name.casefold() == name.casefold() for each in tokens):
        raise Refusal(INVALID_FIELD, field="name", reason="a token of this name is live.")


def demand_harmless(profile: Profile) -> None:
    """Refuse a permission profile that would let a provider make admins."""
    if profile.is_admin:
        reason = "new users never begin as admins; an admin of the account makes them one."
        raise Refusal(INVALID_FIELD, field="profile", reason=reason)
