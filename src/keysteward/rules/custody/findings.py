"""What does a custody rule say, and what is a finding?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from keysteward.rules.custody.inventory import Fact, Inventory
from keysteward.rules.policy import Policy

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
Kind = Literal["account", "key", "person", "domain", "organization"]

BEST_PRACTICE = "Manage your integration keys: account management practices"
OWNERS = "FAQs: who should administer the integration key?"
FOR_ISVS = "FAQs: best practices for ISV applications"
LOST = "Manage your integration keys: resolving the problem"

ADMIN = "An admin of the account"
ORGANIZATION_ADMIN = "An organization admin"


class Broken(NamedTuple):
    """One place where a rule does not hold: what it is about, whose account it is, and which keys hang on it."""

    severity: Severity
    kind: Kind
    subject: str
    sentence: str
    account: str = ""
    organization: str = ""
    keys: tuple[str, ...] = ()


class Button(NamedTuple):
    """Where it is mended: what the button says, and its page in the console, with {account}, {key} or {subject}."""

    label: str
    path: str


Check = Callable[[Inventory, Policy], Iterable[Broken]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of custody: its code, what it asks, where that comes from, who mends it how, and what it needs to know."""

    code: str
    asks: str
    source: str
    who: str
    step: str
    button: Button
    needs: frozenset[Fact]
    check: Check


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that puts keys at risk, with who can mend it and where."""

    code: str
    severity: Severity
    kind: Kind
    subject: str
    sentence: str
    source: str
    who: str
    step: str
    button: str
    path: str
    account: str = ""
    organization: str = ""
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is, so that the same finding is known again: the rule, and what it is about."""
        return ":".join((self.code, self.account or self.organization, self.subject))


def finding_of(rule: Rule, broken: Broken, severity: Severity) -> Finding:
    """A finding of a rule at one place."""
    key = broken.subject if broken.kind == "key" else next(iter(broken.keys), "")
    path = rule.button.path.format(account=broken.account, key=key, organization=broken.organization)
    return Finding(
        code=rule.code,
        severity=severity,
        kind=broken.kind,
        subject=broken.subject,
        sentence=broken.sentence,
        source=rule.source,
        who=rule.who,
        step=rule.step,
        button=rule.button.label,
        path=path,
        account=broken.account,
        organization=broken.organization,
        keys=broken.keys,
    )


def eased(severity: Severity) -> Severity:
    """One step less grave."""
    return SEVERITIES[min(SEVERITIES.index(severity) + 1, len(SEVERITIES) - 1)]
