"""How well are a key, an account and an organization looked after, in one number?

100 is a key that nothing puts at risk. Each finding that touches a key takes points from it, by its severity; an
account has the mean of its keys, and an organization the mean of the keys of its accounts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from keysteward.rules.custody.findings import Finding, Severity
from keysteward.rules.custody.inventory import Inventory
from keysteward.rules.custody.lives import Life

PENALTIES: dict[Severity, int] = {"critical": 40, "high": 20, "medium": 8, "low": 2}
BEST = 100


@dataclass(frozen=True, slots=True)
class Scores:
    """The score of every key, account and organization of an inventory, and of all of it."""

    keys: dict[str, int]
    accounts: dict[str, int]
    organizations: dict[str, int]
    whole: int


def scores_of(inventory: Inventory, findings: Collection[Finding]) -> Scores:
    """Every score. An account or organization without keys has what its own findings leave."""
    keys = key_scores([key.key for key in inventory.keys], findings)
    by_account, by_organization = _by_owner(findings)
    kept = {account.id: [keys[key.key] for key in inventory.keys_of(account.id)] for account in inventory.accounts}
    of_organization = defaultdict[str, list[int]](list)
    for account in inventory.accounts:
        of_organization[account.organization] += kept[account.id]
    return Scores(
        keys,
        {each.id: mean(kept[each.id], by_account[each.id]) for each in inventory.management_accounts},
        {each.id: mean(of_organization[each.id], by_organization[each.id]) for each in inventory.organizations},
        mean(list(keys.values()), findings),
    )


def key_scores(keys: Iterable[str], touching: Iterable[Finding | Life]) -> dict[str, int]:
    """The score of each of some keys, with whatever touches them."""
    scores = dict.fromkeys(keys, BEST)
    for each in touching:
        for key in scores.keys() & set(each.keys):
            scores[key] -= PENALTIES[each.severity]
    return {key: max(0, score) for key, score in scores.items()}


def mean(scores: Collection[int], touching: Iterable[Finding | Life]) -> int:
    """The mean of the keys; where there are none, what is left by whatever touches their owner."""
    if scores:
        return sum(scores) // len(scores)
    return max(0, BEST - sum(PENALTIES[each.severity] for each in touching))


def _by_owner(findings: Iterable[Finding]) -> tuple[dict[str, list[Finding]], dict[str, list[Finding]]]:
    by_account, by_organization = defaultdict[str, list[Finding]](list), defaultdict[str, list[Finding]](list)
    for finding in findings:
        by_account[finding.account].append(finding)
        by_organization[finding.organization].append(finding)
    return by_account, by_organization
