"""What would happen to keys if somebody left, an account closed or a domain lapsed? Asked before it happens."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from keysteward.rules.custody.inventory import Inventory, KeyFacts, domain_of, grouped
from keysteward.rules.custody.ways import Outlook, Way, outlook
from keysteward.rules.policy import Policy

Event = Literal["leaves", "closes", "lapses"]
EVENTS: dict[Event, str] = {
    "leaves": "This person leaves",
    "closes": "This account closes",
    "lapses": "This domain lapses",
}
Effect = Literal["unmanageable", "no way back", "one admin left", "touched"]
EFFECTS: dict[Effect, str] = {
    "unmanageable": "Nobody could manage the key.",
    "no way back": "Neither a transfer nor a stand-in would be open any more.",
    "one admin left": "One admin alone could manage the key.",
    "touched": "They asked for its review, or are impersonated by it.",
}
_ORDER = list(EFFECTS)


class Change(NamedTuple):
    """What may happen: somebody (user id or address), an account (GUID) or a domain (host name)."""

    event: Event
    subject: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What would become of one key, because of which changes, and which ways back would then be open."""

    key: KeyFacts
    account: str
    effect: Effect
    because: tuple[Change, ...]
    ways: tuple[Way, ...]

    @property
    def sentence(self) -> str:
        """The effect in one sentence."""
        return EFFECTS[self.effect]


class Answer(NamedTuple):
    """What would happen, the gravest first; no key rests on what the changes in `unknown` are about."""

    consequences: tuple[Consequence, ...]
    unknown: tuple[Change, ...]

    @property
    def unmanageable(self) -> tuple[Consequence, ...]:
        """The keys that nobody could manage."""
        return tuple(each for each in self.consequences if each.effect == "unmanageable")


def what_if(inventory: Inventory, changes: Iterable[Change], policy: Policy) -> Answer:
    """Every key that all these changes together would make worse off."""
    every = tuple(dict.fromkeys(changes))
    known = tuple(change for change in every if is_known(inventory, change))
    found = in_gravity(_consequences(inventory, applied(inventory, known), known, policy))
    return Answer(found, tuple(change for change in every if change not in known))


def in_gravity(consequences: Iterable[Consequence]) -> tuple[Consequence, ...]:
    """Consequences, the gravest first."""
    return tuple(sorted(consequences, key=lambda each: _ORDER.index(each.effect)))


def applied(inventory: Inventory, changes: Iterable[Change]) -> Inventory:
    """The inventory as it would be afterwards."""
    wanted = tuple(changes)
    leavers = {person.id for person in map(inventory.person_called, _subjects(wanted, "leaves")) if person}
    closing, lapsing = set(_subjects(wanted, "closes")), {each.lower() for each in _subjects(wanted, "lapses")}
    return replace(
        inventory,
        people=tuple(replace(each, active=False) if each.id in leavers else each for each in inventory.people),
        accounts=tuple(
            replace(each, state="closed", closed_at=inventory.at)
            if each.id in closing and each.state != "closed"
            else each
            for each in inventory.accounts
        ),
        domains=tuple(
            replace(each, state="lapsed") if each.host_name in lapsing else each for each in inventory.domains
        ),
    )


def is_known(inventory: Inventory, change: Change) -> bool:
    """Whether the inventory has what a change is about."""
    if change.event == "leaves":
        return inventory.person_called(change.subject) is not None
    if change.event == "closes":
        return change.subject in inventory.account_of
    return any(domain.host_name == change.subject.lower() for domain in inventory.domains)


def _consequences(
    before: Inventory, after: Inventory, changes: tuple[Change, ...], policy: Policy
) -> Iterator[Consequence]:
    reasons = grouped(
        [(key, change) for change in changes for key in _concerned(before, change)],
        lambda pair: (pair[0].account, pair[0].key),
    )
    for pairs in reasons.values():
        key, because = pairs[0][0], tuple(change for _, change in pairs)
        now, then = outlook(before, key, policy), outlook(after, key, policy)
        effect = _effect(now, then, before, because)
        if effect is not None:
            yield Consequence(key, then.account.id, effect, because, then.ways)


def _effect(now: Outlook, then: Outlook, before: Inventory, because: tuple[Change, ...]) -> Effect | None:
    if now.is_manageable and not then.is_manageable:
        return "unmanageable"
    if now.has_way_back and not then.has_way_back:
        return "no way back"
    if len(now.managers) > 1 and len(then.managers) == 1:
        return "one admin left"
    return "touched" if any(now.key in _resting(before, change) for change in because) else None


def _concerned(inventory: Inventory, change: Change) -> tuple[KeyFacts, ...]:
    """The keys that a change has anything to do with, each once."""
    if change.event == "closes":
        return inventory.keys_of(change.subject)
    if change.event == "lapses":
        return tuple(_requested_from(inventory, change.subject.lower()))
    person = inventory.person_called(change.subject)
    led = (
        [key for account in inventory.accounts_led_by(person) for key in inventory.keys_of(account.id)]
        if person
        else []
    )
    return tuple(dict.fromkeys((*led, *_resting(inventory, change))))


def _requested_from(inventory: Inventory, host_name: str) -> Iterator[KeyFacts]:
    organizations = {each.organization for each in inventory.domains if each.host_name == host_name}
    for key in inventory.keys:
        account = inventory.account_of.get(key.account)
        addresses = (key.requester, *key.recovery_contacts)
        if account and account.organization in organizations and host_name in map(domain_of, addresses):
            yield key


def _resting(inventory: Inventory, change: Change) -> tuple[KeyFacts, ...]:
    person = inventory.person_called(change.subject) if change.event == "leaves" else None
    found = inventory.keys_resting_on(person) if person else ()
    return tuple(key for key in found if key.account in inventory.account_of)


def _subjects(changes: tuple[Change, ...], event: Event) -> list[str]:
    return [change.subject for change in changes if change.event == event]
