"""How does somebody who was invited join an account?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import invitations
from keysteward.actions.invitations import Invited, Newcomer
from keysteward.actions.quickly import in_line
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import LEAST_PASSWORD
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.forms import Slip, done, read_fields, refused
from keysteward.web.pages.visits import form_of
from keysteward.web.reading import context
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show

_FIELDS = ("first_name", "last_name", "password")


async def form(request: Request) -> Response:
    """`GET /join`: the link of the mail. Looking at it uses nothing up, for mail scanners look too."""
    return await _shown(request, request.query_params.get("link", ""), Slip())


async def accept(request: Request) -> Response:
    """`POST /join`: come as a new user, who signs in next."""
    typed = await read_fields(request, "link", *_FIELDS)
    newcomer = Newcomer(typed["first_name"], typed["last_name"], typed["password"])
    try:
        standing = await in_line(context(request), invitations.accept, typed["link"], newcomer)
    except Refusal as refusal:
        if refusal.field not in _FIELDS:
            raise
        return await _shown(request, typed["link"], refused(refusal, typed | {"password": ""}, *_FIELDS))
    text = f"You are a member of {standing.account.name}. Sign in with {standing.user.email} and your password."
    values = {"kind": "success", "title": f"Welcome, {standing.user.name}", "text": text, "sign_in_url": "/signin"}
    return show(request, "told.html", values)


@form_of("/join")
async def join(request: Request, visitor: Visitor) -> Response:
    """`POST /join/user`: come as the user that one is signed in as."""
    link = (await read_fields(request, "link"))["link"]
    await run_in_threadpool(invitations.join, context(request), visitor.actor, link)
    return done("/", "joined")


async def _shown(request: Request, link: str, slip: Slip) -> Response:
    invited = await run_in_threadpool(invitations.look_at, context(request), link)
    visitor = await visitor_or_none(request)
    values = _values(invited, visitor) | {"link": link, "errors": slip.errors}
    values["values"] = dict.fromkeys(_FIELDS, "") | dict(slip.values)
    return show(request, "join.html", values, status=slip.status)


def _values(invited: Invited, visitor: Visitor | None) -> dict[str, Any]:
    made, signed_in = invited.invitation, visitor.user.email if visitor else ""
    return {
        "account": invited.account.name,
        "email": made.email,
        "profile": made.profile.name,
        "by": f"{invited.inviter.name} ({invited.inviter.email})",
        "is_service": made.service,
        "has_user": invited.has_user,
        "signed_in": signed_in,
        "is_theirs": signed_in.casefold() == made.email.casefold(),
        "least_password": LEAST_PASSWORD,
    }
