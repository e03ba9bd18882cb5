"""Who could manage which keys, and where does it all rest on one person? What a custody map shows.

The map has some accounts, each with its keys and with everybody who could manage them. What stands out there is told by
MARKS: a single point of failure, or something that closes a way back.
"""

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from keysteward.rules.custody.inventory import AccountFacts, Inventory, KeyFacts, Person
from keysteward.rules.custody.owners import requester_outside_domains
from keysteward.rules.custody.ways import managers
from keysteward.rules.policy import Policy

MarkName = Literal["nobody", "closed", "suspended", "one-admin", "requester-outside", "unseen", "outside", "service"]
MARKS: dict[MarkName, str] = {
    "nobody": "Nobody can manage it",
    "closed": "Closed: nobody can manage it",
    "suspended": "Suspended: nobody can manage it",
    "one-admin": "Only admin",
    "requester-outside": "Requester outside the claimed domains",
    "unseen": "Not signed in for long",
    "outside": "Address in no claimed domain",
    "service": "Service admin",
}
"""What is said of an account, a key or a person, the gravest first."""
POINTS_OF_FAILURE: frozenset[MarkName] = frozenset({"nobody", "closed", "suspended", "one-admin"})
REASSURING: frozenset[MarkName] = frozenset({"service"})


class HeldKey(NamedTuple):
    """A key, and what stands out of it."""

    key: KeyFacts
    marks: tuple[MarkName, ...]


class Holder(NamedTuple):
    """Somebody who could manage the keys of an account, and what stands out of them there."""

    person: Person
    marks: tuple[MarkName, ...]


class Place(NamedTuple):
    """An account with its keys and with everybody who could manage them, the riskiest first of both."""

    account: AccountFacts
    keys: tuple[HeldKey, ...]
    holders: tuple[Holder, ...]
    marks: tuple[MarkName, ...]

    @property
    def is_point_of_failure(self) -> bool:
        """Whether its keys are lost already, or would be with one person."""
        return not POINTS_OF_FAILURE.isdisjoint(self.marks)


def places(inventory: Inventory, policy: Policy) -> tuple[Place, ...]:
    """Every account that manages keys, the riskiest first."""
    outside = {broken.subject for broken in requester_outside_domains(inventory, policy)}
    found = [_place(inventory, policy, account, outside) for account in inventory.management_accounts]
    return tuple(sorted(found, key=_riskiest_first))


def _place(inventory: Inventory, policy: Policy, account: AccountFacts, outside: Collection[str]) -> Place:
    people = managers(inventory, account)
    keys = [HeldKey(key, _marks(("requester-outside", key.key in outside))) for key in inventory.keys_of(account.id)]
    is_alone = len(people) == 1
    holders = [Holder(person, _of_person(inventory, policy, account, person, is_alone=is_alone)) for person in people]
    marks = _marks(
        ("closed", account.state == "closed"),
        ("suspended", account.state == "suspended"),
        ("nobody", account.state == "open" and not people),
        ("one-admin", is_alone),
    )
    return Place(account, tuple(sorted(keys, key=_most_marked)), tuple(sorted(holders, key=_most_marked)), marks)


def _of_person(
    inventory: Inventory, policy: Policy, account: AccountFacts, person: Person, *, is_alone: bool
) -> tuple[MarkName, ...]:
    proved = {each.host_name for each in inventory.domains_of(account.organization) if each.state == "active"}
    seen_at = person.seen_at or person.since
    is_unseen = not person.service and seen_at is not None and inventory.at - seen_at > policy.admin_unseen_after
    return _marks(
        ("one-admin", is_alone),
        ("unseen", is_unseen and "sign-ins" in inventory.says),
        ("outside", bool(proved) and person.domain not in proved),
        ("service", person.service),
    )


def _marks(*asked: tuple[MarkName, bool]) -> tuple[MarkName, ...]:
    return tuple(name for name, applies in asked if applies)


def _riskiest_first(place: Place) -> tuple[int, int, str]:
    """By the gravest mark of the account, then of what is in it, then by how many keys hang on it."""
    marked: tuple[HeldKey | Holder, ...] = (*place.keys, *place.holders)
    marks = [*place.marks, *(mark for each in marked for mark in each.marks)]
    return _gravity(marks), -len(place.keys), place.account.name.casefold()


def _most_marked(each: HeldKey | Holder) -> int:
    return _gravity(each.marks)


def _gravity(marks: Iterable[MarkName]) -> int:
    """The place of the gravest in MARKS; what has none comes last."""
    order = list(MARKS)
    return min((order.index(mark) for mark in marks if mark not in REASSURING), default=len(order))
