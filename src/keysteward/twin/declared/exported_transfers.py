"""What would a file have to declare for keys to move from account to account as they did?

Whoever took a step may have lost the standing for it since, and a file is played with what people are in the end: then
somebody else is said to have taken it, and for an organization that could not stand in any more an admin of the source.
"""

from collections.abc import Sequence
from dataclasses import replace

from keysteward.rules.domains import ascii_name
from keysteward.rules.transfers import Act, domain_of
from keysteward.rules.transfers import Transfer as Moving
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.place import Place
from keysteward.twin.declared.shapes_custody import Ended, Step, Transfer


def transfers(place: Place) -> list[Transfer]:
    """Every transfer that could be played again, in the order in which they began."""
    found = (_playable(place, each) for each in place.snapshot.transfers)
    return [_transfer(place, each) for each in found if each is not None]


def council_for(place: Place, key: str, account: str, organization: str) -> list[str]:
    """The addresses of those who could stand in for an account; nobody's where the organization could not any more."""
    group = next((each for each in place.snapshot.groups if each.organization.id == organization), None)
    if group is None or account not in {each.id for each in group.accounts}:
        return []
    requesters = (each.app.requester for each in place.snapshot.apps if each.app.key == key)
    contacts = (each.email for each in place.snapshot.houses[account].contacts if each.confirmed_at is not None)
    known = {ascii_name(domain_of(each)) for each in (*requesters, *contacts) if each}
    return [place.emails[user] for user in group.admins] if known & _proved(place, organization) else []


def said_by(email: str, may: Sequence[str]) -> str | None:
    """Who is said to have done something: who did, or the first who might have."""
    return email if email in may else next(iter(may), None)


def _proved(place: Place, organization: str) -> set[str]:
    """The domains that an organization holds, or held until the end: not those that another took over."""
    held = {each.organization.id: {domain.host_name for domain in each.domains if domain.state != "pending"}
            for each in place.snapshot.groups}  # fmt: skip
    lapsed = (domain.host_name for each in place.snapshot.groups for domain in each.domains
              if each.organization.id == organization and domain.state == "lapsed")  # fmt: skip
    others = {name for group, names in held.items() if group != organization for name in names}
    return held[organization] - (others & set(lapsed))


def _playable(place: Place, moving: Moving) -> Moving | None:
    """A transfer as it can be played; a stand-in that cannot any more is an admin's, where the key moved with it."""
    if not moving.is_stand_in:
        return moving
    council = council_for(place, moving.key, moving.source, moving.organization or "")
    starter = said_by(_email(place, moving.started), council)
    if starter is not None and any(each != starter for each in place.admins(moving.destination).values()):
        return moving
    is_moved = moving.ending is not None and moving.ending.end == "moved"
    return replace(moving, hand="admin", approved=None) if is_moved else None


def _transfer(place: Place, moving: Moving) -> Transfer:
    sources, destinations = [*place.admins(moving.source).values()], [*place.admins(moving.destination).values()]
    council = council_for(place, moving.key, moving.source, moving.organization or "") if moving.is_stand_in else []
    by = said_by(_email(place, moving.started), council or sources)
    strangers = [each for each in destinations if not council or each != by]
    source, destination = moving.confirmed("source"), moving.confirmed("destination")
    return Transfer(
        app=moving.key,
        to=place.name_of(place.account(moving.destination)),
        hand=moving.hand,
        by=by,
        started=say_moment(moving.started.at),
        accepted=_step(place, moving.accepted, strangers),
        source_confirmed=_step(place, source.act if source else None, _signers(moving, by, sources)),
        destination_confirmed=_step(place, destination.act if destination else None, strangers),
        approved=_step(place, moving.approved, [each for each in council if each != by]),
        ended=_ended(place, moving, by, sources, destinations if not council else [*council, *destinations]),
    )


def _signers(moving: Moving, by: str | None, sources: Sequence[str]) -> Sequence[str]:
    """Who may sign for the source: any admin of it, or whoever else started the transfer."""
    return sources if moving.hand == "admin" else [by] if by else []


def _step(place: Place, act: Act | None, may: Sequence[str]) -> Step | bool:
    """A step that was taken, where anybody could take it still."""
    by = None if act is None else said_by(_email(place, act), may)
    return False if act is None or by is None else Step(by=by, at=say_moment(act.at))


def _ended(place: Place, moving: Moving, by: str | None, sources: Sequence[str], others: Sequence[str]) -> Ended | None:
    if moving.ending is None:
        return None
    how, act, reason = moving.ending
    said = Ended(how=how, reason=reason, at=say_moment(act.at))
    if how == "vetoed":
        said.by = said_by(_email(place, act), sources)
    if how == "cancelled":
        may = others if moving.is_stand_in else [*sources, *others]
        said.by = _email(place, act) if _email(place, act) in may else by
    return said


def _email(place: Place, act: Act) -> str:
    return place.emails.get(act.by, "")
