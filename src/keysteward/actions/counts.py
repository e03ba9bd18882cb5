"""What does this process count for its operator?

Whatever has a bounded number of names: routes, kinds of status, codes of refusals. Never a key, a user, an account, an
address or a token. What is refused before a token verified is counted here and nowhere else.
"""

import threading
from collections import Counter

Sample = tuple[dict[str, str], float]

_LATELY_SECONDS = 60.0


class Counts:
    """How often what happened since this process began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, int]] = Counter()
        self._refusals: Counter[str] = Counter()
        self._webhooks_waiting: tuple[int, float] = (0, 0.0)

    def count_call(self, route: str, status: int) -> None:
        """One more API call of a route."""
        with self._lock:
            self._calls[route, status // 100] += 1

    def count_refusal(self, code: str) -> None:
        """One more answer that said no, to whomever."""
        with self._lock:
            self._refusals[code] += 1

    def note_webhooks(self, waiting: int, at: float) -> None:
        """How many deliveries to webhooks wait, as the worker that sends them counted at a second of its clock."""
        with self._lock:
            self._webhooks_waiting = (waiting, at)

    def webhooks(self, now: float) -> list[Sample]:
        """The same, from the worker that counted lately."""
        with self._lock:
            waiting, at = self._webhooks_waiting
        return [({}, waiting)] if 0 <= now - at <= _LATELY_SECONDS else []

    def calls(self) -> list[Sample]:
        """API calls by route and kind of status; checked calls whose outcome is to come have none."""
        with self._lock:
            found = sorted(self._calls.items())
        return [({"route": route, "status": f"{kind}xx" if kind else ""}, count) for (route, kind), count in found]

    def refusals(self) -> list[Sample]:
        """Refusals by code."""
        with self._lock:
            return [({"code": code}, count) for code, count in sorted(self._refusals.items())]
