"""How does an account come to an organization and leave it, and who stays its admin?

An organization gains and loses an account by two words: one side asks, an admin of the other agrees. Whoever may speak
for both may say both.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from keysteward.rules.accounts import Account, User
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import ACCOUNT_LINKED, LAST_ORGANIZATION_ADMIN, NO_SUCH_OBJECT, Refusal

Wish = Literal["link", "unlink"]
Side = Literal["organization", "account"]

OTHER_SIDE: dict[Side, Side] = {"organization": "account", "account": "organization"}
_MOST_NAME = 100


class Request(NamedTuple):
    """That one side wants an account linked to an organization, or unlinked. `asked_by` is the GUID of a user."""

    organization: str
    account: str
    wish: Wish
    side: Side
    asked_at: datetime
    asked_by: str


def checked_name(name: str) -> str:
    """The name of an organization."""
    return checked_text(name, "name", most=_MOST_NAME)


def demand_possible(wish: Wish, organization: str, account: Account) -> None:
    """Refuse to link an account that belongs to an organization, and to unlink one that does not belong to this."""
    if wish == "link" and account.organization is not None:
        raise Refusal(ACCOUNT_LINKED)
    if wish == "unlink" and account.organization != organization:
        raise Refusal(NO_SUCH_OBJECT, thing="linked account")


def demand_another_admin(admins: Sequence[User], leaving: str) -> None:
    """Refuse to take the last active admin away. `admins` are the organization's active ones."""
    if all(each.id == leaving for each in admins):
        raise Refusal(LAST_ORGANIZATION_ADMIN)


def free_to_stand_in(admin_removed_at: datetime | None, now: datetime, wait: timedelta) -> datetime | None:
    """From when on an organization may stand in, where somebody took an admin's office so lately that it may not yet.

    Otherwise whoever removes the others first would need nobody's approval, and nobody could object.
    """
    free_at = admin_removed_at + wait if admin_removed_at else now
    return free_at if now < free_at else None
