"""Would this key pass Go-Live, and does it? The twin judges; here it is asked, and its answer told."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_keysteward.asking import Api

_POLL_SECONDS = 0.1
_COLUMNS = {"rule": "code", "limit": "limit", "observed": "observed", "margin": "margin", "verdict": "verdict"}


@dataclass(frozen=True)
class Readiness:
    """Where a key stands: `run` of the `needed` good calls, and what a review would find now.

    `answer` is all that the API says. As text it is the table of the rules.
    """

    key: str
    status: str
    run: int
    needed: int
    findings: Sequence[dict[str, Any]]
    answer: dict[str, Any] = field(repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether a review that were started now would pass."""
        return self.run >= self.needed and not self.findings

    def __str__(self) -> str:
        """What somebody reads whose key is not ready."""
        said = f"{self.key} is {self.status}: {self.run} of {self.needed}"
        return "\n".join([said, *_table(self.answer.get("rules", ())), *_told(self.findings)])


@dataclass(frozen=True)
class Verdict:
    """What came of a review."""

    key: str
    status: str
    findings: Sequence[dict[str, Any]]
    answer: dict[str, Any] = field(repr=False)

    @property
    def passed(self) -> bool:
        """Whether the key may go live."""
        return self.status == "Review Passed"

    def __str__(self) -> str:
        """What somebody reads whose review failed."""
        return "\n".join([f"{self.key}: {self.status}", *_told(self.findings)])


class GoLive:
    """Asks the twin where keys stand."""

    def __init__(self, demo: Api) -> None:
        self._demo = demo

    def __call__(self, key: str) -> Readiness:
        """Where a key stands now. It changes nothing."""
        said = self._demo.get(f"/api/v1/keys/{key}/readiness")
        return Readiness(key, said["status"], said["run"], said["needed"], said["findings"], said)

    def assert_ready(self, key: str) -> None:
        """Fail with the table of the rules where a review that were started now would not pass."""
        __tracebackhide__ = True
        found = self(key)
        if not found.is_ready:
            raise AssertionError(str(found))

    def review(self, key: str, *, timeout: float = 30) -> Verdict:
        """Start a review and wait for its verdict."""
        __tracebackhide__ = True
        said = self._demo.post(f"/api/v1/keys/{key}/reviews")
        deadline = time.monotonic() + timeout
        while said["status"] == "Under Review":
            if time.monotonic() > deadline:
                raise AssertionError(_still_waiting(key, timeout))
            time.sleep(_POLL_SECONDS)
            said = self._demo.get(f"/api/v1/keys/{key}/reviews/{said['id']}")
        return Verdict(key, said["status"], said["findings"], said)


def _still_waiting(key: str, timeout: float) -> str:
    return (
        f"{key} is still Under Review after {timeout:g} seconds. The twin's policy may let a review wait "
        "(review_delay): let time pass with keysteward_clock meanwhile, or give a longer timeout."
    )


def _table(rules: Sequence[dict[str, Any]]) -> list[str]:
    """The rules one to a line: what each allows, what was found, what is left, and whether that is within it."""
    said = [[str(rule.get(name) or "").replace("_", " ") for name in _COLUMNS.values()] for rule in rules]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *said, strict=True)]
    rows = [list(_COLUMNS), ["-" * width for width in widths], *said]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows] if rules else []


def _told(findings: Sequence[dict[str, Any]]) -> list[str]:
    return [f"{finding['rule']}: {finding['sentence']} {finding['next_step']}" for finding in findings]
