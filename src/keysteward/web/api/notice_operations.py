"""What can programs ask about notices?

A part of the one list in `operations.py`.
"""

from keysteward.rules import refusals as no
from keysteward.rules.notice_kinds import NOTICE_KINDS
from keysteward.web.api import notice_shapes as told
from keysteward.web.api import notices
from keysteward.web.api.notices import NOTICES
from keysteward.web.api.openapi import Operation, Parameter
from keysteward.web.api.shapes import GUID, Nothing

_ASKED = (
    Parameter("kind", "Notices of one kind only.", f"({'|'.join(NOTICE_KINDS)})?"),
    Parameter("key", "Notices about one integration key only.", f"({GUID})?"),
    Parameter("unread", "Say `yes` for unread notices only.", "(yes)?"),
    Parameter("page", "Which page; the first is 1.", "([1-9][0-9]{0,3}|10000)?"),
    Parameter("limit", "How many notices a page holds at most.", "([1-9][0-9]?|1[0-9]{2}|200)?"),
)

# fmt: off
NOTICE_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", NOTICES, "Your inbox: unread notices first, then the newest.", notices.list_notices, told.Inbox,
              refusals=(no.TOKEN_LACKS_PERMISSION, no.INVALID_FIELD), may_say=_ASKED),
    Operation("POST", NOTICES + "/read", "Mark every notice of your inbox as read.", notices.read_all_notices,
              told.ReadNotices, 200, Nothing, (no.TOKEN_LACKS_PERMISSION,)),
    Operation("POST", NOTICES + "/{id}/read", "Mark a notice as read.", notices.read_notice, told.InboxNotice, 200,
              Nothing, (no.TOKEN_LACKS_PERMISSION, no.NO_SUCH_OBJECT)),
)
# fmt: on
