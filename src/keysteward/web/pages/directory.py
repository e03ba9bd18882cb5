"""How does an organization let its identity provider keep its people, and what did that ask lately?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import scim_tokens
from keysteward.actions.context import Context
from keysteward.actions.scim_tokens import View
from keysteward.actions.signin import Visitor, use_form_once
from keysteward.rules.provisioning.tokens import MOST_TOKENS, Heard
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.words import new_guid
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/organizations/{organization}/scim"
_BASE = "/scim/v2"
_FIELDS = ("name", "home")


_HEARD = Table(
    "scim-requests",
    (
        Column("Operation", "operation"),
        Column("User ID", "user", sorts=False, is_shown=False),
        Column("Time", "at", "moment"),
        Column("Outcome", "status", "number"),
        Column("Code", "code", sorts=False, is_shown=False),
        Column("Token", "token"),
    ),
    ("operation", "user", "code", "token"),
    "Operation, user, code or token",
    (Filter("outcome", "Outcome", {"good": "Succeeded", "bad": "Refused"}, "Every outcome"),),
)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/scim`."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def make_token(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/scim/tokens`: make a token and show it this one time."""
    sent = await read_fields(request, "name", "nonce")
    try:
        values = await run_in_threadpool(_made, context(request), visitor, _organization(request), sent)
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, {"name": sent["name"]}, "name"))
    return show(request, "scim_token_created.html", values, status=201, visitor=visitor)


@form_of(_PAGE)
async def revoke_token(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/scim/tokens/{id}/revoke`."""
    organization, token = _organization(request), str(request.path_params["id"])
    await run_in_threadpool(scim_tokens.revoke, context(request), visitor.actor, organization, token)
    return done(_PAGE.format(**request.path_params), "scim-token-revoked")


@form_of(_PAGE)
async def choose_home(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/scim/home`: say where new users belong."""
    sent = await read_fields(request, "home")
    try:
        await run_in_threadpool(_choose, context(request), visitor, _organization(request), sent["home"])
    except Refusal as refusal:
        if refusal.field in {"account", "profile"}:
            refusal = Refusal(INVALID_FIELD, field="home", reason=refusal.values["reason"])
        return await _shown(request, visitor, refused(refusal, sent, "home"))
    return done(_PAGE.format(**request.path_params), "scim-home-chosen")


def _made(ctx: Context, visitor: Visitor, organization: str, sent: dict[str, str]) -> dict[str, Any]:
    use_form_once(ctx, sent["nonce"])
    made = scim_tokens.make(ctx, visitor.actor, organization, sent["name"])
    return {"token": made.token, "value": made.value, "base": ctx.origin + _BASE}


def _choose(ctx: Context, visitor: Visitor, organization: str, home: str) -> None:
    account, _, profile = home.partition(" ")
    if not (profile.isascii() and profile.isdigit() and len(profile) < 10):
        raise Refusal(INVALID_FIELD, field="home", reason="choose where new users belong.")
    scim_tokens.choose_home(ctx, visitor.actor, organization, account, int(profile))


def _organization(request: Request) -> str:
    return str(request.path_params["organization"]).lower()


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    view = await run_in_threadpool(scim_tokens.view, ctx, visitor.actor, _organization(request))
    listing = read(request, _HEARD, f"/organizations/{_organization(request)}/scim")
    part = listing.arranged([_row(heard, token) for heard, token in view.heard])
    if listing.is_download:
        return listing.download(part.rows)
    values = {
        **_values(view),
        "heard": part.rows,
        "listing": listing.shown(part),
        "base": ctx.origin + _BASE,
        "values": {name: str(slip.values.get(name, "")) for name in _FIELDS},
        "errors": slip.errors,
        "nonce": new_guid(),
    }
    return show(request, "directory.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(view: View) -> dict[str, Any]:
    home = view.home
    return {
        "organization": view.organization,
        "domains": view.domains,
        "tokens": view.tokens,
        "most_tokens": MOST_TOKENS,
        "home": f"{home.account} {home.profile}" if home else "",
        "choices": [
            {"value": f"{choice.account.id} {profile.id}", "label": f"{choice.account.name}, as {profile.name}"}
            for choice in view.choices
            for profile in choice.profiles
        ],
    }


def _row(heard: Heard, token: str) -> dict[str, Any]:
    return {
        "at": heard.at,
        "operation": heard.operation,
        "user": heard.user,
        "status": heard.status,
        "code": heard.code,
        "token": token,
        "is_good": heard.status < 400,
        "outcome": "good" if heard.status < 400 else "bad",
    }
