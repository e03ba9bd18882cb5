"""What happens to somebody who left, and who may say so?

Protection never beats security: whoever is reported by an operator, an organization or its identity provider is out at
once, last admin or not. An account may then have no active admin; its keys keep working.
"""

from typing import NamedTuple

from keysteward.actions import sessions
from keysteward.actions.context import Context
from keysteward.actions.notices import announce_admin, watch_admins
from keysteward.actions.operators import Hand, demand_hand
from keysteward.actions.organizations import tell_removal
from keysteward.rules.access import HANDLE_ACCOUNTS, REPORT_LEAVERS, Actor, demand_permission
from keysteward.rules.accounts import Standing, User
from keysteward.rules.keys import checked_text
from keysteward.rules.people import Departure, Source, belongs_to, concerns, is_erased, is_still_closed
from keysteward.rules.refusals import (
    CLOSED_BY_OTHERS,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NO_SUCH_USER,
    NOT_AN_ORGANIZATION_ADMIN,
    Refusal,
)
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, domains, organizations, people, recovery, request_logs, signin
from keysteward.store.database import Connection, bump_epoch, lock


class Operating(NamedTuple):
    """An operator, in the console or on the host, who speaks for every user."""

    hand: Hand


class Council(NamedTuple):
    """An organization admin, who speaks for the organization's people."""

    actor: Actor
    organization: str


class Directory(NamedTuple):
    """What an organization's identity provider says of its people, by the name it goes by in the history."""

    name: str
    organization: str


Reporter = Operating | Council | Directory


class Left(NamedTuple):
    """Somebody left, and which open accounts have no active admin now."""

    departure: Departure
    unmanaged: tuple[str, ...]


class _Word(NamedTuple):
    """Whose word it is, as it is recorded; `user` is who said it, where that is somebody who signed in."""

    source: Source
    by: str
    organization: str
    user: str = ""


def report(ctx: Context, reporter: Reporter, user: str, reason: str) -> Left:
    """End all access of somebody who left. Said twice by the same, it happened once.

    An operator closes the user. So does an organization for whom their verified address lies in a domain that it
    proved; of others it ends the memberships in its own accounts and their office as its admin, and no more.
    """
    said = checked_text(reason, "reason", most=500)
    _demand_fresh(ctx, reporter)
    with ctx.database.writing() as tx:
        word, person = _locked(tx, reporter, user)
        return _reported(ctx, tx, word, person, said)


def report_within(ctx: Context, tx: Connection, directory: Directory, person: User, reason: str) -> Left:
    """Likewise within the transaction of a deed that holds the locks, as its last statement."""
    said = checked_text(reason, "reason", most=500)
    return _reported(ctx, tx, _word(tx, directory, directory.organization), person, said)


def bring_back(ctx: Context, reporter: Reporter, user: str) -> User:
    """Take back that somebody left: their user, or the memberships that ended, are active again; tokens stay dead.

    An operator takes back every word, an organization its own, a provider what a provider said. While another's word
    stands, the user stays closed; nobody comes back into an account that closed or left the organization meanwhile,
    and whoever administered the organization is named anew.
    """
    _demand_fresh(ctx, reporter)
    with ctx.database.writing() as tx:
        word, person = _locked(tx, reporter, user)
        _taken_back(ctx, tx, word, person)
        bump_epoch(tx)
        return accounts.find_user(tx, person.id) or person


def bring_back_within(ctx: Context, tx: Connection, directory: Directory, person: User) -> None:
    """Likewise within the transaction of a deed that holds the locks; refused while another's word stands."""
    word = _word(tx, directory, directory.organization)
    standing = [each for each in people.list_departures(tx, person.id) if each.ended_at is None]
    others = [each for each in standing if not _is_own(word, each)]
    if is_still_closed(person.id, others) or not any(each.is_whole for each in standing):
        raise Refusal(CLOSED_BY_OTHERS, by=f"by the word of an {others[0].source}" if others else "the user is gone")
    _taken_back(ctx, tx, word, person)


class Gone(NamedTuple):
    """Somebody who left, and who they are."""

    departure: Departure
    user: User


def list_left(ctx: Context, reporter: Operating | Council) -> list[Gone]:
    """Who left by the word of an organization, or of operators, the last first; only for whoever may say so."""
    organization = "" if isinstance(reporter, Operating) else reporter.organization.lower()
    with ctx.database.reading() as tx:
        _word(tx, reporter, organization)
        found = people.list_standing_departures(tx, organization)
        return [Gone(each, user) for each in found if (user := accounts.find_user(tx, each.user))]


def find_by_email(ctx: Context, reporter: Operating | Council, email: str) -> User:
    """The user with an address, for whoever may report them; of strangers nobody learns whether they are users."""
    organization = "" if isinstance(reporter, Operating) else reporter.organization.lower()
    with ctx.database.reading() as tx:
        word, found = _word(tx, reporter, organization), accounts.find_user_by_email(tx, email.strip())
        if found is None:
            raise Refusal(NO_SUCH_USER)
        _is_whole(tx, word, found[0], _of_organization(accounts.list_standings_of_user(tx, found[0].id), organization))
    return found[0]


# ── whose word ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _demand_fresh(ctx: Context, reporter: Reporter) -> None:
    actor = reporter.hand if isinstance(reporter, Operating) else getattr(reporter, "actor", None)
    if isinstance(actor, Actor):
        demand_fresh_person(actor, ctx.now, ctx.policy)


def _locked(tx: Connection, reporter: Reporter, user: str) -> tuple[_Word, User]:
    """Lock the organization, every account of the user and the user; refuse whoever may not say so of them."""
    organization = "" if isinstance(reporter, Operating) else reporter.organization.lower()
    led = [each.id for each in accounts.list_organizations_of_admin(tx, user)]
    if held := {organization, *led} - {""}:
        lock(tx, "organization", *held)
    unlocked = accounts.find_user(tx, user)
    lock(tx, "account", *(each.account.id for each in accounts.list_standings_of_user(tx, user)))
    lock(tx, "user", user, *([unlocked.email.casefold()] if unlocked else []))
    word = _word(tx, reporter, organization)
    person = accounts.find_user(tx, user)
    if person is None or is_erased(person):
        raise Refusal(NO_SUCH_USER)
    if word.user == person.id:
        raise Refusal(INVALID_FIELD, field="user", reason="somebody else says that you left.")
    return word, person


def _word(tx: Connection, reporter: Reporter, organization: str) -> _Word:
    if isinstance(reporter, Operating):
        user = reporter.hand.user if isinstance(reporter.hand, Actor) else ""
        return _Word("operator", demand_hand(tx, reporter.hand, HANDLE_ACCOUNTS), "", user)
    if isinstance(reporter, Directory):
        return _Word("identity provider", reporter.name, organization)
    demand_permission(reporter.actor, REPORT_LEAVERS)
    if reporter.actor.user not in accounts.list_organization_admins(tx, organization):
        raise Refusal(NOT_AN_ORGANIZATION_ADMIN)
    return _Word("organization admin", reporter.actor.email, organization, reporter.actor.user)


def _of_organization(standings: list[Standing], organization: str) -> list[Standing]:
    return [each for each in standings if organization and each.account.organization == organization]


def _is_whole(tx: Connection, word: _Word, person: User, own: list[Standing]) -> bool:
    """Whether this word closes the whole user; refuses an organization of which they are not."""
    is_whole = not word.organization or belongs_to(person, domains.list_of_organization(tx, word.organization))
    if not is_whole and not own:
        raise Refusal(NO_SUCH_USER)
    return is_whole


def _known(tx: Connection, word: _Word, user: str, *, is_whole: bool) -> Departure | None:
    """As much said before, where it still holds; a provider says no more than an organization admin did."""
    for departure in people.list_departures(tx, user):
        is_ours = departure.organization == word.organization and departure.ended_at is None
        is_enough = word.source in {departure.source, "identity provider"}
        if is_ours and is_enough and (departure.is_whole or not is_whole) and _holds(tx, departure):
            return departure
    return None


def _holds(tx: Connection, departure: Departure) -> bool:
    """Whether nobody came in again since, through another door."""
    if departure.is_whole:
        return True
    standings = accounts.list_standings_of_user(tx, departure.user)
    return not any(each.membership.state == "active" for each in _of_organization(standings, departure.organization))


def _reported(ctx: Context, tx: Connection, word: _Word, person: User, said: str) -> Left:
    before = accounts.list_standings_of_user(tx, person.id)
    own = _of_organization(before, word.organization)
    is_whole = _is_whole(tx, word, person, own)
    if known := _known(tx, word, person.id, is_whole=is_whole):
        return Left(known, ())
    ending = () if is_whole else tuple(each.account.id for each in own if each.membership.state == "active")
    departure = Departure(
        new_guid(), person.id, ctx.now, word.source, word.by, word.organization, said, is_whole, ending
    )
    _leave_office(ctx, tx, person, departure, but=word.user)
    _end(ctx, tx, person, departure)
    unmanaged = tuple(_unmanaged(tx, before))
    for each in (each for each in before if each.is_admin):
        if accounts.find_standing(tx, person.id, each.account.id) != each:
            watch_admins(ctx, tx, each.account.id)
    told = {"user": person.id, "source": word.source, "unmanaged": " ".join(unmanaged)}
    audit.record(tx, ctx.event("LeaverReported", word.by, **told, **_where(departure), reason=said))
    accounts.change_user(tx, person.id, least_epoch=bump_epoch(tx))
    return Left(departure, unmanaged)


def _taken_back(ctx: Context, tx: Connection, word: _Word, person: User) -> None:
    before = accounts.list_standings_of_user(tx, person.id)
    standing = [each for each in people.list_departures(tx, person.id) if each.ended_at is None]
    ended = [each for each in standing if _is_own(word, each)]
    if not ended:
        raise Refusal(NO_SUCH_OBJECT, thing="departure")
    for departure in ended:
        people.end_departure(tx, departure.id, ctx.now, word.by)
        for each in before:
            if each.account.state != "closed" and not departure.is_whole and concerns(departure, each.account):
                accounts.change_membership(tx, each.account.id, person.id, state="active")
    rest = [each for each in standing if each not in ended]
    if not is_still_closed(person.id, rest):
        accounts.change_user(tx, person.id, state="active")
    told = {"user": person.id, "source": word.source, "organization": word.organization}
    audit.record(tx, ctx.event("LeaverBroughtBack", word.by, **told))
    for each in _came_back(tx, before, person.id):
        announce_admin(ctx, tx, each, word.by, but=word.user)


def _is_own(word: _Word, departure: Departure) -> bool:
    """Whether a word may take another back: operators every one, an organization its own, a provider only a provider's.

    A provider that has not heard of it yet must not bring somebody back of whom a person said that they left.
    """
    if word.source == "identity provider" and departure.source != "identity provider":
        return False
    return not word.organization or departure.organization == word.organization


# ── what ends ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _end(ctx: Context, tx: Connection, person: User, departure: Departure) -> None:
    people.save_departure(tx, departure)
    for account in departure.accounts:
        accounts.change_membership(tx, account, person.id, state="closed")
    if departure.is_whole:
        accounts.change_user(tx, person.id, state="closed")
    sessions.end_all(tx, person.id)
    recovery.forget_links(tx, person.id)
    signin.revoke_personal_tokens(tx, person.id, ctx.now)
    people.withdraw_invitations_of(tx, person.id)
    if accounts.find_acting_user(tx, person.id) is None:
        request_logs.forget_user(tx, person.id)


def _leave_office(ctx: Context, tx: Connection, person: User, departure: Departure, *, but: str) -> None:
    """Let whoever keeps their user administer the organization no more; where it closes them, its admins hear of it.

    An operator's word makes nobody wait: who runs the environment takes no key by it.
    """
    for own in accounts.list_organizations_of_admin(tx, person.id) if departure.organization else ():
        if departure.is_whole or own.id == departure.organization:
            tell_removal(ctx, tx, own, person, departure.by, but=but)
        if not departure.is_whole and organizations.remove_admin(tx, departure.organization, person.id):
            said = {"organization": own.id, "user": person.id}
            audit.record(tx, ctx.event("OrganizationAdminRemoved", departure.by, **said))


def _unmanaged(tx: Connection, before: list[Standing]) -> list[str]:
    """The open accounts that had this active admin, and have none now."""
    administered = (each.account for each in before if each.is_admin and each.account.state == "open")
    return [account.id for account in administered if accounts.count_admins(tx, account.id) == 0]


def _came_back(tx: Connection, before: list[Standing], user: str) -> list[Standing]:
    """What somebody is now in the accounts where they were no active member."""
    active = {each.account.id for each in before if each.is_active}
    return [each for each in accounts.list_standings_of_user(tx, user) if each.account.id not in active]


def _where(departure: Departure) -> dict[str, str]:
    told = {"organization": departure.organization, "accounts": " ".join(departure.accounts)}
    return {"departure": departure.id} | {name: value for name, value in told.items() if value}
