"""When is a domain an organization's, and what must DNS say to prove it?

A claim names one host name exactly, and nothing below it. The organization publishes a token that only its admins were
shown: in a TXT record at the name, or as an alias (CNAME) below it. One organization holds a name at a time.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import idna

from keysteward.rules.accounts import Domain, DomainState, Outcome
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import INVALID_FIELD, Refusal

RecordType = Literal["TXT", "CNAME"]

_LONGEST_NAME = 215  # with a token and a dot before it, DNS takes no more
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MOST_SHOWN = 5
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Proving:
    """How proofs read in an environment: the `prefix` of a token in TXT, and the `target` that an alias leads to."""

    prefix: str
    target: str


class Record(NamedTuple):
    """A record of DNS."""

    type: RecordType
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What DNS said of a proof, in a word and in a sentence, and when it was asked."""

    outcome: Outcome
    said: str
    at: datetime


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def ascii_name(host_name: str) -> str:
    """A host name as DNS has it: in lower case, other alphabets in Punycode (RFC 5891)."""
    folded = unicodedata.normalize("NFKC", host_name).lower().removesuffix(".")
    labels = (label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in folded.split("."))
    return ".".join(labels)


def checked_host_name(unverified_name: str) -> str:
    """The name of a domain that may be claimed, as DNS has it."""
    name = ascii_name(unverified_name.strip())
    labels = name.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise Refusal(INVALID_FIELD, field="host_name", reason="give a host name such as acme.example.")
    if len(name) > _LONGEST_NAME:
        raise Refusal(INVALID_FIELD, field="host_name", reason=f"it has more than {_LONGEST_NAME} characters.")
    if not _is_good_in_other_alphabets(name):
        raise Refusal(INVALID_FIELD, field="host_name", reason="it holds characters that no domain may have.")
    return name


def shown_name(host_name: str) -> str:
    """A host name in its own alphabet, for people, beside the name that DNS has."""
    return idna.decode(host_name) if _is_good_in_other_alphabets(host_name) else host_name


def with_parents(host_name: str) -> tuple[str, ...]:
    """A name and those above it, the nearest first, without what is a whole country or company of names."""
    labels = host_name.split(".")
    return tuple(".".join(labels[at:]) for at in range(max(len(labels) - 1, 1)))


def taken(host_name: str, organization: str, active: Mapping[str, str]) -> str:
    """The name that keeps an organization from claiming another; empty where none does.

    `active` says whose the active domains among a name and its parents are. The nearest decides.
    """
    held = next((name for name in with_parents(host_name) if name in active), "")
    return held if held and active[held] != organization else ""


# ── proofs ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def records_of(domain: Domain, proving: Proving) -> tuple[Record, Record]:
    """The records of which one must be published."""
    return (
        Record("TXT", domain.host_name, f"{proving.prefix}={domain.token}"),
        Record("CNAME", f"{domain.token}.{domain.host_name}", proving.target),
    )


def is_right(record: Record, values: Iterable[str]) -> bool:
    """Whether a record is among what was found; quotation marks that a form kept do not matter."""
    wanted = record.value.lower()
    return any(value.strip().strip('"').removesuffix(".").lower() == wanted for value in values)


def judged(found: Mapping[Record, tuple[str, ...] | str], proving: Proving, at: datetime) -> Seen:
    """What the answers to a proof's records mean together: values, or the reason why there was no answer."""
    told = "; ".join(f"{record.type} at {record.name}: {_told(answer)}" for record, answer in found.items())
    answers = {record: answer for record, answer in found.items() if not isinstance(answer, str)}
    if any(is_right(record, values) for record, values in answers.items()):
        return Seen("right", told, at)
    if len(answers) < len(found):
        return Seen("unanswered", told, at)
    ours = f"{proving.prefix}=".lower()
    is_wrong = any(
        (record.type == "CNAME" and values) or any(value.lower().startswith(ours) for value in values)
        for record, values in answers.items()
    )
    return Seen("wrong" if is_wrong else "none", told, at)


def state_after(domain: Domain, seen: Seen, policy: Policy) -> DomainState:
    """The state of a domain once this was seen. A resolver's silence ends nothing until it lasts for days."""
    if seen.outcome == "right":
        return "active"
    if domain.state != "active":
        return domain.state
    is_borne = domain.confirmed_at is None or seen.at - domain.confirmed_at < policy.domain_silence_borne
    return "active" if seen.outcome == "unanswered" and is_borne else "lapsed"


def after(domain: Domain, seen: Seen, policy: Policy, held_by_others: str = "") -> Domain:
    """A claim once this was seen. A proof makes nobody the holder of what another organization holds."""
    state, said = state_after(domain, seen, policy), seen.said
    if state == "active" and domain.state != "active" and held_by_others:
        state, said = domain.state, f"{said}; another organization holds {held_by_others}"
    return replace(
        domain,
        state=state,
        checked_at=seen.at,
        confirmed_at=seen.at if seen.outcome == "right" else domain.confirmed_at,
        due_at=seen.at + _pause(domain, state, seen, policy),
        outcome=seen.outcome,
        said=said,
    )


def is_later_look(checked_at: datetime, seen: Seen, now: datetime, policy: Policy) -> bool:
    """Whether DNS was asked again since this was seen; a look of days ahead is one of before a clock was set back."""
    return seen.at < checked_at <= now + policy.domain_proof_fresh


def is_confirmed(seen: Seen, now: datetime, policy: Policy) -> bool:
    """Whether a proof was seen so lately that somebody may act on it; a resolver's silence confirms nothing."""
    return seen.outcome == "right" and timedelta(0) <= now - seen.at <= policy.domain_proof_fresh


def _pause(domain: Domain, state: DomainState, seen: Seen, policy: Policy) -> timedelta:
    """How long until DNS is asked again."""
    if seen.outcome == "unanswered":
        return policy.silent_domain_checked_every
    is_new = state == "pending" and seen.at - domain.created_at < policy.domain_new_for
    return policy.new_domain_checked_every if is_new else policy.domain_checked_every


def _told(answer: tuple[str, ...] | str) -> str:
    if isinstance(answer, str):
        return f"no answer, {answer}"
    shown = [_cut(value) for value in answer[:_MOST_SHOWN]]
    more = [f"and {len(answer) - _MOST_SHOWN} more"] if len(answer) > _MOST_SHOWN else []
    return ", ".join(shown + more) or "nothing"


def _cut(value: str) -> str:
    plain = "".join(character if character.isprintable() else "\ufffd" for character in value)
    return plain if len(plain) <= _LONGEST_SHOWN else plain[:_LONGEST_SHOWN] + "…"


def _is_good_in_other_alphabets(host_name: str) -> bool:
    try:
        return idna.encode(idna.decode(host_name)).decode() == host_name
    except idna.IDNAError:
        return False
