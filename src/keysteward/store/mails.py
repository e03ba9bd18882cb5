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
    way: str | None = None


def save_mail(tx: Connection, mail: MailRow) -> None:
    """Put a mail into the outbox."""
    tx.execute(insert(mails).values(**mail._asdict()))


def list_due(tx: Connection, now: datetime, most: int, *, tried: bool | None = None) -> list[MailRow]:
    """The mails to try now, oldest first: all of them, or those alone that were tried before, or never."""
    where = mails.c.letter_sealed.is_not(None) & (mails.c.due_at <= now)
    if tried is not None:
        where &= mails.c.tries > 0 if tried else mails.c.tries == 0
    query = select(mails).where(where).order_by(mails.c.due_at, mails.c.id).limit(most)
    return [MailRow(*row) for row in tx.execute(query)]


def list_newest(tx: Connection, most: int) -> list[MailRow]:
    """The outbox, newest first."""
    query = select(mails).order_by(mails.c.created_at.desc(), mails.c.id).limit(most)
    return [MailRow(*row) for row in tx.execute(query)]


def claim_mail(tx: Connection, mail: MailRow, until: datetime, way: str) -> bool:
    """Take a mail to send it now on a way; nobody else does until then. Only one caller is told True."""
    where = (mails.c.id == mail.id) & (mails.c.tries == mail.tries) & mails.c.letter_sealed.is_not(None)
    return tx.execute(update(mails).where(where).values(tries=mail.tries + 1, due_at=until, way=way)).rowcount == 1


def free_mails(tx: Connection, way: str, now: datetime) -> None:
    """Let what is held on a way be due: whoever held it is gone."""
    where = (mails.c.way == way) & mails.c.letter_sealed.is_not(None)
    tx.execute(update(mails).where(where).values(due_at=now, way=None))


def mark_sent(tx: Connection, mail: str, now: datetime) -> None:
    """Note that a mail was sent, and forget what it said."""
    tx.execute(update(mails).where(mails.c.id == mail).values(sent_at=now, letter_sealed=None, failure="", way=None))


def note_failure(tx: Connection, mail: MailRow, failure: str, due_at: datetime, *, give_up: bool) -> None:
    """Note why a claimed mail was not sent, and when it is due again; who gives it up forgets what it said.

    Not where somebody else took it meanwhile.
    """
    values: dict[str, object] = {"failure": failure, "due_at": due_at, "way": None}
    where = (mails.c.id == mail.id) & (mails.c.tries == mail.tries + 1) & mails.c.sent_at.is_(None)
    tx.execute(update(mails).where(where).values(values | ({"letter_sealed": None} if give_up else {})))


def save_link_request(tx: Connection, about: str, whom: str, now: datetime, since: datetime) -> int:
    """Count one more mail that somebody wants sent to an address, known or not, or to an account's admins.

    Returns how many came within the window.
    """
    folded = whom.casefold()[:320]
    tx.execute(insert(link_requests).values(about=about, email_folded=folded, at=now))
    requests = link_requests.c
    where = (requests.about == about) & (requests.email_folded == folded) & (requests.at > since)
    return int(tx.execute(select(func.count()).select_from(link_requests).where(where)).scalar_one())


def forget_mails(tx: Connection, before: datetime) -> None:
    """Forget mails that were of no use before a moment, and requests for links of before it."""
    tx.execute(delete(mails).where(mails.c.useless_at < before))
    tx.execute(delete(link_requests).where(link_requests.c.at < before))
