"""What is a route, and which are there as it comes?

A route says of some paths which API answers them, what a token needs there, and how calls of them are judged.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations

from keysteward.rules.patterns import Pattern, parsed

SAMPLE = "sample"
OURS = "keysteward"
MOST_ROUTES = 100


@dataclass(frozen=True, slots=True)
class Route:
    """How calls of one kind of path pass and are judged.

    `upstream` is the address of an API, `sample` for the one that comes along, or `keysteward` for what is answered
    here. `any_case` takes the path in any letter case. Without an `audience` the name of the route is the audience of
    the signed word that the API gets.
    """

    name: str
    path: str
    upstream: str
    scopes: tuple[str, ...] = ("signature",)
    countable: bool = True
    polled: bool = False
    any_case: bool = False
    audience: str = ""
    operation_header: str = ""
    connect: timedelta = timedelta(seconds=5)
    silence: timedelta = timedelta(seconds=30)
    why_not: str = ""
    pattern: Pattern = field(init=False, repr=False, compare=False)
    expression: re.Pattern[str] = field(init=False, repr=False, compare=False)
    lenient: re.Pattern[str] = field(init=False, repr=False, compare=False)
    lowered_at: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the path once, for every call asks. Raises BadPattern."""
        pattern = parsed(self.path)
        object.__setattr__(self, "pattern", pattern)
        object.__setattr__(self, "expression", pattern.compiled(any_case=self.any_case))
        object.__setattr__(self, "lenient", pattern.compiled(any_case=True))
        words_at = (at for at, segment in enumerate(pattern.segments) if segment.words)
        object.__setattr__(self, "lowered_at", tuple(words_at) if self.any_case else ())

    @property
    def is_forwarded(self) -> bool:
        """Whether an API behind the gateway answers."""
        return self.upstream != OURS

    @property
    def names_account(self) -> bool:
        """Whether its paths say which account is called; else the user's default account is."""
        return self.pattern.account_at is not None


_BELOW = "/restapi/v2|v2.1/accounts/{account}"

# fmt: off
SHIPPED: tuple[Route, ...] = (
    Route("envelope-status", f"{_BELOW}/envelopes/status/**", SAMPLE, any_case=True),
    Route("envelope-resource", f"{_BELOW}/envelopes/*/**", SAMPLE, polled=True, any_case=True),
    Route("envelopes", f"{_BELOW}/envelopes/**", SAMPLE, any_case=True),
    Route("account-resource", f"{_BELOW}/**", OURS, any_case=True),
    Route(
        "soap", "/api/3.0/dsapi.asmx/**", SAMPLE, any_case=True, countable=False, operation_header="SOAPAction",
        why_not="SOAP calls do not count",
    ),
)
# fmt: on


def unreachable(routes: Sequence[Route]) -> tuple[Route, Route] | None:
    """A route whose paths are all taken by one before it, and that one."""
    pairs = combinations(routes, 2)
    return next(((later, earlier) for earlier, later in pairs if earlier.pattern.covers(later.pattern)), None)


def is_looser(before: Sequence[Route], after: Sequence[Route]) -> bool:
    """Whether calls of some path are judged less strictly than before: what is new there, gone, or in another order."""
    gone, come = ([route for route in each if route not in other] for each, other in ((before, after), (after, before)))
    changed = [(old, new) for old in before for new in come] + [(old, new) for old in gone for new in after]
    return any(_weakens(old, new) for old, new in changed + _reordered(before, after))


def _reordered(before: Sequence[Route], after: Sequence[Route]) -> list[tuple[Route, Route]]:
    kept = [route for route in before if route in after]
    return [(old, new) for old, new in combinations(kept, 2) if after.index(new) < after.index(old)]


def _weakens(old: Route, new: Route) -> bool:
    """Whether a path of both routes is judged less strictly by the new one."""
    if not old.pattern.overlaps(new.pattern):
        return False
    looks_away = (old.polled and not new.polled) or (new.countable and not old.countable)
    asks_less = not set(old.scopes) <= set(new.scopes) or (old.names_account and not new.names_account)
    return looks_away or asks_less
