"""Which shapes have notices for programs?"""

from msgspec import Struct

from keysteward.rules.notice_kinds import NoticeKind
from keysteward.web.api.shapes import Guid, Instant


class InboxNotice(Struct):
    """A notice of your inbox: what happened, of which account, organization and key, and when you read it.

    `facts` are plain texts, `page` is where the console shows what to do about it.
    """

    id: Guid
    kind: NoticeKind
    at: Instant
    account: str | None
    organization: str | None
    key: str | None
    subject: str
    text: str
    next_step: str | None
    page: str | None
    facts: dict[str, str]
    read_at: Instant | None


class Inbox(Struct):
    """A page of your inbox: unread notices first, then the newest. More than 100 unread ones are not counted."""

    notices: list[InboxNotice]
    unread: int
    more: bool


class ReadNotices(Struct):
    """How many notices were unread."""

    read: int
