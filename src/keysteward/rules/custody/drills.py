"""Is what was to be tried tried, and did it work?"""

from collections.abc import Iterator

from keysteward.rules.custody.findings import Broken, Severity
from keysteward.rules.custody.inventory import DrillFacts, Inventory
from keysteward.rules.policy import Policy


def drill_is_overdue(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A drill whose day is over, and not both have recorded how it went."""
    for drill in _of_managers(inventory):
        if drill.ended_at is None and inventory.at >= drill.due_at:
            severity: Severity = "high" if inventory.at - drill.due_at > policy.drill_overdue_gravely else "medium"
            sentence = f"The drill “{drill.title}” was due on {drill.due_at:%-d %B %Y}, and nobody knows how it went."
            yield _about(inventory, drill, severity, sentence)


def drill_failed(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """The newest drill of its kind failed: what it tries does not work."""
    for drill in _of_managers(inventory):
        if drill.failed and drill.ended_at is not None:
            sentence = f"The drill “{drill.title}” failed on {drill.ended_at:%-d %B %Y}: that way back does not work."
            yield _about(inventory, drill, "high", sentence)


def _of_managers(inventory: Inventory) -> Iterator[DrillFacts]:
    """The drills of open accounts that manage keys; of one about a key, while the account manages that."""
    managing = {account.id for account in inventory.management_accounts if account.state != "closed"}
    for drill in inventory.drills:
        if drill.account in managing and (not drill.key or drill.key in inventory.guids_of(drill.account)):
            yield drill


def _about(inventory: Inventory, drill: DrillFacts, severity: Severity, sentence: str) -> Broken:
    account = inventory.account_of[drill.account]
    touched = (drill.key,) if drill.key else inventory.guids_of(account.id)
    return Broken(severity, "account", drill.id, sentence, account.id, account.organization, touched)
