"""Where does a key stand right after its newest call?

The same evidence as a review loads, in one question: the newest countable calls, and for each polled one the same GET
before it. It is asked in the transaction that writes the call, so the call is in it, and whatever other workers had
committed until then. What a call was never changes once it counts, so a call that was read before is not made anew.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, case, select, type_coerce

from keysteward.rules.calls import Call
from keysteward.rules.golive import Counted, Evidence, standing, told_calls
from keysteward.rules.judging import gathered
from keysteward.rules.policy import Policy
from keysteward.store.tables import calls, instant_of

_MOST_KEYS = 1_000
_Name = tuple[int, int | None]  # a call's sequence number, and the moment of the same GET before it


class Question(NamedTuple):
    """Which numbers a key is judged by, and when its call came."""

    policy: Policy
    at: datetime


class Standings:
    """Answers in one thread, the recorder's; what it remembers of keys is bounded."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, bool], dict[_Name, Counted]] = OrderedDict()

    def tell(self, tx: Connection, asked: Mapping[str, Question]) -> dict[str, str]:
        """What each key is told: its run, and the rule that broke it or is missing."""
        return {key: standing(self._evidence(tx, key, each), each.policy) for key, each in asked.items()}

    def _evidence(self, tx: Connection, key: str, asked: Question) -> Evidence:
        most, is_named = told_calls(asked.policy), bool(asked.policy.packs)
        known = self._known.pop((key, is_named), {})
        found = {}
        for sequence, before, *facts in tx.execute(_QUERIES[is_named], {"asked_key": key, "most": most}):
            name = (sequence, before)
            found[name] = known.get(name) or _counted(key, name, facts)
        self._known[key, is_named] = found
        if len(self._known) > _MOST_KEYS:
            self._known.popitem(last=False)
        return gathered(tuple(found.values()), asked.at, asked.policy)


def _counted(key: str, name: _Name, facts: Sequence[Any]) -> Counted:
    """A call as a row has it; what only rules of packs look at is there where there are packs."""
    sequence, before = name
    at, status, polled, route, operation = (*facts, "", "")[:5]
    made = Call(
        key=key, user="", account="", at=instant_of(at), method="", url="", url_digest="", route=route,
        operation=operation, status=status, error_code="", countable=True, polled=polled, why_not="", sdk="", trace="",
        sequence=sequence,
    )  # fmt: skip
    return Counted(made, None if before is None else instant_of(before))


_earlier = calls.alias()
_BEFORE = (
    select(type_coerce(_earlier.c.at, BigInteger))
    .where(_earlier.c.key == calls.c.key, _earlier.c.url_digest == calls.c.url_digest)
    .where(_earlier.c.polled, _earlier.c.countable, _earlier.c.sequence < calls.c.sequence)
    .order_by(_earlier.c.sequence.desc())
    .limit(1)
    .scalar_subquery()
)
_NEWEST = (
    select(
        calls.c.sequence,
        case((calls.c.polled, _BEFORE)).label("before"),
        type_coerce(calls.c.at, BigInteger),
        calls.c.status,
        calls.c.polled,
    )
    .where(calls.c.key == bindparam("asked_key"), calls.c.countable)
    .order_by(calls.c.sequence.desc())
    .limit(bindparam("most"))
)
_QUERIES = {False: _NEWEST, True: _NEWEST.add_columns(calls.c.route, calls.c.operation)}
