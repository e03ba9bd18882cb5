"""Which rules of a pack ask less after a change than before?

Loosening a pack needs no second operator, for the built-in rules are asked beside it; it is recorded.
"""

from keysteward.rules.packs import AnyRule, CallsNeeded, Gap, Pack, Reading, Required, Share, Window, span

_READINGS = "readings"
_ROUTES = "routes"


def loosened(before: Pack | None, after: Pack | None) -> tuple[str, ...]:
    """The codes of the rules that are gone or may ask less; `readings` and `routes` where these may be looser."""
    old, new = ({rule.code: rule for rule in pack.rules} if pack else {} for pack in (before, after))
    found = [code for code, rule in old.items() if not _asks_as_much(rule, new.get(code))]
    found += [_ROUTES] if before and after and _covers_less(before, after) else []
    return tuple(found + ([_READINGS] if _reads_looser(before, after) else []))


def _asks_as_much(old: AnyRule, new: AnyRule | None) -> bool:
    if new is None or type(new) is not type(old) or _about(new) != _about(old):
        return False
    return _strictness(new) >= _strictness(old)


def _about(rule: AnyRule) -> dict[str, object]:
    """What a rule looks at: everything but its own number and its words."""
    left_out = {"at_least", "most_percent", "within", "gap", "asks", "source", "next_step"}
    left_out |= {"calls"} if isinstance(rule, CallsNeeded) else set()
    return {name: getattr(rule, name) for name in rule.__struct_fields__ if name not in left_out}


def _strictness(rule: AnyRule) -> float:
    """How much a rule asks: more is stricter."""
    if isinstance(rule, Required):
        return rule.at_least
    if isinstance(rule, CallsNeeded):
        return rule.calls
    if isinstance(rule, Share):
        return -rule.most_percent
    if isinstance(rule, Window):
        return -span(rule.within).total_seconds()
    return span(rule.gap).total_seconds() if isinstance(rule, Gap) else 0


def _covers_less(before: Pack, after: Pack) -> bool:
    return bool(after.routes) and not (before.routes and set(before.routes) <= set(after.routes))


def _reads_looser(before: Pack | None, after: Pack | None) -> bool:
    old, new = (pack.readings if pack else () for pack in (before, after))
    if tuple(old) == tuple(new):
        return False
    return any(_may_loosen(each) for each in new) or any(not _may_loosen(each) for each in old)


def _may_loosen(reading: Reading) -> bool:
    """A failure that passes or counts no more, a read that polls no more; what only makes reads poll is strict."""
    return reading.success is not None or reading.countable is not None or reading.polled is False
