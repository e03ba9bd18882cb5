"""How does somebody make personal access tokens in the console, and revoke them?"""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import new_guid
from keysteward.web.pages.forms import Slip, arrived, done, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, read_pairs, single
from keysteward.web.showing import show

_PAGE = "/security/tokens"
_USUAL_DAYS = "30"
_TOKENS = Table(
    "tokens",
    (
        Column("Name", "name"),
        Column("Permissions", "permissions", sorts=False),
        Column("Created", "created_at", "moment"),
        Column("Ends", "expires_at", "moment"),
        Column("State", "state", sorts=False),
    ),
    ("name", "permissions"),
    "Name or permission",
    (Filter("state", "State", {"good": "Good", "expired": "Expired"}, "Every state"),),
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /security/tokens`."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def create(request: Request, visitor: Visitor) -> Response:
    """`POST /security/tokens`: make a token and show it this one time."""
    pairs = await read_pairs(request)
    wanted = [value for name, value in pairs if name == "permissions"]
    sent = single([pair for pair in pairs if pair[0] != "permissions"])
    try:
        values = await run_in_threadpool(_made, context(request), visitor.actor, sent, frozenset(wanted))
    except Refusal as refusal:
        typed = {"name": sent.get("name", ""), "days": sent.get("days", ""), "permissions": wanted}
        return await _shown(request, visitor, refused(refusal, typed, "name", "days", "permissions"))
    return show(request, "token_created.html", values, status=201, visitor=visitor)


@form_of(_PAGE)
async def revoke(request: Request, visitor: Visitor) -> Response:
    """`POST /security/tokens/{id}/revoke`."""
    token = request.path_params["id"]
    try:
        await run_in_threadpool(signin.revoke_personal_token, context(request), visitor.actor, token)
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, {}))
    return done(_PAGE, "token-revoked")


def _made(ctx: Context, actor: Actor, sent: Mapping[str, str], permissions: frozenset[str]) -> dict[str, Any]:
    demand_fresh(actor, ctx.now, ctx.policy)
    days = sent.get("days", "")
    if not (days.isascii() and days.isdigit() and len(days) < 5):
        raise Refusal(INVALID_FIELD, field="days", reason="give a number of days.")
    signin.use_form_once(ctx, sent.get("nonce", ""))
    value = signin.issue_personal_token(ctx, actor, sent.get("name", ""), permissions, int(days))
    return {"value": value, "token": signin.load_personal_token(ctx, value)}


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    listing = read(request, _TOKENS, _PAGE)
    tokens = await run_in_threadpool(signin.list_personal_tokens, ctx, visitor.actor)
    rows = [
        {
            "id": token.id,
            "name": token.name,
            "permissions": sorted(token.permissions),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "state": "good" if ctx.now < token.expires_at else "expired",
        }
        for token in tokens
    ]
    part = listing.arranged(rows)
    if listing.is_download:
        return listing.download(part.rows)
    values = {
        "tokens": part.rows,
        "listing": listing.shown(part),
        "now": ctx.now,
        "permissions": PERMISSIONS,
        "most_days": ctx.policy.personal_token_life.days,
        "values": {"name": "", "days": _USUAL_DAYS, "permissions": []} | dict(slip.values),
        "errors": slip.errors,
        "nonce": new_guid(),
    }
    return show(request, "tokens.html", values, status=slip.status, visitor=visitor, notice=slip.notice)
