"""What becomes of a finding: open, accepted until a date with a reason, fixed; and whose is it?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from keysteward.rules.custody.audit import CUSTODY
from keysteward.rules.custody.findings import SEVERITIES, Finding, Kind, Rule, Severity
from keysteward.rules.keys import checked_text
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.words import spoken

Status = Literal["open", "accepted", "fixed"]
_RULES: Mapping[str, Rule] = {rule.code: rule for rule in CUSTODY}


@dataclass(frozen=True, slots=True)
class Life:
    """A finding as it is kept. `owner` is the user who sees to it; accepted, it takes no points until that day."""

    id: str
    name: str
    account: str
    organization: str
    code: str
    severity: Severity
    kind: Kind
    subject: str
    sentence: str
    keys: tuple[str, ...]
    found_at: datetime
    fixed_at: datetime | None = None
    owner: str = ""
    accepted_until: datetime | None = None
    accepted_why: str = ""
    accepted_by: str = ""

    @property
    def rule(self) -> Rule | None:
        """The rule that found it; None where another release did."""
        return _RULES.get(self.code)


class Change(NamedTuple):
    """What a judgement changes of the open findings: new ones, those that say something else, and those mended."""

    opened: tuple[Finding, ...]
    reworded: tuple[tuple[Life, Finding], ...]
    fixed: tuple[Life, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether all is as it was."""
        return not (self.opened or self.reworded or self.fixed)

    @property
    def critical(self) -> tuple[Finding, ...]:
        """What is critical now and was not before."""
        worse = (finding for life, finding in self.reworded if life.severity != finding.severity)
        return tuple(finding for finding in (*self.opened, *worse) if finding.severity == "critical")


def status(life: Life, now: datetime) -> Status:
    """How a finding stands; an acceptance ends by itself."""
    if life.fixed_at is not None:
        return "fixed"
    return "accepted" if life.accepted_until is not None and now < life.accepted_until else "open"


def compare(before: Iterable[Life], found: Iterable[Finding]) -> Change:
    """What changed since the last judgement; a finding is known again by its name."""
    known, now = {life.name: life for life in before}, {finding.name: finding for finding in found}
    return Change(
        tuple(finding for name, finding in now.items() if name not in known),
        tuple(
            (known[name], finding) for name, finding in now.items() if name in known and _differs(known[name], finding)
        ),
        tuple(life for name, life in known.items() if name not in now),
    )


def in_order(lives: Iterable[Life], now: datetime) -> list[Life]:
    """Open findings first, then accepted, then fixed; the gravest first, then the oldest."""
    order = ("open", "accepted", "fixed")

    def place(life: Life) -> tuple[int, int, datetime, str]:
        return order.index(status(life, now)), SEVERITIES.index(life.severity), life.found_at, life.name

    return sorted(lives, key=place)


def counted(findings: Iterable[Finding], lives: Iterable[Life], now: datetime) -> tuple[Finding, ...]:
    """The findings that take points: those that nobody accepted."""
    accepted = {life.name for life in lives if status(life, now) == "accepted"}
    return tuple(finding for finding in findings if finding.name not in accepted)


def checked_acceptance(until: datetime, why: str, now: datetime, policy: Policy) -> str:
    """The reason, where the day lies ahead and no further than may be accepted."""
    if not now < until <= now + policy.longest_acceptance:
        raise Refusal(INVALID_FIELD, field="until", reason=f"choose a day within {spoken(policy.longest_acceptance)}.")
    return checked_text(why, "reason", most=500)


def _differs(life: Life, finding: Finding) -> bool:
    before = (life.severity, life.kind, life.subject, life.sentence, life.keys)
    return before != (finding.severity, finding.kind, finding.subject, finding.sentence, finding.keys)
