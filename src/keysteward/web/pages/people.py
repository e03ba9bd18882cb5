"""What is held on somebody? They take it along; operators do too, and erase who left."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import personal_data as deeds
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.events import Erasure
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_USER, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.pages.forms import Slip, arrived, at_field, done, read_fields, refused
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

_PAGE = "/people"


@for_visitors
async def found(request: Request, visitor: Visitor) -> Response:
    """`GET /people`: for operators, somebody by address or GUID."""
    return await _shown(request, visitor, request.query_params.get("email", "").strip(), arrived(request))


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /people/{user}/data`: for operators, what is held on somebody, without their request log."""
    ctx, user = context(request), _user(request)
    known = await run_in_threadpool(deeds.start_export, ctx, visitor.actor, user)
    return await _sent(ctx, user, known, is_own=False)


@for_visitors
async def download_own(request: Request, visitor: Visitor) -> Response:
    """`GET /security/personal-data`: all that is held on oneself."""
    ctx = context(request)
    known = await run_in_threadpool(deeds.start_own_export, ctx, visitor.actor)
    return await _sent(ctx, visitor.user.id, known, is_own=True)


@form_of(_PAGE)
async def erase(request: Request, visitor: Visitor) -> Response:
    """`POST /people/{user}/erase`: somebody who left is forgotten; their address is typed once more."""
    ctx, typed = context(request), await read_fields(request, "email", "address")
    try:
        held = await run_in_threadpool(deeds.find, ctx, visitor.actor, typed["email"])
        _demand_meant(held, _user(request), typed["address"])
        await run_in_threadpool(deeds.erase, ctx, visitor.actor, held.user.id)
    except Refusal as refusal:
        return await _shown(request, visitor, typed["email"], refused(refusal, typed, "address"))
    return done(_PAGE, "person-erased")


async def _sent(ctx: Context, user: str, known: Erasure, *, is_own: bool) -> Response:
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="personal-data.json"'}
    pieces = await run_in_threadpool(deeds.gather, ctx, user, known, is_own=is_own)
    return StreamingResponse(pieces, headers=headers, media_type="application/json")


async def _shown(request: Request, visitor: Visitor, email: str, slip: Slip) -> Response:
    ctx, errors = context(request), dict(slip.errors)
    held, status = None, slip.status
    try:
        held = await run_in_threadpool(deeds.find, ctx, visitor.actor, email)
    except Refusal as refusal:
        if refusal.kind is not NO_SUCH_USER:
            raise
        if email:
            errors["email"], status = at_field(refusal), refusal.kind.status
    values = {"email": email, "held": held, "errors": errors}
    return show(request, "people.html", values, status=status, visitor=visitor, notice=slip.notice)


def _demand_meant(held: deeds.Held, user: str, address: str) -> None:
    if held.user.id != user or address.strip().casefold() != held.user.email.casefold():
        raise Refusal(INVALID_FIELD, field="address", reason="type the address of whom you erase.")


def _user(request: Request) -> str:
    user = str(request.path_params["user"])
    if not is_uuid(user):
        raise Refusal(NO_SUCH_USER)
    return user.lower()
