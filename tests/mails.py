"""What stands in the outbox of an environment, for tests that read their mail?"""

import re

from sqlalchemy import delete

from keysteward.actions import mailing
from keysteward.actions.context import Context
from keysteward.store.tables import mails, notice_receipts, notices

_BESIDE = {
    "new-secret", "new-keypair", "new-redirect-uri", "new-admin", "waiver", "service-admin-sign-in", "new-device",
    "credential-expiry", "last-admin", "custody-finding", "admin-removed",
}  # fmt: skip
"""What other admins are told of deeds that a test only needs on its way; tests/actions/test_notices.py reads these."""

_LINK = re.compile(r"link=(ksl_[\w-]+)")


def letters_to(ctx: Context, address: str) -> list[str]:
    """What was written to an address and not sent yet, by what it is about, newest first: not what came beside."""
    written = (mail for mail in mailing.list_newest(ctx) if mail.recipient == address and mail.letter)
    return [mail.about for mail in written if mail.about not in _BESIDE]


def empty_boxes(ctx: Context) -> None:
    """Everybody has read what they were told so far: a test begins with an empty outbox and empty inboxes."""
    with ctx.database.writing() as tx:
        for table in (mails, notice_receipts, notices):
            tx.execute(delete(table))


def link_to(ctx: Context, address: str) -> str:
    """The value of the newest link that was written to an address."""
    texts = [mail.letter.text for mail in mailing.list_newest(ctx) if mail.recipient == address and mail.letter]
    found = (_LINK.search(text) for text in texts)
    return next(link[1] for link in found if link)
