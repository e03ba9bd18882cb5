"""What are admins told of their webhooks?"""

from datetime import datetime, timedelta

from keysteward.rules.letters import spoken
from keysteward.rules.notice_kinds import NoticeKind
from keysteward.rules.notices import Notice, notice
from keysteward.rules.webhooks import Delivery, Webhook, shown_url


def made(webhook: Webhook, by: str, at: datetime) -> Notice:
    """A new address is told of notices."""
    return _notice(
        "webhook", webhook, at, by=by,
        subject="A webhook was made",
        what=f"{by} made a webhook on {_moment(at)}: {shown_url(webhook.url)} is told of "
        f"{_kinds(webhook)} from now on.",
        next="If you know nothing of it, remove it at once: nothing more is sent from that moment.",
    )  # fmt: skip


def removed(webhook: Webhook, by: str, at: datetime) -> Notice:
    """An address is told of nothing more."""
    return _notice(
        "webhook", webhook, at, by=by, page=_list(webhook),
        subject="A webhook was removed",
        what=f"{by} removed the webhook {shown_url(webhook.url)} on {_moment(at)}. What was still to "
        "be sent to it was dropped.",
        next="If you know nothing of it, make it again; what happened meanwhile stands in your inbox.",
    )  # fmt: skip


def rotated(webhook: Webhook, by: str, at: datetime) -> Notice:
    """A webhook has another signing secret."""
    return _notice(
        "webhook", webhook, at, by=by,
        subject="A webhook has a new signing secret",
        what=f"{by} made a new signing secret for the webhook {shown_url(webhook.url)} on {_moment(at)}.",
        next=f"Deploy it to the receiver. {_overlap(webhook, at)}",
    )  # fmt: skip


def given_up(webhook: Webhook, delivery: Delivery, why: str, at: datetime) -> Notice:
    """A delivery was tried for days, and is not tried any more."""
    return _notice(
        "webhook-failing", webhook, at, delivery=delivery.id, reason=why,
        subject="A webhook does not take what it is sent",
        what=f"A delivery ({delivery.kind}) to {shown_url(webhook.url)} was given up on {_moment(at)} after "
        f"{delivery.tries} tries. The last answer: {why}",
        next="Mend the receiver, send a test, then let what was given up be sent again. While it goes on failing you "
        "are not told of each.",
    )  # fmt: skip


def switched_off(webhook: Webhook, at: datetime) -> Notice:
    """Nothing is sent to an address any more."""
    return _notice(
        "webhook-failing", webhook, at, reason=webhook.off_why,
        subject="A webhook was switched off",
        what=f"Nothing more is sent to {shown_url(webhook.url)} since {_moment(at)}: {webhook.off_why}",
        next="Mend the receiver, switch the webhook on, and let what it missed be sent again.",
    )  # fmt: skip


def why_worn_out(after: timedelta) -> str:
    """Why a webhook that fails and fails is switched off."""
    return f"nothing that was sent in {spoken(after)} was taken."


def why_gone() -> str:
    """Why a webhook that says goodbye is switched off."""
    return "it answered 410 Gone, which asks for nothing more."


def _notice(kind: NoticeKind, webhook: Webhook, at: datetime, *, page: str = "", **facts: str) -> Notice:
    where = page or f"/webhooks/{webhook.id}"
    owner = webhook.owner
    return notice(
        kind, at, about=None, account=owner.account, organization=owner.organization, webhook=webhook.id,
        url=shown_url(webhook.url), page=where, **facts,
    )  # fmt: skip


def _list(webhook: Webhook) -> str:
    return (
        f"/organizations/{webhook.owner.organization}/webhooks" if webhook.owner.organization else "/account/webhooks"
    )


def _kinds(webhook: Webhook) -> str:
    return ", ".join(webhook.kinds) if webhook.kinds else "every notice"


def _overlap(webhook: Webhook, at: datetime) -> str:
    until = webhook.old_secret_until
    return f"The old one signs too until {_moment(until)}." if until and until > at else "The old one signs no more."


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
