"""Which key signs tokens now, and which keys are still believed?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class SigningKeyLife:
    """A key that signs tokens with one algorithm from a moment on, until another of that algorithm takes over.

    One that is distrusted signs nothing, and nothing that it signed is believed.
    """

    kid: str
    algorithm: str
    active_from: datetime
    distrusted_at: datetime | None = None

    @property
    def takes_over(self) -> bool:
        """Whether it signs from its moment on: one that was distrusted before never did."""
        return self.distrusted_at is None or self.distrusted_at > self.active_from


def signing_at(keys: Sequence[SigningKeyLife], algorithm: str, now: datetime) -> SigningKeyLife:
    """The key that signs at a moment: the one that took over last, or the first one before any did."""
    mine = sorted((key for key in keys if key.algorithm == algorithm and key.distrusted_at is None), key=_order)
    if not mine:
        raise ValueError(f"there is no {algorithm} key")
    return next((key for key in reversed(mine) if key.active_from <= now), mine[0])


def believed_at(keys: Iterable[SigningKeyLife], now: datetime, longest: timedelta) -> tuple[SigningKeyLife, ...]:
    """The keys whose tokens may still live, and those that will sign soon, so that everybody knows them in time.

    A key is believed for as long as the longest-lived token after another took over from it.
    """
    ordered = sorted(keys, key=_order)
    trusted = (key for key in ordered if key.distrusted_at is None)
    return tuple(key for key in trusted if not _is_over(key, ordered, now - longest))


def believed_until(key: SigningKeyLife, keys: Iterable[SigningKeyLife], longest: timedelta) -> datetime | None:
    """When a key stops being believed; None while none has been made to take over from it."""
    later = sorted((each for each in keys if _follows(each, key)), key=_order)
    return key.distrusted_at or (later[0].active_from + longest if later else None)


def _is_over(key: SigningKeyLife, ordered: Sequence[SigningKeyLife], before: datetime) -> bool:
    return any(_follows(each, key) and each.active_from < before for each in ordered)


def _follows(each: SigningKeyLife, key: SigningKeyLife) -> bool:
    return each.algorithm == key.algorithm and _order(each) > _order(key) and each.takes_over


def _order(key: SigningKeyLife) -> tuple[datetime, str]:
    return key.active_from, key.kid
