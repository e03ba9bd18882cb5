"""What time is it in the twin, and how does a test change that?"""

from datetime import datetime

from pytest_keysteward.asking import Api

_CLOCK = "/_dev/clock"


class Clock:
    """The one clock of both environments. It goes on from where it was put; after the test it is put back."""

    def __init__(self, control: Api) -> None:
        self._control = control
        self._before = self.offset_seconds

    @property
    def now(self) -> datetime:
        """The time in the twin."""
        return datetime.fromisoformat(self._control.get(_CLOCK)["now"])

    @property
    def offset_seconds(self) -> float:
        """How far it is ahead of the machine's clock."""
        return float(self._control.get(_CLOCK)["offset_seconds"])

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Let time pass, or with negative numbers go back; the time afterwards."""
        passed = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
        return datetime.fromisoformat(self._control.post(f"{_CLOCK}/advances", passed)["now"])

    def set(self, now: datetime) -> datetime:
        """Put it to an instant with its zone."""
        if now.tzinfo is None:
            raise ValueError("give an instant with its zone, such as datetime.now(UTC)")
        return datetime.fromisoformat(self._control.ask("PUT", _CLOCK, {"now": now.isoformat()})["now"])

    def restore(self) -> None:
        """Put it back to where it was before the test."""
        self._control.ask("PUT", _CLOCK, {"offset_seconds": self._before})
