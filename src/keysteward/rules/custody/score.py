"""How well are a key, an account and an organization looked after, in one number?

100 is a key that nothing puts at risk. Each finding that touches a key takes points from it, by its severity; an
account has the mean of its keys, and an organization the mean of the keys of its accounts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from keysteward.rules.custody.findings import Finding, Severity
from keysteward.rules.custody.inventory import Inventory

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
    keys = _of_keys(inventory, findings)
    by_account, by_organization = _by_owner(findings)
    kept = {account.id: [keys[key.key] for key in inventory.keys_of(account.id)] for account in inventory.accounts}
    of_organization = defaultdict[str, list[int]](list)
    for account in inventory.accounts:
        of_organization[account.organization] += kept[account.id]
    return Scores(
        keys,
        {each.id: _mean(kept[each.id], by_account[each.id]) for each in inventory.management_accounts},
        {each.id: _mean(of_organization[each.id], by_organization[each.id]) for each in inventory.organizations},
        _mean(list(keys.values()), findings),
    )


def _of_keys(inventory: Inventory, findings: Collection[Finding]) -> dict[str, int]:
    scores = dict.fromkeys((key.key for key in inventory.keys), BEST)
    for finding in findings:
        for key in set(finding.keys) & scores.keys():
            scores[key] -= PENALTIES[finding.severity]
    return {key: max(0, score) for key, score in scores.items()}


def _by_owner(findings: Iterable[Finding]) -> tuple[dict[str, list[Finding]], dict[str, list[Finding]]]:
    by_account, by_organization = defaultdict[str, list[Finding]](list), defaultdict[str, list[Finding]](list)
    for finding in findings:
        by_account[finding.account].append(finding)
        by_organization[finding.organization].append(finding)
    return by_account, by_organization


def _mean(scores: list[int], findings: Iterable[Finding]) -> int:
    if scores:
        return sum(scores) // len(scores)
    return max(0, BEST - sum(PENALTIES[finding.severity] for finding in findings))
