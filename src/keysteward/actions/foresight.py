"""What would become of keys if people left, accounts closed or domains lapsed? Asked before it happens.

Only accounts that a change concerns are looked at, a hundred at a time, however many there are.
"""

from collections.abc import Callable, Iterable, Iterator

from keysteward.actions.context import Context
from keysteward.actions.custody_facts import facts_of
from keysteward.actions.organization_custody import administered
from keysteward.actions.people import reader
from keysteward.rules.access import READ_CUSTODY, Actor, demand_permission
from keysteward.rules.custody.what_if import Answer, Change, Consequence, in_gravity
from keysteward.rules.custody.what_if import what_if as foresee
from keysteward.store import concerned
from keysteward.store.database import Connection

_AT_ONCE = 100
_People = dict[str, tuple[str, str]]
Tell = Callable[[int, int], None]


def what_if(ctx: Context, actor: Actor, account: str, changes: Iterable[Change]) -> Answer:
    """What would become of an account's keys."""
    every = tuple(changes)
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY).account.id
        leavers = concerned.find_people(tx, _about("leaves", every))
        return foresee(facts_of(ctx, tx, [own], {user for user, _ in leavers.values()}), every, ctx.policy)


def what_if_of_organization(
    ctx: Context, actor: Actor, organization: str, changes: Iterable[Change], tell: Tell
) -> Answer:
    """What would become of the keys of all its accounts; `tell` hears how many accounts of how many are looked at."""
    demand_permission(actor, READ_CUSTODY)
    every = tuple(dict.fromkeys(changes))
    with ctx.database.reading() as tx:
        own = administered(tx, actor, organization)
        ids = sorted(concerned.accounts_of_organizations(tx, [own.id]))
        leavers = concerned.find_people(tx, _about("leaves", every))
    users, found, unknown = {user for user, _ in leavers.values()}, list[Consequence](), set(every)
    for at in range(0, len(ids), _AT_ONCE):
        with ctx.database.reading() as tx:
            answer = foresee(facts_of(ctx, tx, ids[at : at + _AT_ONCE], users), every, ctx.policy)
        found += answer.consequences
        unknown &= set(answer.unknown)
        tell(min(at + _AT_ONCE, len(ids)), len(ids))
    return Answer(in_gravity(found), tuple(change for change in every if change in unknown))


def what_if_everywhere(ctx: Context, changes: Iterable[Change]) -> Answer:
    """What would become of all keys of the environment, for its operators on the host."""
    every = tuple(dict.fromkeys(changes))
    with ctx.database.reading() as tx:
        leavers = concerned.find_people(tx, _about("leaves", every))
        held = concerned.organizations_of_domains(tx, [each.lower() for each in _about("lapses", every)])
        closing = concerned.known_accounts(tx, _about("closes", every))
        known = tuple(change for change in every if _is_known(change, leavers, closing, held))
        touched = sorted(_touched(tx, leavers, closing, held))
        users = {user for user, _ in leavers.values()}
        found: list[Consequence] = []
        for part in (touched[at : at + _AT_ONCE] for at in range(0, len(touched), _AT_ONCE)):
            found += foresee(facts_of(ctx, tx, part, users), known, ctx.policy).consequences
    return Answer(in_gravity(found), tuple(change for change in every if change not in known))


def _about(event: str, changes: Iterable[Change]) -> list[str]:
    return [change.subject for change in changes if change.event == event]


def _is_known(change: Change, leavers: _People, closing: set[str], held: dict[str, str]) -> bool:
    if change.event == "leaves":
        return change.subject in leavers
    return change.subject in closing if change.event == "closes" else change.subject.lower() in held


def _touched(tx: Connection, leavers: _People, closing: set[str], held: dict[str, str]) -> Iterator[str]:
    people = dict(leavers.values())
    led = concerned.accounts_led_by(tx, people) | concerned.accounts_resting_on(tx, people)
    yield from led | closing | concerned.accounts_of_organizations(tx, held.values())
