"""Which shapes do webhooks and their deliveries have?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from keysteward.rules.notice_kinds import NoticeKind
from keysteward.web.api.shapes import Guid, Instant, Request, Uri


class NewWebhook(Request):
    """Which https address is told of which kinds of notices; an empty list of kinds is all of them."""

    url: Uri
    kinds: Annotated[list[NoticeKind], Meta(max_length=50)] = field(default_factory=list)


class Webhook(Struct):
    """A webhook. `state` is `failing` while nothing is taken, and `off` once it was switched off, for `off_why`."""

    id: str
    account: str | None
    organization: str | None
    url: str
    kinds: list[NoticeKind]
    state: Literal["on", "failing", "off"]
    made_at: Instant
    made_by: str
    off_at: Instant | None
    off_why: str


class MadeWebhook(Struct):
    """A webhook with its signing secret, which is shown only now. Until `old_secret_until` the one before signs too."""

    webhook: Webhook
    secret: str
    old_secret_until: Instant | None


class Webhooks(Struct):
    """The webhooks of an account or an organization, the oldest first."""

    webhooks: list[Webhook]


class DeliveryTry(Struct):
    """What came of one try: the status and first bytes of the answer, or a status of 0 and why there was none."""

    at: Instant
    status: int
    answer: str
    failure: str


class Delivery(Struct):
    """A message on its way to a webhook. `message` is its `webhook-id`, the same at every try."""

    id: str
    message: str
    number: int
    kind: str
    stage: Literal["waiting", "trying again", "delivered", "given up"]
    made_at: Instant
    ended_at: Instant | None
    body: str
    tries: list[DeliveryTry]


class Deliveries(Struct):
    """The newest deliveries of a webhook, from below the number that was asked for; `older` is the next such number."""

    deliveries: list[Delivery]
    waiting: int
    older: int | None


class NewReplay(Request):
    """What is sent again: one delivery, or everything since a moment that the log still holds."""

    delivery: Guid | None = None
    since: Instant | None = None


class Replayed(Struct):
    """How many deliveries are on their way again: the oldest, as many as may be sent within an hour.

    The others can follow an hour later, from `next_since` on; it is null where there are none.
    """

    deliveries: int
    next_since: Instant | None
