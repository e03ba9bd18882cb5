"""Who manages a key, and what puts that at risk?"""

from collections.abc import Iterable
from dataclasses import dataclass

from keysteward.rules.accounts import Standing


@dataclass(frozen=True, slots=True)
class Summary:
    """What demo learns of a live key's custody: how many admins can manage it, and whether one is a service admin."""

    admins: int
    service_admin: bool


def summarize(standings: Iterable[Standing]) -> Summary:
    """Count the active admins of the management account."""
    admins = [standing for standing in standings if standing.is_admin]
    return Summary(len(admins), any(standing.user.service for standing in admins))
