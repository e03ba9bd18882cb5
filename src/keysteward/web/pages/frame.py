"""What does the frame of every page do by itself: count unread notices, and keep the theme of a browser?"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions.signin import Visitor
from keysteward.web.pages.forms import read_fields
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.sessions import SECURITY, checked_next
from keysteward.web.showing import keep_theme, show


@for_visitors
async def unread(request: Request, visitor: Visitor) -> Response:
    """`GET /notices/unread`: how many are unread, as the top of every page has it, for pages that stay open."""
    return show(request, "unread.html", {}, visitor=visitor)


@form_of(SECURITY)
async def choose_theme(request: Request, visitor: Visitor) -> Response:
    """`POST /security/theme`: light, dark, or as the system has it, in this browser."""
    sent = await read_fields(request, "theme", "return_to")
    return keep_theme(RedirectResponse(checked_next(sent["return_to"]), 303), sent["theme"])
