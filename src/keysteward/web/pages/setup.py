"""How does the first person come in? With the code that `keysteward serve` printed; then the walk begins."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import first_run, operators, setup, signin
from keysteward.actions.quickly import in_line
from keysteward.rules.accounts import ADMIN, LEAST_PASSWORD, NewUser
from keysteward.rules.refusals import ALREADY_SET_UP, Refusal
from keysteward.web.pages.first_run import next_page
from keysteward.web.pages.forms import at_field
from keysteward.web.reading import context, read_form
from keysteward.web.sessions import keep, visitor_or_none, with_device
from keysteward.web.showing import show

_PLANS = {"demo": "Developer", "production": "Business Pro"}
_HOST = "the setup code"
_NEXT = "/setup/addresses"
_KEPT = ("code", "account", "first_name", "last_name", "email")


async def form(request: Request) -> Response:
    """`GET /setup`; once somebody is here, operators go on where they left, and others sign in."""
    if not await run_in_threadpool(setup.is_needed, context(request)):
        return await _go_on(request)
    return _shown(request, {})


async def set_up(request: Request) -> Response:
    """`POST /setup`: open the first account and sign its admin in.

    The code stood on the host's terminal, where operators are named: so its admin is the first one.
    """
    ctx, sent = context(request), await read_form(request)
    password = sent.get("password", "")
    email, first_name, last_name = (sent.get(name, "").strip() for name in ("email", "first_name", "last_name"))
    admin = NewUser(email, first_name, last_name, ADMIN, password)
    asked = (sent.get("code", ""), sent.get("account", ""), _PLANS[ctx.environment], admin)
    try:
        await in_line(ctx, setup.set_up, *asked)
    except Refusal as refusal:
        if refusal.kind is ALREADY_SET_UP:
            return RedirectResponse("/signin", 303)
        return _shown(request, sent, refusal)
    await in_line(ctx, operators.add, admin.email, _HOST)
    source, device = with_device(request)
    session = await in_line(ctx, signin.sign_in, admin.email, password, source)
    return keep(request, RedirectResponse(_NEXT, 303), session, device)


async def _go_on(request: Request) -> Response:
    visitor = await visitor_or_none(request)
    if visitor is None or not visitor.is_operator:
        return RedirectResponse("/signin", 303)
    progress = await run_in_threadpool(first_run.progress, context(request), visitor.actor)
    return RedirectResponse(next_page(progress), 303)


def _shown(request: Request, sent: dict[str, str], refusal: Refusal | None = None) -> Response:
    values = {
        "values": {name: sent.get(name, "") for name in _KEPT},
        "errors": dict.fromkeys((*_KEPT, "password"), "") | ({refusal.field: at_field(refusal)} if refusal else {}),
        "least_password": LEAST_PASSWORD,
    }
    return show(request, "setup.html", values, status=refusal.kind.status if refusal else 200)
