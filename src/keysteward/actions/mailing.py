"""How does a mail come into the outbox, and from there to the mail server?

A deed posts its mail in its own transaction, so neither happens without the other. Sending comes later, again and again
with growing pauses, until the server takes the mail or what it says is of no use any more.

Mails go out on several ways at once, each the job of one worker: whoever has a way holds the mail that it sends for as
long as the server may take, and whoever gets the way after it died sends that mail again, with the same id.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog

from keysteward.actions.context import Context
from keysteward.actions.leases import machine_now
from keysteward.outgoing.mail import Mail, Unsent
from keysteward.rules.letters import House, Letter
from keysteward.rules.refusals import TOO_MANY_STRANGERS, Refusal
from keysteward.rules.shapes import known
from keysteward.rules.words import new_guid
from keysteward.store import mails
from keysteward.store.database import Connection
from keysteward.store.mails import MailRow

NOTICE_LIFE = timedelta(days=3)

_HOUR = timedelta(hours=1)
_PAUSES = tuple(timedelta(seconds=each) for each in (15, 60, 300, 900, 3_600))
_AT_ONCE = 20
_MARGIN = timedelta(seconds=30)

log = structlog.get_logger()


class Written(NamedTuple):
    """A mail of the outbox, opened. `letter` is None once it was sent or given up."""

    id: str
    about: str
    recipient: str
    letter: Letter | None
    created_at: datetime
    sent_at: datetime | None
    failure: str


def house(ctx: Context) -> House:
    """Who writes."""
    return House(ctx.environment, ctx.origin)


def post(ctx: Context, tx: Connection, recipient: str, letter: Letter, life: timedelta = NOTICE_LIFE) -> None:
    """Put a mail into the outbox, in the transaction of a deed; after its life it is of no use any more."""
    mail, now = new_guid(), ctx.now
    sealed = ctx.sealer.seal(msgspec.json.encode(letter), _label(mail))
    due_at = machine_now(ctx)
    mails.save_mail(tx, MailRow(mail, letter.about, recipient, sealed, now, now + life, due_at))


def demand_few_strangers(ctx: Context, tx: Connection, account: str) -> None:
    """Refuse an account that had as many people outside it written to within the hour as it may; counts this one."""
    written = mails.save_link_request(tx, "stranger", account, ctx.now, ctx.now - _HOUR)
    if written > ctx.policy.strangers_written_per_hour:
        raise Refusal(TOO_MANY_STRANGERS)


def send_due(ctx: Context, way: str = "mail", *, tried: bool | None = None) -> bool:
    """Hand mails that are due to the mail server; without one they stay where they are. True when all went well.

    All of them, or those alone that were tried before, or never.
    """
    if ctx.mail_server is None:
        return True
    with ctx.database.reading() as tx:
        waiting = mails.list_due(tx, machine_now(ctx), _AT_ONCE, tried=tried)
    went_well = [_send(ctx, mail, way) for mail in waiting]
    return all(went_well)


def take_over(ctx: Context, way: str) -> None:
    """Let the mail be due that was under way when whoever had this way before died."""
    if ctx.mail_server is not None:
        with ctx.database.writing() as tx:
            mails.free_mails(tx, way, machine_now(ctx))


def list_newest(ctx: Context, most: int = 100) -> list[Written]:
    """The outbox, newest first, with what the mails say: for the twin only."""
    with ctx.database.reading() as tx:
        found = mails.list_newest(tx, most)
    return [
        Written(row.id, row.about, row.recipient, _opened(ctx, row), row.created_at, row.sent_at, row.failure)
        for row in found
    ]


def _send(ctx: Context, mail: MailRow, way: str) -> bool:
    """Send one mail, if nobody else does."""
    if not _claimed(ctx, mail, way):
        return True
    letter = _opened(ctx, mail)
    if letter is None or ctx.now >= mail.useless_at:
        return _failed(ctx, mail, "it was of no use any more", give_up=True)
    assert ctx.mail_server is not None  # noqa: S101 — asked before
    out = Mail(mail.id, mail.recipient, letter.subject, letter.text, machine_now(ctx))
    try:
        ctx.mail_server.send(out)
    except Unsent as reason:
        return _failed(ctx, mail, str(reason), give_up=reason.is_final)
    with ctx.database.writing() as tx:
        mails.mark_sent(tx, mail.id, ctx.now)
    return True


def _claimed(ctx: Context, mail: MailRow, way: str) -> bool:
    """Hold a mail for as long as the server may take, and then some; nobody else sends it until then."""
    assert ctx.mail_server is not None  # noqa: S101 — asked before
    until = machine_now(ctx) + ctx.mail_server.longest + _MARGIN
    with ctx.database.writing() as tx:
        return mails.claim_mail(tx, mail, until, way)


def _failed(ctx: Context, mail: MailRow, reason: str, *, give_up: bool) -> bool:
    log.warning("mail not sent", environment=ctx.environment, mail=mail.id, reason=reason, given_up=give_up)
    due_at = machine_now(ctx) + _PAUSES[min(mail.tries, len(_PAUSES) - 1)]
    with ctx.database.writing() as tx:
        mails.note_failure(tx, mail, reason, due_at, give_up=give_up)
    return give_up


def _opened(ctx: Context, mail: MailRow) -> Letter | None:
    if mail.letter_sealed is None:
        return None
    return msgspec.json.decode(ctx.sealer.open(mail.letter_sealed, _label(mail.id)), type=known(Letter))


def _label(mail: str) -> str:
    return f"mail {mail}"
