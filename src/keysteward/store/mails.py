"""Which mails wait to be sent, and which were?

A deed writes its mail in its own transaction. Whoever is about to send one claims it first, so that of many who try
one does; what a mail says is sealed, and gone once it was sent or given up.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from keysteward.store.tables import link_requests, mails


class MailRow(NamedTuple):
    """A mail. `letter_sealed` is None once it was sent or given up; `failure` says why it was not sent last time."""

    id: str
    about: str
    recipient: str
    letter_sealed: bytes | None
    created_at: datetime
    useless_at: datetime
    due_at: datetime
    tries: int = 0
    sent_at: datetime | None = None
    failure: str = ""


def save_mail(tx: Connection, mail: MailRow) -> None:
    """Put a mail into the outbox."""
    tx.execute(insert(mails).values(**mail._asdict()))


def list_due(tx: Connection, now: datetime, most: int) -> list[MailRow]:
    """The mails to try now, oldest first."""
    where = mails.c.letter_sealed.is_not(None) & (mails.c.due_at <= now)
    query = select(mails).where(where).order_by(mails.c.due_at, mails.c.id).limit(most)
    return [MailRow(*row) for row in tx.execute(query)]


def list_newest(tx: Connection, most: int) -> list[MailRow]:
    """The outbox, newest first."""
    query = select(mails).order_by(mails.c.created_at.desc(), mails.c.id).limit(most)
    return [MailRow(*row) for row in tx.execute(query)]


def claim_mail(tx: Connection, mail: MailRow, due_at: datetime) -> bool:
    """Take a mail to send it now; it is due again then, unless it was sent. Only one caller is told True."""
    where = (mails.c.id == mail.id) & (mails.c.tries == mail.tries) & mails.c.letter_sealed.is_not(None)
    return tx.execute(update(mails).where(where).values(tries=mail.tries + 1, due_at=due_at)).rowcount == 1


def mark_sent(tx: Connection, mail: str, now: datetime) -> None:
    """Note that a mail was sent, and forget what it said."""
    tx.execute(update(mails).where(mails.c.id == mail).values(sent_at=now, letter_sealed=None, failure=""))


def note_failure(tx: Connection, mail: str, failure: str, *, give_up: bool) -> None:
    """Note why a mail was not sent; who gives it up forgets what it said."""
    values: dict[str, object] = {"failure": failure} | ({"letter_sealed": None} if give_up else {})
    tx.execute(update(mails).where(mails.c.id == mail).values(**values))


def save_link_request(tx: Connection, about: str, email: str, now: datetime, since: datetime) -> int:
    """Count one more request for a link to an address, known or not, and say how many came within the window."""
    folded = email.casefold()[:320]
    tx.execute(insert(link_requests).values(about=about, email_folded=folded, at=now))
    requests = link_requests.c
    where = (requests.about == about) & (requests.email_folded == folded) & (requests.at > since)
    return int(tx.execute(select(func.count()).select_from(link_requests).where(where)).scalar_one())


def forget_mails(tx: Connection, before: datetime) -> None:
    """Forget mails that were of no use before a moment, and requests for links of before it."""
    tx.execute(delete(mails).where(mails.c.useless_at < before))
    tx.execute(delete(link_requests).where(link_requests.c.at < before))
