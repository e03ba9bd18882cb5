"""Which checks in Python did the operator install?

A provider's own distribution offers them under the entry points `keysteward.rules`. No pack, paper or file can bring
one along.
"""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

import structlog

from keysteward.rules.pack_rules import CHECK_FAILED
from keysteward.rules.packs import Asked, Broken, Check, Facts, Pack, check_of

_GROUP = "keysteward.rules"
_ASK = "Ask the operator of this environment to look at its log, then start the review again."

log = structlog.get_logger()


def installed_for(packs: Sequence[Pack]) -> dict[str, Check]:
    """The checks that packs name and that are installed in just that version, by `check_of`."""
    wanted = [rule for pack in packs for rule in pack.rules if isinstance(rule, Asked)]
    found = {check_of(rule): _find(rule.check, rule.distribution, rule.distribution_version) for rule in wanted}
    return {name: check for name, check in found.items() if check is not None}


def _find(name: str, distribution: str, version: str) -> Check | None:
    for offered in entry_points(group=_GROUP, name=name):
        if _is_from(offered, distribution, version):
            return _loaded(name, offered)
    return None


def _loaded(name: str, offered: EntryPoint) -> Check | None:
    try:
        return _guarded(name, offered.load())
    except Exception:
        log.exception("an installed check cannot be loaded, so it counts as not installed", check=name)
        return None


def _is_from(offered: EntryPoint, distribution: str, version: str) -> bool:
    by = offered.dist
    return by is not None and _plain(by.name) == _plain(distribution) and by.version == version


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _guarded(name: str, check: Check) -> Check:
    """A provider's mistake breaks its rule, and nothing else."""

    def ask(calls: Sequence[Facts]) -> Sequence[Broken]:
        try:
            return [(str(said), str(step), None if call is None else int(call)) for said, step, call in check(calls)]
        except Exception:
            log.exception("an installed check failed", check=name)
            return [(CHECK_FAILED, _ASK, None)]

    return ask
