"""How does an app get its secret keys and keypairs, each value shown once, and lose them again?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import credentials, keys
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor, use_form_once
from keysteward.rules.keys import App
from keysteward.rules.refusals import ALREADY_SHOWN, Refusal
from keysteward.web.pages.app import do, show_app
from keysteward.web.pages.forms import read_fields, refused
from keysteward.web.pages.visits import form_of, looking_at
from keysteward.web.reading import context
from keysteward.web.showing import show

Made = tuple[App, dict[str, Any]]


@form_of("/apps/{key}")
async def add_secret(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/secrets`: make a secret key and show it this one time."""
    return await _make_once(request, visitor, _new_secret, "secret_created.html", "secret key")


@form_of("/apps/{key}")
async def delete_secret(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/secrets/{id}/delete`."""
    return await do(
        request, visitor, partial(credentials.delete_secret, secret=request.path_params["id"]), "secret-deleted"
    )


@form_of("/apps/{key}")
async def generate_keypair(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs`: generate a keypair and show its private half this one time."""
    return await _make_once(request, visitor, _new_keypair, "keypair_created.html", "keypair")


@form_of("/apps/{key}")
async def upload_public_key(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs/upload`: take a public key; a private one, sent by mistake, is not shown again."""
    typed = await read_fields(request, "public_key")
    pem = typed["public_key"]
    typed = {"public_key": "" if "PRIVATE" in pem else pem}
    return await do(
        request, visitor, partial(credentials.add_public_key, unverified_pem=pem), "public-key-added", typed
    )


@form_of("/apps/{key}")
async def delete_keypair(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs/{id}/delete`."""
    return await do(
        request, visitor, partial(credentials.delete_keypair, keypair=request.path_params["id"]), "keypair-deleted"
    )


async def _make_once(
    request: Request, visitor: Visitor, make: Callable[[Context, Visitor, str, str], Made], template: str, what: str
) -> Response:
    ctx, key = context(request), request.path_params["key"]
    nonce = (await read_fields(request, "nonce"))["nonce"]
    try:
        app, values = await run_in_threadpool(make, ctx, visitor, key, nonce)
    except Refusal as refusal:
        if refusal.kind is ALREADY_SHOWN:
            return await _already_created(request, visitor, what)
        return await show_app(request, visitor, refused(refusal, {}))
    visitor = await looking_at(request, visitor, app.account)
    return show(request, template, {"app": app, **values}, status=201, visitor=visitor)


async def _already_created(request: Request, visitor: Visitor, what: str) -> Response:
    view = await run_in_threadpool(keys.view, context(request), visitor.actor, request.path_params["key"])
    values = {"app": view.app, "what": what, "created_at": None}
    return show(request, "already_created.html", values, status=ALREADY_SHOWN.status, visitor=visitor)


def _new_secret(ctx: Context, visitor: Visitor, key: str, nonce: str) -> Made:
    app = keys.view(ctx, visitor.actor, key).app
    use_form_once(ctx, nonce)
    new = credentials.add_secret(ctx, visitor.actor, key)
    return app, {"secret": {"id": new.secret.id, "value": new.value, "created_at": new.secret.created_at}}


def _new_keypair(ctx: Context, visitor: Visitor, key: str, nonce: str) -> Made:
    app = keys.view(ctx, visitor.actor, key).app
    use_form_once(ctx, nonce)
    new = credentials.add_generated_keypair(ctx, visitor.actor, key)
    pair = new.keypair
    return app, {
        "keypair": {
            "id": pair.id,
            "thumbprint": pair.thumbprint,
            "private_pem": new.private_pem,
            "public_pem": pair.public_pem,
            "created_at": pair.created_at,
        }
    }
