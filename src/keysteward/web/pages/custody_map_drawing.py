"""Where does everything on a custody map stand? Boxes and the lines between them, as numbers for an SVG.

The wide picture has three columns, and whoever manages several accounts stands there once. The narrow one, for phones,
has a branch for each account.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Shown = dict[str, Any]

_HEIGHT, _GAP, _BETWEEN = 46.0, 10.0, 24.0
_STEP = _HEIGHT + _GAP
_ACCOUNTS, _KEYS, _JOINT, _PEOPLE, _WIDTH = (1.0, 270.0), (335.0, 270.0), 640.0, (700.0, 279.0), 980.0
_NARROW, _INDENT, _STEM = 340.0, 24.0, 12.0
_LETTER, _SMALL_LETTER, _BESIDE = 7.6, 6.3, 46.0


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the map. `tone` is how it stands out: bad, warn or not at all; `says` stands below its name."""

    id: str
    kind: str
    name: str
    says: str
    href: str
    tone: str = ""


class Branch(NamedTuple):
    """An account with what is drawn of it."""

    account: Node
    keys: list[Node]
    people: list[Node]


@dataclass
class _Picture:
    """What was drawn so far."""

    width: float
    nodes: list[Shown] = field(default_factory=list)
    lines: list[Shown] = field(default_factory=list)

    def box(self, node: Node, x: float, y: float, width: float) -> None:
        """A node with as much of its words as it has room for."""
        room = width - _BESIDE - (26 if node.tone else 0)
        said = {
            "kind": node.kind,
            "tone": node.tone,
            "href": node.href,
            "title": f"{node.name}: {node.says}" if node.says else node.name,
            "name": _cut(node.name, int(room / _LETTER)),
            "says": _cut(node.says, int((width - _BESIDE) / _SMALL_LETTER)),
        }
        self.nodes.append({**said, "x": x, "y": round(y, 1), "width": width, "height": _HEIGHT})

    def curve(self, begin: tuple[float, float], end: tuple[float, float], tone: str = "") -> None:
        """A line from the left to the right that leaves and arrives level."""
        (x, y), (to_x, to_y) = begin, end
        middle = (x + to_x) / 2
        path = f"M{x:g} {y:.1f}C{middle:g} {y:.1f} {middle:g} {to_y:.1f} {to_x:g} {to_y:.1f}"
        self.lines.append({"path": path, "tone": tone})

    def elbow(self, x: float, y: float, to: tuple[float, float], tone: str = "") -> None:
        """A line down, and then to the right."""
        self.lines.append({"path": f"M{x:g} {y:.1f}V{to[1]:.1f}H{to[0]:g}", "tone": tone})

    def shown(self) -> Shown:
        """As the template takes it."""
        bottom = max((node["y"] + node["height"] for node in self.nodes), default=0.0)
        return {"width": self.width, "height": round(bottom + 2), "nodes": self.nodes, "lines": self.lines}


def wide(branches: list[Branch]) -> Shown:
    """Accounts at the left, their keys in the middle, people at the right."""
    picture, top, middles, seen = _Picture(_WIDTH), 1.0, list[float](), set[str]()
    for branch in branches:
        rows = max(len(branch.keys), len({person.id for person in branch.people} - seen), 1)
        seen |= {person.id for person in branch.people}
        middles.append(top + (rows * _STEP - _GAP) / 2)
        _left(picture, branch, middles[-1])
        top += rows * _STEP - _GAP + _BETWEEN
    places = _places(branches, middles)
    for branch, middle in zip(branches, middles, strict=True):
        for person in branch.people:
            picture.curve((_JOINT, middle), (_PEOPLE[0], places[person.id] + _HEIGHT / 2), person.tone)
    for person in _once(branches):
        picture.box(person, _PEOPLE[0], places[person.id], _PEOPLE[1])
    return picture.shown()


def narrow(branches: list[Branch]) -> Shown:
    """One account below another, its keys and then its people indented below it."""
    picture, top = _Picture(_NARROW), 1.0
    for branch in branches:
        picture.box(branch.account, 1.0, top, _NARROW - 2)
        begin = top + _HEIGHT
        for node in (*branch.keys, *branch.people):
            top += _STEP
            tone = node.tone if node in branch.people else ""
            picture.elbow(_STEM, begin, (_INDENT, top + _HEIGHT / 2), tone)
            picture.box(node, _INDENT, top, _NARROW - _INDENT - 1)
        top += _HEIGHT + _BETWEEN
    return picture.shown()


def _left(picture: _Picture, branch: Branch, middle: float) -> None:
    """Draw an account beside its keys, whose lines meet in one point at their right."""
    picture.box(branch.account, _ACCOUNTS[0], middle - _HEIGHT / 2, _ACCOUNTS[1])
    top = middle - (len(branch.keys) * _STEP - _GAP) / 2
    for at, key in enumerate(branch.keys):
        y = top + at * _STEP
        picture.curve((sum(_ACCOUNTS), middle), (_KEYS[0], y + _HEIGHT / 2))
        picture.curve((sum(_KEYS), y + _HEIGHT / 2), (_JOINT, middle))
        picture.box(key, _KEYS[0], y, _KEYS[1])


def _places(branches: list[Branch], middles: list[float]) -> dict[str, float]:
    """How low each person stands: as near as there is room to the accounts that they could manage."""
    near: dict[str, list[float]] = {}
    for branch, middle in zip(branches, middles, strict=True):
        spread = [middle + (at - (len(branch.people) - 1) / 2) * _STEP for at in range(len(branch.people))]
        for person, height in zip(branch.people, spread, strict=True):
            near.setdefault(person.id, []).append(height - _HEIGHT / 2)
    wanted = sorted((max(sum(each) / len(each), 1.0), id_) for id_, each in near.items())
    placed, lowest = dict[str, float](), 1.0
    for y, id_ in wanted:
        placed[id_] = max(y, lowest)
        lowest = placed[id_] + _STEP
    return placed


def _once(branches: Iterable[Branch]) -> list[Node]:
    """Everybody once, with what stands out of them anywhere."""
    found: dict[str, Node] = {}
    for branch in branches:
        for person in branch.people:
            known = found.get(person.id, person)
            found[person.id] = person if not known.tone or person.tone == "bad" else known
    return list(found.values())


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: max(1, most - 1)].rstrip()}…"
