"""Can somebody manage an account's keys, and will there be somebody tomorrow?"""

from collections.abc import Iterator
from datetime import timedelta

from keysteward.rules.custody.findings import Broken, Severity
from keysteward.rules.custody.inventory import AccountFacts, Inventory, Person
from keysteward.rules.policy import Policy
from keysteward.rules.words import many

_DRILL_DAY = timedelta(days=1)
_LATELY = timedelta(days=30)


def nobody_can_manage(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """An open account without an active admin."""
    for account in _open(inventory):
        if not inventory.admins_of(account.id):
            yield _about(
                inventory, account, "critical", f"{account.name} has no active admin: nobody can manage its keys."
            )


def only_admin_is_a_person(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """One admin, and that one is somebody who may leave."""
    for account in _open(inventory):
        admins = inventory.admins_of(account.id)
        if len(admins) == 1 and not admins[0].service:
            sentence = (
                f"{admins[0].called} is the only admin of {account.name}. When they leave, nobody can manage its keys."
            )
            yield _about(inventory, account, "critical", sentence)


def too_few_admins(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Fewer admins than there should be, though not as grave as one person or nobody."""
    for account in _open(inventory):
        admins = inventory.admins_of(account.id)
        lone_person = len(admins) == 1 and not admins[0].service
        if admins and not lone_person and len(admins) < policy.least_admins:
            sentence = (
                f"{account.name} has {many(len(admins), 'admin', 'admins')}; have at least {policy.least_admins}."
            )
            yield _about(inventory, account, "high", sentence)


def no_service_admin(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Every admin is a person."""
    for account in _open(inventory):
        admins = inventory.admins_of(account.id)
        if admins and not any(admin.service for admin in admins):
            sentence = f"Every admin of {account.name} is a person, and people leave."
            yield _about(inventory, account, "medium", sentence)


def too_many_admins(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """More admins than somebody keeps an eye on."""
    for account in _open(inventory):
        admins = inventory.admins_of(account.id)
        if len(admins) > policy.most_admins:
            sentence = f"{account.name} has {len(admins)} admins; {policy.most_admins} are enough."
            yield _about(inventory, account, "low", sentence)


def service_admin_without_a_drill(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A way in that nobody tried for long may not work."""
    for account, admin in _service_admins(inventory):
        tried_at = admin.drilled_at or admin.since
        if tried_at is None or inventory.at - tried_at <= policy.service_admin_drill_every:
            continue
        days = (inventory.at - tried_at).days
        yield _about_person(
            inventory, account, admin, "medium", f"{admin.called} was not tried in a drill for {days} days."
        )


def service_admin_signed_in(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A service admin is for emergencies: a sign-in that was no drill is one, or somebody who should not be there."""
    for account, admin in _service_admins(inventory):
        seen_at = admin.seen_at
        if seen_at is None or inventory.at - seen_at > _LATELY:
            continue
        if admin.drilled_at is None or abs(seen_at - admin.drilled_at) > _DRILL_DAY:
            sentence = f"{admin.called} signed in on {seen_at:%-d %B %Y}, and not for a drill."
            yield _about_person(inventory, account, admin, "critical", sentence)


def shared_second_factor(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A service admin whose second factor leaves with a person is no way back."""
    for account, admin in _service_admins(inventory):
        for person in inventory.members_of(account.id):
            if not person.service and person.second_factors & admin.second_factors:
                sentence = f"{admin.called} has the same second factor as {person.called}."
                yield _about_person(inventory, account, admin, "medium", sentence)
                break


def unseen_admin(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """An admin who does not sign in may be gone already."""
    for account in _open(inventory):
        for admin in inventory.admins_of(account.id):
            away = _away(inventory, admin)
            if admin.service or away is None or away <= policy.admin_unseen_after:
                continue
            severity: Severity = "high" if away > policy.admin_lost_after else "medium"
            sentence = f"{admin.called}, an admin of {account.name}, has not signed in for {away.days} days."
            yield _about_person(inventory, account, admin, severity, sentence)


def nobody_signs_in(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """Keys that are used, while whoever could manage them does not sign in."""
    for account in _open(inventory):
        used = [
            key
            for key in inventory.keys_of(account.id)
            if key.used_at and inventory.at - key.used_at <= policy.key_unused_after
        ]
        admins = inventory.admins_of(account.id)
        away = [_away(inventory, admin) for admin in admins]
        if used and away and all(each is not None and each > policy.admin_unseen_after for each in away):
            days = policy.admin_unseen_after.days
            sentence = f"Keys of {account.name} are in use, and none of its admins signed in for {days} days."
            yield _about(inventory, account, "high", sentence, tuple(key.key for key in used))


def others_in_production(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """The production account that manages keys needs admins only."""
    for account in _open(inventory):
        others = len(inventory.members_of(account.id)) - len(inventory.admins_of(account.id)) + account.others
        if account.environment == "production" and others > 0:
            sentence = f"{account.name} manages live keys and has {many(others, 'user', 'users')} besides its admins."
            yield _about(inventory, account, "low", sentence)


def lone_developer(inventory: Inventory, policy: Policy) -> Iterator[Broken]:
    """A developer account of one person goes when they go."""
    for account in _open(inventory):
        members = inventory.members_of(account.id)
        if account.environment == "demo" and len(members) == 1 and not account.others:
            sentence = f"{account.name} is a developer account with one user, {members[0].called}."
            yield _about(inventory, account, "medium", sentence)


def _open(inventory: Inventory) -> Iterator[AccountFacts]:
    return (account for account in inventory.management_accounts if account.state != "closed")


def _service_admins(inventory: Inventory) -> Iterator[tuple[AccountFacts, Person]]:
    for account in _open(inventory):
        for admin in inventory.admins_of(account.id):
            if admin.service:
                yield account, admin


def _away(inventory: Inventory, person: Person) -> timedelta | None:
    last = person.seen_at or person.since
    return inventory.at - last if last is not None else None


def _about(
    inventory: Inventory, account: AccountFacts, severity: Severity, sentence: str, keys: tuple[str, ...] | None = None
) -> Broken:
    touched = inventory.guids_of(account.id) if keys is None else keys
    return Broken(severity, "account", account.id, sentence, account.id, account.organization, touched)


def _about_person(
    inventory: Inventory, account: AccountFacts, person: Person, severity: Severity, sentence: str
) -> Broken:
    touched = inventory.guids_of(account.id)
    return Broken(severity, "person", person.id, sentence, account.id, account.organization, touched)
