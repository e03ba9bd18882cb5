"""What does a verification of the audit log say, sentence by sentence?"""

from keysteward.actions.verification import Verdict


def sentences(verdict: Verdict) -> list[str]:
    """What was verified, and what could not be."""
    said = (
        f"{_many(verdict.events, 'event')} verified.",
        _checkpoints(verdict),
        _kept(verdict),
        _copied(verdict),
        _tail(verdict),
        _erased(verdict),
    )
    return [line for line in said if line]


def breaks(verdict: Verdict) -> list[str]:
    """What is broken: the first hundred, and how many more there are."""
    more = verdict.broken - len(verdict.breaks)
    return [found.sentence for found in verdict.breaks] + ([f"And {more:,} more."] if more > 0 else [])


def _checkpoints(verdict: Verdict) -> str:
    newest = verdict.newest
    if newest is None:
        return "No checkpoint signs for them yet."
    keys = ", ".join(sorted(verdict.signed_with))
    return (
        f"{_many(verdict.checkpoints, 'checkpoint')} good, signed with {keys}; "
        f"the newest of {newest.at:%Y-%m-%d %H:%M:%S} UTC covers positions 1 to {newest.position:,}."
    )


def _kept(verdict: Verdict) -> str:
    return f"Still there: {_many(verdict.kept, 'checkpoint')} that you kept." if verdict.kept else ""


def _copied(verdict: Verdict) -> str:
    if not verdict.copied:
        return ""
    newer = max(0, (verdict.newest.number if verdict.newest else 0) - verdict.copied_to)
    rest = f" {_many(newer, 'newer one')} not copied yet." if newer else ""
    return f"Still there: {_many(verdict.copied, 'checkpoint')} of the copy, up to number {verdict.copied_to:,}.{rest}"


def _tail(verdict: Verdict) -> str:
    tail = verdict.tail
    if not tail.unsealed:
        return "No event waits for its seal."
    since = f"{tail.since:%Y-%m-%d %H:%M:%S} UTC" if tail.since else "a date that cannot be read"
    waits = "waits" if tail.unsealed == 1 else "wait"
    return (
        f"{_many(tail.unsealed, 'event')} {waits} for a seal and cannot be verified yet, "
        f"from event {tail.first} of {since}. A running keysteward seals within a second."
    )


def _erased(verdict: Verdict) -> str:
    count = verdict.erased_fields
    return f"Erased since: {_many(count, 'personal field')}. What they said cannot be told any more." if count else ""


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
