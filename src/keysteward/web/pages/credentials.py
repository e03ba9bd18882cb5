"""How does an app get its secret keys and keypairs, each value shown once, and lose them again?"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import credentials, keys, leaks
from keysteward.actions.context import Context
from keysteward.actions.credentials import NewKeypair, NewSecret
from keysteward.actions.signin import Visitor, use_form_once
from keysteward.rules.access import Actor
from keysteward.rules.keys import App, Wish
from keysteward.rules.refusals import ALREADY_SHOWN, Refusal
from keysteward.web.pages.app import AUTHENTICATION, Form, do, show_app
from keysteward.web.pages.forms import read_fields, refused
from keysteward.web.pages.proofs import read_death, read_wish
from keysteward.web.pages.visits import form_of, looking_at
from keysteward.web.reading import context
from keysteward.web.showing import show

_WISH = ("expires", "expires_on", "reason", "seal")


class Asked(NamedTuple):
    """A form that makes something: who sent it, for which key, about which credential, and what was filled in."""

    actor: Actor
    key: str
    id: str
    sent: Mapping[str, str]


Make = Callable[[Context, Asked], dict[str, Any]]


@form_of(AUTHENTICATION)
async def add_secret(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/secrets`: make a secret key and show it this one time."""
    return await _make_once(request, visitor, _new_secret, "secret_created.html", "secret key")


@form_of(AUTHENTICATION)
async def replace_secret(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/secrets/{id}/leak`: it leaked, so make another one and show that this one time."""
    return await _make_once(request, visitor, _replaced_secret, "secret_created.html", "secret key")


@form_of(AUTHENTICATION)
async def delete_secret(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/secrets/{id}/delete`."""
    deed = partial(credentials.delete_secret, secret=request.path_params["id"])
    return await do(request, visitor, deed, Form(AUTHENTICATION, "secret-deleted"))


@form_of(AUTHENTICATION)
async def generate_keypair(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs`: generate a keypair and show its private half this one time."""
    return await _make_once(request, visitor, _new_keypair, "keypair_created.html", "keypair")


@form_of(AUTHENTICATION)
async def replace_keypair(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs/{id}/leak`: likewise for a keypair."""
    return await _make_once(request, visitor, _replaced_keypair, "keypair_created.html", "keypair")


@form_of(AUTHENTICATION)
async def upload_public_key(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs/upload`: take a public key; a private one, sent by mistake, is not shown again."""
    sent = await read_fields(request, "public_key", *_WISH)
    pem = sent["public_key"]
    typed = {"public_key": "" if "PRIVATE" in pem else pem}

    def upload(ctx: Context, actor: Actor, key: str) -> None:
        credentials.add_public_key(ctx, actor, key, pem, _wish(ctx, sent))

    return await do(request, visitor, upload, Form(AUTHENTICATION, "public-key-added"), typed)


@form_of(AUTHENTICATION)
async def delete_keypair(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/keypairs/{id}/delete`."""
    deed = partial(credentials.delete_keypair, keypair=request.path_params["id"])
    return await do(request, visitor, deed, Form(AUTHENTICATION, "keypair-deleted"))


async def _make_once(request: Request, visitor: Visitor, make: Make, template: str, what: str) -> Response:
    ctx, key = context(request), request.path_params["key"]
    sent = await read_fields(request, "nonce", "dies", *_WISH)
    asked = Asked(visitor.actor, key, request.path_params.get("id", ""), sent)
    try:
        app, values = await run_in_threadpool(_made, ctx, asked, make)
    except Refusal as refusal:
        if refusal.kind is ALREADY_SHOWN:
            return await _already_created(request, visitor, what)
        return await show_app(request, visitor, refused(refusal, {}), AUTHENTICATION)
    visitor = await looking_at(request, visitor, app.account)
    return show(request, template, {"app": app, **values}, status=201, visitor=visitor)


def _made(ctx: Context, asked: Asked, make: Make) -> tuple[App, dict[str, Any]]:
    app = keys.view(ctx, asked.actor, asked.key).app
    use_form_once(ctx, asked.sent["nonce"])
    return app, make(ctx, asked)


async def _already_created(request: Request, visitor: Visitor, what: str) -> Response:
    view = await run_in_threadpool(keys.view, context(request), visitor.actor, request.path_params["key"])
    values = {"app": view.app, "what": what, "created_at": None}
    return show(request, "already_created.html", values, status=ALREADY_SHOWN.status, visitor=visitor)


def _wish(ctx: Context, sent: Mapping[str, str]) -> Wish:
    wish = read_wish(sent["expires"], sent["expires_on"], sent["reason"], ctx.now)
    return replace(wish, seal=sent["seal"] == "on")


def _new_secret(ctx: Context, asked: Asked) -> dict[str, Any]:
    return _secret(credentials.add_secret(ctx, asked.actor, asked.key, _wish(ctx, asked.sent)))


def _replaced_secret(ctx: Context, asked: Asked) -> dict[str, Any]:
    dies_at = read_death(asked.sent["dies"], ctx.now)
    return _secret(leaks.report_secret(ctx, asked.actor, asked.key, asked.id, dies_at, asked.sent["reason"]))


def _new_keypair(ctx: Context, asked: Asked) -> dict[str, Any]:
    return _keypair(credentials.add_generated_keypair(ctx, asked.actor, asked.key, _wish(ctx, asked.sent)))


def _replaced_keypair(ctx: Context, asked: Asked) -> dict[str, Any]:
    dies_at = read_death(asked.sent["dies"], ctx.now)
    return _keypair(leaks.report_keypair(ctx, asked.actor, asked.key, asked.id, dies_at, asked.sent["reason"]))


def _secret(new: NewSecret) -> dict[str, Any]:
    return {"secret": {
        "id": new.secret.id, "value": new.value, "created_at": new.secret.created_at, "sealed_to": new.sealed_to,
    }}  # fmt: skip


def _keypair(new: NewKeypair) -> dict[str, Any]:
    pair = new.keypair
    return {
        "keypair": {
            "id": pair.id,
            "thumbprint": pair.thumbprint,
            "private_pem": new.private_pem,
            "public_pem": pair.public_pem,
            "created_at": pair.created_at,
            "sealed_to": new.sealed_to,
        }
    }
