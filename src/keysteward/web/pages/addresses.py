"""Which redirect URIs and origins has an app?"""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import addresses
from keysteward.actions.signin import Visitor
from keysteward.web.pages.app import ADDRESSES, Form, do
from keysteward.web.pages.forms import read_fields
from keysteward.web.pages.visits import form_of


@form_of(ADDRESSES)
async def add_redirect_uri(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/redirect-uris`."""
    typed = await read_fields(request, "redirect_uri")
    deed = partial(addresses.add_redirect_uri, uri=typed["redirect_uri"])
    return await do(request, visitor, deed, Form(ADDRESSES, "redirect-uri-added"), typed)


@form_of(ADDRESSES)
async def delete_redirect_uri(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/redirect-uris/delete`."""
    sent = await read_fields(request, "redirect_uri")
    deed = partial(addresses.remove_redirect_uri, uri=sent["redirect_uri"])
    return await do(request, visitor, deed, Form(ADDRESSES, "redirect-uri-deleted"))


@form_of(ADDRESSES)
async def add_origin(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/origins`."""
    typed = await read_fields(request, "origin")
    deed = partial(addresses.add_origin, origin=typed["origin"])
    return await do(request, visitor, deed, Form(ADDRESSES, "origin-added"), typed)


@form_of(ADDRESSES)
async def delete_origin(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/origins/delete`."""
    sent = await read_fields(request, "origin")
    deed = partial(addresses.remove_origin, origin=sent["origin"])
    return await do(request, visitor, deed, Form(ADDRESSES, "origin-deleted"))
