"""What stands in the outbox of an environment, for tests that read their mail?"""

import re

from keysteward.actions import mailing
from keysteward.actions.context import Context

_LINK = re.compile(r"link=(ksl_[\w-]+)")


def letters_to(ctx: Context, address: str) -> list[str]:
    """What was written to an address and not sent yet, by what it is about, newest first."""
    return [mail.about for mail in mailing.list_newest(ctx) if mail.recipient == address and mail.letter]


def link_to(ctx: Context, address: str) -> str:
    """The value of the newest link that was written to an address."""
    texts = [mail.letter.text for mail in mailing.list_newest(ctx) if mail.recipient == address and mail.letter]
    found = (_LINK.search(text) for text in texts)
    return next(link[1] for link in found if link)
