"""What is held on somebody, who may take it along, and who has it erased?"""

from collections.abc import Iterator
from itertools import groupby
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

import msgspec

from keysteward.actions import request_logs
from keysteward.actions.audit import erase_person
from keysteward.actions.context import Context
from keysteward.actions.crowds import is_too_much
from keysteward.actions.operators import Hand, demand_hand
from keysteward.rules.access import HANDLE_PEOPLE, Actor
from keysteward.rules.accounts import Standing, User
from keysteward.rules.events import Erasure
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_USER, SESSION_NEEDED, TOO_MANY_EXPORTS, Refusal
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.vocabulary import is_our_word
from keysteward.rules.words import is_guid
from keysteward.store import accounts, audit, bearers, held
from keysteward.store.database import Connection, lock

_AT_ONCE = 500
_OWN_EXPORTS_AN_HOUR = 5
_IN_MEMORY_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16
_THEIRS_ALONE = frozenset({"request_log_entries"})


class Held(NamedTuple):
    """Somebody whose data an operator looks after, and where they belong."""

    user: User
    standings: list[Standing]


def find(ctx: Context, hand: Hand, who: str) -> Held:
    """Somebody by address or GUID, for operators: two may have borne one address, one after the other."""
    typed, guid = who.strip(), who.strip().lower()
    with ctx.database.reading() as tx:
        demand_hand(tx, hand, HANDLE_PEOPLE)
        user = _person(tx, guid) if is_guid(guid) else _bearer(tx, typed)
        return Held(user, accounts.list_standings_of_user(tx, user.id))


def start_own_export(ctx: Context, actor: Actor) -> Erasure:
    """Note that somebody, signed in to the console, takes along all that is held on them: five times an hour at most.

    Return by what they are known, for `list_held`.
    """
    with ctx.database.writing() as tx:
        demand_own(ctx, actor)
        lock(tx, "user", actor.user)
        return note_own(ctx, tx, actor)


def start_export(ctx: Context, hand: Hand, user: str) -> Erasure:
    """Note that an operator takes along all that is held on somebody; likewise."""
    with ctx.database.writing() as tx:
        return note_other(ctx, tx, hand, user)


def demand_own(ctx: Context, actor: Actor) -> None:
    """Refuse a program, and whoever signed in too long ago."""
    if actor.permissions is not None:
        raise Refusal(SESSION_NEEDED)
    demand_fresh_person(actor, ctx.now, ctx.policy)


def demand_other(ctx: Context, tx: Connection, hand: Hand) -> str:
    """Refuse whoever may not take along what is held on somebody else; return who does, as events name them."""
    if isinstance(hand, Actor):
        demand_fresh_person(hand, ctx.now, ctx.policy)
    return demand_hand(tx, hand, HANDLE_PEOPLE)


def note_own(ctx: Context, tx: Connection, actor: Actor) -> Erasure:
    """Within a deed that holds the lock of the person: their own export."""
    if is_too_much(ctx, f"exports of {actor.user}", 1, _OWN_EXPORTS_AN_HOUR):
        raise Refusal(TOO_MANY_EXPORTS, limit=_OWN_EXPORTS_AN_HOUR)
    return _noted(ctx, tx, actor.email, actor.user)


def note_other(ctx: Context, tx: Connection, hand: Hand, user: str) -> Erasure:
    """Within a deed: an operator's export."""
    return _noted(ctx, tx, demand_other(ctx, tx, hand), user)


def known_by(tx: Connection, user: str) -> Erasure:
    """By what somebody is known, for `list_held`."""
    return _known_by(tx, _person(tx, user))


def gather(ctx: Context, user: str, known: Erasure, *, is_own: bool) -> Iterator[bytes]:
    """All that `list_held` says, set aside at once: whoever reads it slowly holds no transaction open."""
    file = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 — `_pieces` closes it
    try:
        for piece in list_held(ctx, user, known, is_own=is_own):
            file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _pieces(file)


def list_held(ctx: Context, user: str, known: Erasure, *, is_own: bool) -> Iterator[bytes]:
    """All that is held on somebody as one JSON document, piece by piece; an export is noted first.

    Hashes, secrets and what names other people are left out. A request log is its user's alone: it is in their own
    export, and in no operator's.
    """
    head = {"environment": ctx.environment, "at": ctx.now, "user": user, "address": known.address}
    yield msgspec.json.encode(head)[:-1]
    if is_own:
        files = request_logs.open_files(ctx, user)
        logged = (msgspec.json.encode({"file": each.name, "text": each.text}) for each in files)
        yield b',"request_log":[' + b",".join(logged) + b"]"
    yield b',"tables":{'
    between, but = b"", frozenset[str]() if is_own else _THEIRS_ALONE
    with ctx.database.reading() as tx:
        for table, rows in groupby(held.walk_held(tx, user, known, but), lambda found: found[0]):
            yield between + msgspec.json.encode(table) + b":["
            yield from _joined(row for _, row in rows)
            between = b"],"
    yield (b"]" if between else b"") + b"}}\n"


def erase(ctx: Context, hand: Hand, user: str) -> int:
    """Erase somebody who left, from every table; an operator does that. Return how many fields of the history went."""
    if isinstance(hand, Actor):
        demand_fresh_person(hand, ctx.now, ctx.policy)
    with ctx.database.reading() as tx:
        by = demand_hand(tx, hand, HANDLE_PEOPLE)
        person = _person(tx, user)
        if person.state != "closed":
            reason = "report that they left first; whoever may still sign in is not erased."
            raise Refusal(INVALID_FIELD, field="user", reason=reason)
        known = _known_by(tx, person)
    return erase_person(ctx, known, by)


def _noted(ctx: Context, tx: Connection, by: str, user: str) -> Erasure:
    person = _person(tx, user)
    audit.record(tx, ctx.event("PersonExported", by, user=person.id))
    return _known_by(tx, person)


def _person(tx: Connection, user: str) -> User:
    found = accounts.find_user(tx, user)
    if found is None:
        raise Refusal(NO_SUCH_USER)
    return found


def _bearer(tx: Connection, address: str) -> User:
    found = accounts.find_user_by_email(tx, address)
    if found is None:
        raise Refusal(NO_SUCH_USER)
    return found[0]


def _known_by(tx: Connection, person: User) -> Erasure:
    """Their address, those of before, and their full name: a first name alone may be somebody else's.

    Where somebody else bore one of these addresses, it says when.

    A name that is one of our own words would be found wherever that word stands, so it is not looked for.
    """
    is_telling = person.first_name and person.last_name and not is_our_word(person.name)
    full = [person.name] if is_telling else []
    former = bearers.list_former_addresses(tx, person)
    others = bearers.list_other_tenures(tx, person.id, [person.email, *former])
    return Erasure(person.email, (*former, *full), person.id, others)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _joined(rows: Iterator[object]) -> Iterator[bytes]:
    """Rows with commas between, some hundred at a time."""
    piece: list[bytes] = []
    comma = b""
    for row in rows:
        piece.append(msgspec.json.encode(row))
        if len(piece) == _AT_ONCE:
            yield comma + b",".join(piece)
            piece, comma = [], b","
    if piece:
        yield comma + b",".join(piece)
