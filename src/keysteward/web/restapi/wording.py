"""How are instants, switches and links written, so that the official SDKs read them?"""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5


def stamp(instant: datetime) -> str:
    """An instant in UTC with seven fraction digits, as both APIs write it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def switch(value: bool) -> str:  # noqa: FBT001 — it is about this one value
    """A yes or no as the eSignature API writes it: as text."""
    return "true" if value else "false"


def plan_id(plan: str) -> str:
    """The id of a plan, the same in every environment: we know plans by their names."""
    return str(uuid5(NAMESPACE_URL, f"urn:keysteward:plan:{plan}"))


def membership_id(account: str, user: str) -> str:
    """The id of a membership: we know it by its account and its user."""
    return str(uuid5(UUID(account), user))
