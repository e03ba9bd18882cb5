"""What is said of each account, key and person on a custody map, in its pictures and in the table beside them?

Of an account with very many keys or admins some are shown, the riskiest first, and how many more there are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from keysteward.actions.custody_maps import CustodyMap
from keysteward.rules.custody.maps import MARKS, POINTS_OF_FAILURE, REASSURING, HeldKey, Holder, MarkName, Place
from keysteward.rules.words import many
from keysteward.web.pages.custody_map_drawing import Branch, Node, narrow, wide

Shown = dict[str, Any]

_DRAWN, _IN_TABLE = 4, 8
_OF_ACCOUNTS: dict[MarkName, str] = {"one-admin": "Only one admin"}
_TONES = {"bad": "is-bad", "warn": "is-warn", "": "is-ok"}


class Paths(NamedTuple):
    """Where things lead for whoever looks: an account, a key of it, and a person in it; each with placeholders."""

    account: str
    key: str
    person: str


def custody_map(found: CustodyMap, paths: Paths) -> Shown:
    """What the macro `map` of custody_map.html takes."""
    branches = [_branch(place, paths) for place in found.places]
    failing = [place for place in found.places if place.is_point_of_failure]
    return {
        "wide": wide(branches),
        "narrow": narrow(branches),
        "rows": [_row(place, paths) for place in found.places],
        "shown": len(found.places),
        "accounts": found.accounts,
        "stand_ins": [person.called for person in found.stand_ins],
        "failing": len(failing),
        "says": _says(len(failing), sum(len(place.keys) for place in failing)),
    }


def _says(failing: int, keys: int) -> str:
    if not failing:
        return "No account here rests on one person alone."
    rests = "account rests" if failing == 1 else "accounts rest"
    return f"{failing} {rests} on one person or on nobody, with {many(keys, 'key', 'keys')}."


def _branch(place: Place, paths: Paths) -> Branch:
    account = _account(place, paths)
    nobody = Node(f"nobody {account.id}", "nobody", "Nobody", "Take the way back that is open", account.href, "bad")
    return Branch(
        account,
        _some([_key(place, each, paths) for each in place.keys], "keys", account),
        _some([_person(place, each, paths) for each in place.holders], "people", account) or [nobody],
    )


def _some(nodes: list[Node], noun: str, account: Node) -> list[Node]:
    """The first of them; where there are more, a last one says how many."""
    if len(nodes) <= _DRAWN:
        return nodes
    left = len(nodes) - _DRAWN + 1
    rest = Node(f"more {noun} {account.id}", "more", f"{left} more {noun}", f"of {account.name}", account.href)
    return [*nodes[: _DRAWN - 1], rest]


def _account(place: Place, paths: Paths) -> Node:
    account = place.account
    plain = f"{many(len(place.keys), 'key', 'keys')}, {many(len(place.holders), 'admin', 'admins')}"
    words = [_OF_ACCOUNTS.get(mark, MARKS[mark]) for mark in place.marks]
    said = "; ".join(words) or plain
    return Node(account.id, "account", account.name, said, paths.account.format(account=account.id), _tone(place.marks))


def _key(place: Place, held: HeldKey, paths: Paths) -> Node:
    key = held.key
    said = "; ".join(MARKS[mark] for mark in held.marks) or ("Live" if key.live else "Not live yet")
    href = paths.key.format(key=key.key, account=place.account.id)
    return Node(key.key, "key", key.name, said, href, _tone(held.marks))


def _person(place: Place, holder: Holder, paths: Paths) -> Node:
    person = holder.person
    said = "; ".join(MARKS[mark] for mark in holder.marks) or person.email
    href = paths.person.format(user=person.id, email=person.email, account=place.account.id)
    kind = "service" if person.service else "person"
    return Node(person.id, kind, person.name or person.email, said, href, _tone(holder.marks))


def _tone(marks: Sequence[MarkName]) -> str:
    if not POINTS_OF_FAILURE.isdisjoint(marks):
        return "bad"
    return "warn" if set(marks) - REASSURING else ""


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _row(place: Place, paths: Paths) -> Shown:
    """The same as a line of the table, with more of it."""
    keys = [_said(_key(place, each, paths), each.marks) for each in place.keys[:_IN_TABLE]]
    people = [_said(_person(place, each, paths), each.marks) for each in place.holders[:_IN_TABLE]]
    return {
        "account": _said(_account(place, paths), place.marks, _OF_ACCOUNTS),
        "keys": keys,
        "more_keys": len(place.keys) - len(keys),
        "people": people,
        "more_people": len(place.holders) - len(people),
    }


def _said(node: Node, marks: Sequence[MarkName], words: dict[MarkName, str] | None = None) -> Shown:
    named = MARKS | (words or {})
    return {"name": node.name, "href": node.href, "marks": [(named[each], _TONES[_tone([each])]) for each in marks]}
