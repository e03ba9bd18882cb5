"""What is kept, signed, of a key that retired because another took its place?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from keysteward.rules.accounts import Account
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.replacements import End, Hand, Replacement, Retirement, final_at


@dataclass(frozen=True, slots=True)
class Record:
    """Which key took the place of which, who retired the old one, and whether it came back.

    `ended` is empty as long as the old key is retired and can be brought back; addresses are empty for the system.
    """

    retirement: str
    key: str
    name: str
    account: str
    account_name: str
    replaced_by: str
    replaced_by_name: str
    remark: str
    named_by: str
    hand: Hand
    asked_by: str
    asked_at: datetime
    approved_by: str
    reason: str
    retired_at: datetime
    final_at: datetime
    ended: End | Literal[""]
    ended_by: str
    ended_at: datetime | None
    policy_version: int


def record_of(
    named: Replacement, old: App, account: Account, new: App, retired: Retirement, policy: Policy
) -> Record | None:
    """What is signed of a retirement; None where it never came into force, or was for another key than this."""
    if retired.retired_at is None or retired.successor != new.key:
        return None
    ended = retired.ended
    return Record(
        retirement=retired.id,
        key=old.key,
        name=old.name,
        account=account.id,
        account_name=account.name,
        replaced_by=new.key,
        replaced_by_name=new.name,
        remark=named.remark,
        named_by=named.named_by,
        hand=retired.hand,
        asked_by=retired.asked.email,
        asked_at=retired.asked.at,
        approved_by=retired.approved.email if retired.approved else "",
        reason=retired.reason,
        retired_at=retired.retired_at,
        final_at=final_at(retired.retired_at, policy),
        ended=ended.end if ended else "",
        ended_by=ended.act.email if ended and ended.act.by != "system" else "",
        ended_at=ended.act.at if ended else None,
        policy_version=policy.version,
    )
