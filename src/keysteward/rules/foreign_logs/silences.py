"""What do the logs not say, and could it change the verdict?"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from keysteward.rules.foreign_logs.collecting import UNVERIFIED, standing_of
from keysteward.rules.foreign_logs.sightings import File, Sighting
from keysteward.rules.judging import Counted
from keysteward.rules.policy import Policy
from keysteward.rules.redaction import OMITTED
from keysteward.rules.words import many

_SECOND = timedelta(seconds=1)
_FULL = 50
_REQUEST_LOGS = frozenset({"request log", "request logs"})
_BY_TIME = ("no-polling", "within-a-day", "recent")


class Silence(NamedTuple):
    """Something that the logs do not say. `matters` where it could change the verdict; `rules` cannot be judged."""

    code: str
    sentence: str
    matters: bool
    rules: tuple[str, ...] = ()


def of_calls(
    newest: Sequence[Sighting],
    uncounted: Sequence[Sighting],
    counted: Sequence[Counted],
    policy: Policy,
) -> tuple[Silence, ...]:
    """What the logs do not say of the calls that a verdict rests on."""
    found = (
        _of_keys(newest),
        _of_times(newest),
        _of_queries(newest, policy),
        _of_omissions(newest, policy),
        _of_fractions(counted, policy),
        _of_tokens(newest, uncounted, policy),
        _of_failures(newest, policy),
    )
    return tuple(silence for silence in found if silence is not None)


def _of_keys(newest: Sequence[Sighting]) -> Silence | None:
    nameless = sum(not each.key for each in newest)
    if not nameless:
        return None
    whose = "All calls" if nameless == len(newest) else f"{nameless} of {len(newest)} calls"
    return Silence("keys", f"{whose} are taken as one key's: their logs do not say which key made them.", matters=True)


def _of_times(newest: Sequence[Sighting]) -> Silence | None:
    timeless = sum(each.at is None for each in newest)
    if not timeless:
        return None
    sentence = (
        f"Nothing says when {many(timeless, 'call was', 'calls were')} made. They stand in the order of their files; "
        "polling, the 24 hours and the age of the newest call cannot be judged."
    )
    return Silence("times", sentence, matters=True, rules=_BY_TIME)


def _of_queries(newest: Sequence[Sighting], policy: Policy) -> Silence | None:
    unknown = _polled(newest, policy, lambda each: each.query is None)
    if not unknown:
        return None
    reads = many(unknown, "read", "reads")
    return Silence(
        "queries",
        f"The query of {reads} is not in the logs, or its values are not: reads of one path are taken as the same.",
        matters=True,
    )


def _of_omissions(newest: Sequence[Sighting], policy: Policy) -> Silence | None:
    unknown = _polled(newest, policy, lambda each: OMITTED in each.path or OMITTED in (each.query or ""))
    if not unknown:
        return None
    reads = many(unknown, "read", "reads")
    return Silence(
        "omissions", f"Part of the address of {reads} was left out as secret: what is left decides.", matters=True
    )


def _of_fractions(counted: Sequence[Counted], policy: Policy) -> Silence | None:
    """Whole seconds cannot tell a gap of 899.6 s from one of 900.4 s."""
    near = sum(
        each.previous_same_get is not None
        and not each.call.at.microsecond
        and not each.previous_same_get.microsecond
        and abs(abs(each.call.at - each.previous_same_get) - policy.polling_gap) < _SECOND
        for each in counted
    )
    if not near:
        return None
    reads = "One read came" if near == 1 else f"{near} reads came"
    return Silence("seconds", f"{reads} at the very limit, and the logs say whole seconds only.", matters=True)


def _of_tokens(newest: Sequence[Sighting], uncounted: Sequence[Sighting], policy: Policy) -> Silence | None:
    """An API may answer 401 itself, to a call of the key; a log cannot tell."""
    is_full = len(newest) >= policy.calls_looked_at
    oldest = min((each.at for each in newest if each.at), default=None) if is_full else None
    among = sum(
        standing_of(each, policy).why_not == UNVERIFIED and (oldest is None or each.at is None or each.at >= oldest)
        for each in uncounted
    )
    if not among:
        return None
    calls = many(among, "call was", "calls were")
    return Silence("401", f"{calls} answered 401 among the newest and left out; where the API itself says 401 to a "
                   "verified token, it is an error.", matters=True)  # fmt: skip


def _of_failures(newest: Sequence[Sighting], policy: Policy) -> Silence | None:
    """With `upstream_errors_count` it matters who answered; foreign logs do not say."""
    asked = sum(each.status >= 500 and each.recorded is None for each in newest) if policy.upstream_errors_count else 0
    if not asked:
        return None
    answers = many(asked, "answer", "answers")
    return Silence("answered-by", f"{answers} of 500 and above are taken as the API's own.", matters=True)


def of_files(files: Sequence[File]) -> tuple[Silence, ...]:
    """What is not in the files."""
    found = (_of_users(files), _of_full_logs(files), _of_refusals(files), _of_lines(files), _of_ends(files))
    return tuple(silence for silence in found if silence is not None)


def _of_users(files: Sequence[File]) -> Silence | None:
    if not any(file.kind in _REQUEST_LOGS for file in files):
        return None
    return Silence(
        "users", "A request log holds one user's requests: what a key did for others is not in it.", matters=False
    )


def _of_full_logs(files: Sequence[File]) -> Silence | None:
    full = [file.name for file in files if file.kind == "request logs" and file.calls >= _FULL]
    if not full:
        return None
    sentence = (
        f"{full[0]} holds {_FULL} requests, and a request log turns itself off after that many: later ones are missing."
    )
    return Silence("full", sentence, matters=True)


def _of_refusals(files: Sequence[File]) -> Silence | None:
    if not any(file.is_checked for file in files):
        return None
    sentence = (
        "Calls that Keysteward refused are not in the log of a proxy in check mode; a review counts them as errors."
    )
    return Silence("refused", sentence, matters=True)


def _of_lines(files: Sequence[File]) -> Silence | None:
    unread = sum(file.unread for file in files)
    if not unread:
        return None
    return Silence("unread", f"{many(unread, 'line or entry', 'lines or entries')} could not be read.", matters=True)


def _of_ends(files: Sequence[File]) -> Silence | None:
    cut = [file.name for file in files if file.is_cut]
    if not cut:
        return None
    return Silence("end", f"The last line of {', '.join(cut)} is not whole yet; it was left out.", matters=False)


def _polled(newest: Sequence[Sighting], policy: Policy, is_unknown: Callable[[Sighting], bool]) -> int:
    return sum(is_unknown(each) for each in newest if standing_of(each, policy).polled)
