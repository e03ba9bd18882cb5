"""What would a file have to declare for people to come and leave as they did?"""

from keysteward.rules.accounts import Account
from keysteward.rules.custody.inventory import Fact
from keysteward.rules.custody.lives import Life
from keysteward.rules.people import Departure as Left
from keysteward.twin.declared.departures import OPERATOR, PROVIDER
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.place import Place
from keysteward.twin.declared.shapes_custody import Departure, Finding, Invitation, Profile

_ON_THE_HOST = "operator "
_NOT_KEPT: frozenset[Fact] = frozenset({"sign-ins", "second factors", "planned drills", "fingerprints", "legacy calls"})
"""Facts that a file does not declare, or for which every twin has names of its own: they are not found again."""


# ── what hangs on an account ────────────────────────────────────────────────────────────────────────────────────────
def profiles(place: Place, account: Account) -> list[Profile]:
    """The permission profiles of an account's own."""
    own = place.snapshot.houses[account.id].profiles
    return [Profile(name=each.name, permissions=sorted(each.permissions)) for each in own]


def invitations(place: Place, account: Account) -> list[Invitation]:
    """Whom an account invited, as long as who did administers it; else nobody can come with the link."""
    admins = place.active_admins(account.id)
    return [
        Invitation(
            email=each.email,
            profile=each.profile.name,
            service=each.service,
            by=admins[each.invited_by],
            created=say_moment(each.invited_at),
        )
        for each in place.snapshot.houses[account.id].invitations
        if each.invited_by in admins
    ]


def findings(place: Place, account: Account) -> list[Finding]:
    """What was said of an account's findings, while somebody administers it, where they would be found again."""
    admins = place.active_admins(account.id)
    said = [each for each in place.snapshot.houses[account.id].findings if each.rule is not None]
    return [_finding(account, life, admins) for life in said if admins and not _is_not_kept(life)]


def _is_not_kept(life: Life) -> bool:
    return life.rule is None or bool(life.rule.needs & _NOT_KEPT)


def _finding(account: Account, life: Life, admins: dict[str, str]) -> Finding:
    said = Finding(finding=life.code, owner=admins.get(life.owner))
    said.subject = "" if life.subject == account.id else life.subject
    if life.accepted_until is not None:
        said.accepted_until, said.reason = say_moment(life.accepted_until), life.accepted_why
        said.by = life.accepted_by if life.accepted_by in admins.values() else next(iter(admins.values()))
    return said


# ── who left ────────────────────────────────────────────────────────────────────────────────────────────────────────
def departures(place: Place) -> list[Departure]:
    """Who left and who came back, but for whom somebody let in again through another door."""
    return [_departure(place, each) for each in place.snapshot.departures if not _is_undone(place, each)]


def _is_undone(place: Place, left: Left) -> bool:
    standings = next(person.standings for person in place.snapshot.people if person.standings[0].user.id == left.user)
    is_there = {each.account.id for each in standings if each.membership.state == "active"}
    return left.ended_at is None and not left.is_whole and bool(is_there & set(left.accounts))


def _departure(place: Place, left: Left) -> Departure:
    by_operator, by = not left.organization, left.by.removeprefix(_ON_THE_HOST)
    if not by_operator and left.source != "identity provider":
        by = next((email for email in _council(place, left.organization) if email == left.by), "")
    back = left.ended_by.removeprefix(_ON_THE_HOST)
    return Departure(
        user=place.emails[left.user],
        organization=left.organization or None,
        by_provider=left.source == "identity provider",
        by=None if by in {"", OPERATOR if by_operator else PROVIDER} else by,
        reason=left.reason,
        created=say_moment(left.at),
        brought_back=say_moment(left.ended_at) if left.ended_at and left.ended_by else False,
        brought_back_by=None if left.ended_by in {"", left.by} else back,
    )


def _council(place: Place, organization: str) -> list[str]:
    found = next((each for each in place.snapshot.groups if each.organization.id == organization), None)
    return [place.emails[user] for user in found.admins] if found else []
