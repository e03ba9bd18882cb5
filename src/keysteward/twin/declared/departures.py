"""Who left a declared twin, by whose word, and who took it back?"""

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from keysteward.actions import leavers
from keysteward.actions.leavers import Council, Directory, Operating, Reporter
from keysteward.rules.consent import lies_in
from keysteward.rules.domains import ascii_name
from keysteward.twin.declared.people import Joining
from keysteward.twin.declared.references import Known, domain_of
from keysteward.twin.declared.shapes import Organization
from keysteward.twin.declared.shapes_custody import Departure
from keysteward.twin.declared.stage import Stage, at

OPERATOR, PROVIDER = "operator", "identity provider"


class _Word(NamedTuple):
    """That somebody left, or came back, at a moment."""

    when: datetime
    number: int
    is_return: bool
    declared: Departure


def depart(stage: Stage) -> None:
    """Let people leave and come back, in the order of the moments."""
    words = [
        word for number, each in enumerate(stage.known.declared.departures) for word in _words(stage, number, each)
    ]
    returned = set[tuple[datetime, str]]()
    for word in sorted(words, key=attrgetter("when", "number", "is_return")):
        path = f"{stage.environment}.departures[{word.number}]"
        user, reporter = stage.known.users.load(word.declared.user), _reporter(stage, word)
        with at(path):
            if not word.is_return:
                leavers.report(stage.on(word.when), reporter, user, word.declared.reason)
            elif (word.when, user) not in returned or not isinstance(reporter, Operating):
                leavers.bring_back(stage.on(word.when), reporter, user)
                returned.add((word.when, user))  # an operator takes every word back at once


def ends_with_departure(known: Known, joining: Joining) -> bool:
    """Whether a membership ends because an organization says that somebody left its accounts."""
    organization = known.organization_of(joining.account)
    if organization is None:
        return False
    guid = known.organization_guid(organization)
    words = (each for each in known.declared.departures if each.organization and not each.brought_back)
    own = [each for each in words if known.organizations.load(each.organization or "") == guid]
    return not _speaks_for(organization, joining.user.email) and joining.guid in {
        known.users.load(each.user) for each in own
    }


def council_without(known: Known, organization: Organization, user: str | None) -> list[str]:
    """The GUIDs of those who may say for an organization that somebody left."""
    admins = (known.users.find(each) for each in known.admins_in(organization))
    return [each for each in admins if each is not None and each != user]


def _words(stage: Stage, number: int, declared: Departure) -> list[_Word]:
    left = _Word(stage.when(declared.created, stage.now), number, is_return=False, declared=declared)
    if declared.brought_back is False:
        return [left]
    return [left, _Word(stage.when(declared.brought_back, stage.now), number, is_return=True, declared=declared)]


def _reporter(stage: Stage, word: _Word) -> Reporter:
    known, declared = stage.known, word.declared
    by = (declared.brought_back_by if word.is_return else None) or declared.by
    if declared.organization is None:
        return Operating(by or OPERATOR)
    guid = known.organizations.load(declared.organization)
    organization = next(each for each in known.declared.organizations if known.organization_guid(each) == guid)
    council = council_without(known, organization, known.users.load(declared.user))
    if word.is_return and declared.brought_back_by and known.users.find(declared.brought_back_by) not in council:
        return Operating(declared.brought_back_by)
    if declared.by_provider and not (word.is_return and declared.brought_back_by):
        return Directory(by or PROVIDER, guid)
    return Council(stage.actor(known.users.load(by) if by else council[0], word.when), guid)


def _speaks_for(organization: Organization, email: str) -> bool:
    """Whether an organization closes the whole user: what lapsed in the end was active until then."""
    proved = [ascii_name(each.name) for each in map(domain_of, organization.domains) if each.state != "pending"]
    return bool(proved) and lies_in(email, proved)
