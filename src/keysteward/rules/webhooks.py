"""What is a webhook told, when is it told again, and when is it given up?

Deliveries follow the Standard Webhooks convention (standardwebhooks.com): one id however often one is sent, and gaps
between the tries that grow from seconds to most of a day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from keysteward.rules.notice_kinds import NOTICE_KINDS
from keysteward.rules.notices import Notice
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import INVALID_FIELD, TOO_MANY_REPEATS, Refusal
from keysteward.rules.words import Environment

State = Literal["on", "failing", "off"]
Stage = Literal["waiting", "trying again", "delivered", "given up"]

GAPS = tuple(timedelta(seconds=each) for each in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000))
JITTER = 0.2
STEPS_ASIDE_AFTER = 2
MOST_ANSWER_BYTES = 1_000
TEST = "webhook-test"
KINDS_TOLD = tuple(each for each in NOTICE_KINDS if each not in {"new-device", "webhook-failing"})
"""What a webhook may be told of: not what concerns one person, nor that webhooks fail, which would go in circles."""

_MOST_URL = 500
_GONE = 410
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose webhook it is: an account's or an organization's, the other is empty."""

    account: str = ""
    organization: str = ""


def shown_url(url: str) -> str:
    """An address as others are told of it: its host alone, for the path of many receivers is a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" + ("/…" if parts.path.strip("/") or parts.query else "/")


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of notices. No kinds are all kinds.

    `failing_since`, by the machine's clock, is when the first try failed since one succeeded; `told_at` when admins
    were told that a delivery was given up since then. `off_at` and `off_why` say that nothing is sent any more.
    `repeats` counts the messages that people and programs asked for in the hour that began at `repeats_since`.
    """

    id: str
    owner: Owner
    url: str
    kinds: tuple[str, ...]
    made_at: datetime
    made_by: str
    secret_sealed: bytes
    old_secret_sealed: bytes | None = None
    old_secret_until: datetime | None = None
    failing_since: datetime | None = None
    told_at: datetime | None = None
    off_at: datetime | None = None
    off_why: str = ""
    repeats: int = 0
    repeats_since: datetime | None = None

    @property
    def state(self) -> State:
        """Whether it is sent to, and what came of it."""
        if self.off_at is not None:
            return "off"
        return "on" if self.failing_since is None else "failing"


class Message(NamedTuple):
    """What a webhook is told: a notice, or a test."""

    id: str
    kind: str
    at: datetime
    owner: Owner
    key: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to a webhook. `body` is what is sent, the same at every try.

    `made_at` is when it was told. `tries` counts all of them; `step` those since it was made or sent again, and grows
    the gaps. `due_at` is by the machine's clock.
    """

    id: str
    number: int
    webhook: str
    message: str
    kind: str
    body: str
    made_at: datetime
    due_at: datetime
    tries: int = 0
    step: int = 0
    ended_at: datetime | None = None
    outcome: str = ""

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.ended_at is not None:
            return "delivered" if self.outcome == "delivered" else "given up"
        return "waiting" if self.step == 0 else "trying again"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try: the answer's status and first bytes, or why there was none. A status of 0 is none."""

    at: datetime
    status: int
    answer: str
    failure: str

    @property
    def is_success(self) -> bool:
        """Whether the delivery was taken."""
        return self.status > 0 and not self.failure

    @property
    def is_goodbye(self) -> bool:
        """410 Gone asks to be told nothing more, now and later."""
        return self.status == _GONE


def checked_url(text: str) -> str:
    """An address as an admin types it: https, in ASCII, without user and fragment."""
    url = text.strip()
    if reason := _wrong_with(url):
        raise Refusal(INVALID_FIELD, field="url", reason=reason)
    return url


def checked_kinds(wanted: Collection[str]) -> tuple[str, ...]:
    """The kinds of notices that are wanted, each once and in our order; none are all of them."""
    if unknown := sorted(set(wanted) - set(KINDS_TOLD)):
        raise Refusal(INVALID_FIELD, field="kinds", reason=f"no webhook is told of the kind {unknown[0][:60]}.")
    return tuple(each for each in KINDS_TOLD if each in wanted)


def wants(webhook: Webhook, notice: Notice) -> bool:
    """Whether a webhook is told of a notice that reaches its owner."""
    if webhook.state == "off" or notice.user:
        return False
    return notice.kind in (webhook.kinds or KINDS_TOLD)


def message_of(notice: Notice) -> Message:
    """A notice as it is sent."""
    owner = Owner(notice.account, notice.organization)
    return Message(notice.id, notice.kind, notice.at, owner, notice.key, notice.facts)


def payload(message: Message, environment: Environment) -> str:
    """What is sent: JSON, in this order, without a secret."""
    said = {
        "type": message.kind,
        "id": message.id,
        "occurred_at": message.at,
        "environment": environment,
        "account_id": message.owner.account or None,
        "organization_id": message.owner.organization or None,
        "integration_key": message.key or None,
        "facts": dict(message.facts),
    }
    return msgspec.json.encode(said).decode()


def failure_of(status: int) -> str:
    """Why an answer takes no delivery; every 2xx takes it, whatever else it says."""
    if 200 <= status < 300:
        return ""
    elsewhere = ", which leads elsewhere, and we follow nowhere" if 300 <= status < 400 else ""
    return f"it answered {status}{elsewhere}"


def gap_after(delivery: Delivery, tries: int) -> timedelta | None:
    """How long to wait after the try under way failed; None where it was the last of so many.

    Where there are more tries than gaps, the last gap comes again. Each is up to a fifth longer, by the delivery's own
    random id, so that what failed together is not sent again all at the same moment.
    """
    if delivery.step >= tries:
        return None
    share = int(delivery.id.replace("-", "")[delivery.step :][:4], 16) / 0xFFFF
    return GAPS[min(delivery.step, len(GAPS)) - 1] * (1 + JITTER * share)


def is_worn_out(webhook: Webhook, now: datetime, after: timedelta) -> bool:
    """Whether every try has failed for so long that a webhook is to be switched off."""
    return webhook.failing_since is not None and now - webhook.failing_since >= after


def demand_repeats(webhook: Webhook, now: datetime, policy: Policy) -> int:
    """How many messages may be sent now because somebody asks for it; refuses where there are none.

    An hour opens with the first, so that nobody makes us hammer at somebody else's address.
    """
    since, most = webhook.repeats_since, policy.webhook_repeats_per_hour
    if since is None or not since <= now < since + _HOUR:
        return most
    if webhook.repeats >= most:
        raise Refusal(TOO_MANY_REPEATS, limit=most, minutes=-((now - since - _HOUR) // timedelta(minutes=1)))
    return most - webhook.repeats


def repeated(webhook: Webhook, now: datetime, count: int) -> tuple[int, datetime]:
    """How many messages were asked for in an hour, with these, and when that hour began."""
    since = webhook.repeats_since
    if since is None or not since <= now < since + _HOUR:
        return count, now
    return webhook.repeats + count, since


def _wrong_with(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "it is no address."
    if parts.scheme != "https" or not parts.hostname:
        return "begin with https:// and a host name."
    if len(url) > _MOST_URL:
        return f"use at most {_MOST_URL} characters."
    if not url.isascii() or any(ord(each) < 33 or ord(each) == 127 for each in url) or "\\" in url:
        return "write it in ASCII, without blanks."
    return "leave out user, password and fragment." if "@" in parts.netloc or "#" in url else ""
