"""How do clients get tokens, give them back and ask about them?"""

from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import revocation as revoking
from keysteward.actions import tokens
from keysteward.actions.context import Context
from keysteward.actions.quickly import patiently, quickly
from keysteward.rules.clients import read_credentials, shows_client
from keysteward.rules.grants import JWT_BEARER
from keysteward.rules.refusals import (
    INVALID_CLIENT,
    MALFORMED_ASSERTION,
    MISSING_PARAMETER,
    UNSUPPORTED_GRANT,
    Refusal,
)
from keysteward.rules.usage import Asker
from keysteward.web.answers import NO_STORE, json_answer
from keysteward.web.cors import allow_origin
from keysteward.web.noting import note_token_refusal
from keysteward.web.reading import asker_of, context, read_form


async def token(request: Request) -> Response:
    """`POST /oauth/token`: every grant."""
    form = await _fields(request)
    if "origin" in request.headers:
        await allow_origin(request, _unverified_key(request, form))
    try:
        answer = await _granted(request, form)
    except Refusal as refusal:
        note_token_refusal(request, form, refusal)
        raise
    body = {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
        "scope": answer.scope,
    }
    optional = {"refresh_token": answer.refresh_token, "id_token": answer.id_token}
    return json_answer(body | {name: value for name, value in optional.items() if value}, 200, NO_STORE)


def _unverified_key(request: Request, form: dict[str, str]) -> str:
    """Which app a request says it comes from; a page that may read the answer finds out why none is named."""
    try:
        return read_credentials(request.headers.get("authorization"), form).unverified_key
    except Refusal:
        return ""


async def revocation(request: Request) -> Response:
    """`POST /oauth/revoke` (RFC 7009). The empty object is for clients that read every answer as JSON."""
    form = await _fields(request)
    credentials = read_credentials(request.headers.get("authorization"), form)
    await allow_origin(request, credentials.unverified_key)
    await patiently(context(request), revoking.revoke, credentials, _needed(form, "token"))
    return json_answer({}, 200, NO_STORE)


async def introspection(request: Request) -> Response:
    """`POST /oauth/introspect` (RFC 7662): a client that proves nothing is always asked for Basic (§2.3)."""
    form = await _fields(request)
    ctx = context(request)
    try:
        credentials = read_credentials(request.headers.get("authorization"), form)
        worth = await patiently(ctx, revoking.introspect, credentials, _needed(form, "token"))
    except Refusal as refusal:
        is_nobody = refusal.kind is MISSING_PARAMETER and refusal.values["name"] == "client_id"
        if refusal.kind is INVALID_CLIENT or is_nobody:
            raise Refusal(INVALID_CLIENT, detail=refusal.detail or "no credentials", method="basic") from None
        raise
    return json_answer({"active": False} if worth is None else _described(ctx, worth), 200, NO_STORE)


def _described(ctx: Context, worth: revoking.Worth) -> dict[str, object]:
    said = {
        "active": True,
        "client_id": worth.key,
        "sub": worth.user or worth.key,
        "scope": worth.scope,
        "iss": ctx.issuer,
        "aud": ctx.issuer,
        "exp": worth.expires_at,
        "iat": worth.issued_at,
        "jti": worth.token_id,
        "token_type": worth.token_type,
    }
    return {name: value for name, value in said.items() if value is not None}


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, each at most once; one without a value counts as left out (RFC 6749 §3.2)."""
    return {name: value for name, value in (await read_form(request)).items() if value}


async def _granted(request: Request, form: dict[str, str]) -> tokens.Answer:
    ctx, asks = context(request), asker_of(request)
    authorization_header = request.headers.get("authorization")
    if _needed(form, "grant_type") != JWT_BEARER:
        return await patiently(ctx, _grant, authorization_header, form, asks)
    if "assertion" not in form:
        raise Refusal(MALFORMED_ASSERTION, detail="no assertion")
    named = read_credentials(authorization_header, form) if shows_client(authorization_header, form) else None
    return await quickly(ctx, tokens.grant_assertion, form["assertion"], asks, named)


def _grant(ctx: Context, authorization_header: str | None, form: dict[str, str], asks: Asker) -> tokens.Answer:
    grant_type = form["grant_type"]
    credentials = read_credentials(authorization_header, form)
    if grant_type == "authorization_code":
        code, redirect_uri = _needed(form, "code"), form.get("redirect_uri")
        return tokens.exchange_code(ctx, credentials, code, redirect_uri, form.get("code_verifier"), asks)
    if grant_type == "refresh_token":
        return tokens.refresh(ctx, credentials, _needed(form, "refresh_token"), form.get("scope"), asks)
    raise Refusal(UNSUPPORTED_GRANT)


def _needed(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise Refusal(MISSING_PARAMETER, name=name)
    return form[name]
