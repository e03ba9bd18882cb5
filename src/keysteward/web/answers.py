"""How does an answer look, and how a refusal in each vocabulary?"""

from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.refusals import (
    BAD_TOKEN,
    FOREIGN_TOKEN,
    INVALID_CLIENT,
    NO_ROUTE,
    NO_SUCH_KEY,
    NOT_A_GATEWAY,
    NOT_SIGNED_IN,
    OUT_OF_REACH,
    SCOPE_MISSING,
    Refusal,
)
from keysteward.rules.soap import is_soap, speaks_soap
from keysteward.rules.words import new_guid
from keysteward.web.faults import soap_fault
from keysteward.web.scim.answers import scim_refusal
from keysteward.web.showing import show

Vocabulary = Literal["oauth", "rest", "admin", "api", "scim", "page"]

_NOT_FOUND = (NO_ROUTE, NO_SUCH_KEY)
_NOT_THERE = (
    "The address may have a slip in it, or what it showed belongs to another account. Choose the account in the bar at "
    "the top, or start again from here."
)
_AGAIN_SECONDS = 10
_BAD_TOKENS = (BAD_TOKEN, FOREIGN_TOKEN)
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_PREFIXES: tuple[tuple[str, Vocabulary], ...] = (
    ("/oauth/auth", "page"),
    ("/oauth/signin", "page"),
    ("/oauth/consent", "page"),
    ("/oauth/logout", "page"),
    ("/oauth/signout", "page"),
    ("/oauth", "oauth"),
    ("/.well-known", "oauth"),
    ("/restapi", "rest"),
    ("/api/3.0", "rest"),
    ("/management", "admin"),
    ("/api", "api"),
    ("/scim", "scim"),
    ("/_dev", "api"),
)


def is_legacy(request: Request) -> bool:
    """Whether a request without an access token brings a header of the old kind, or a SOAP message."""
    headers = request.headers
    return "authorization" not in headers and (HEADER in headers or is_soap(headers.get("content-type", "")))


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Compact JSON."""
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def encoded(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Headers as ASGI has them."""
    return {name.lower().encode(): value.encode() for name, value in headers.items()}


def vocabulary_of(path: str) -> Vocabulary:
    """The words that a path's clients understand; letter case does not matter."""
    lowered = path.lower()
    found = (words for prefix, words in _PREFIXES if lowered == prefix or lowered.startswith(prefix + "/"))
    return next(found, "page")


def refusal_answer(request: Request, refusal: Refusal) -> Response:
    """A refusal in the words of its path: raised once, rendered here."""
    render = {"oauth": _oauth, "rest": _rest, "admin": _admin, "api": _problem, "scim": _scim, "page": _page}
    words = request.scope.get("keysteward.words") or vocabulary_of(request.url.path)
    request.app.state.context.counts.count_refusal(refusal.kind.code)
    return render[words](request, refusal)


def _oauth(request: Request, refusal: Refusal) -> Response:
    kind = refusal.kind
    if request.url.path == "/oauth/userinfo" and kind.status == 401:
        return _userinfo(refusal)
    body = {"error": kind.error}
    if description := kind.description or ("" if kind.error == "consent_required" else refusal.sentence):
        body["error_description"] = description
    headers = dict(NO_STORE)
    status = kind.status if kind.status in {404, 405, 421, 500, 503} else 400
    if kind is INVALID_CLIENT and refusal.values.get("method") == "basic":
        status, headers["WWW-Authenticate"] = 401, 'Basic realm="keysteward", charset="UTF-8"'
    return json_answer(body, status, headers)


def _userinfo(refusal: Refusal) -> Response:
    body = {"error": "invalid_token", "error_description": refusal.kind.description or "", "reference_id": new_guid()}
    return json_answer(body, 401, NO_STORE | _challenge(refusal))


def _challenge(refusal: Refusal) -> dict[str, str]:
    """What a bearer's call lacks: another token, more scope, or a token at all (RFC 6750 §3)."""
    kind = refusal.kind
    if kind is SCOPE_MISSING:
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{refusal.values["scope"]}"'}
    if kind.status != 401:
        return {}
    return {"WWW-Authenticate": 'Bearer error="invalid_token"' if kind in _BAD_TOKENS else 'Bearer realm="keysteward"'}


def _rest(request: Request, refusal: Refusal) -> Response:
    content_type = request.headers.get("content-type", "")
    if speaks_soap(request.method, content_type) or (is_legacy(request) and is_soap(content_type)):
        return soap_fault(refusal, content_type)
    return rest_refusal(refusal)


def rest_refusal(refusal: Refusal) -> Response:
    """A refusal in the words of the eSignature API."""
    kind = refusal.kind
    return json_answer({"errorCode": kind.error_code, "message": refusal.sentence}, kind.status, _challenge(refusal))


def _admin(request: Request, refusal: Refusal) -> Response:
    del request
    return admin_refusal(refusal)


def admin_refusal(refusal: Refusal) -> Response:
    """A refusal in the words of the Admin API."""
    kind = refusal.kind
    body = {"error": kind.error, "error_description": kind.description or refusal.sentence}
    return json_answer(body, kind.status, _challenge(refusal))


def _problem(request: Request, refusal: Refusal) -> Response:
    body: dict[str, Any] = {
        "type": f"{request.app.state.context.origin}/help/refusals/{refusal.kind.code}",
        "title": refusal.sentence,
        "status": refusal.kind.status,
        "code": refusal.kind.code,
        "detail": refusal.next_step,
        "trace": request.scope["keysteward.trace"],
    }
    if refusal.field:
        body["field"] = refusal.field
    headers = {"WWW-Authenticate": "Bearer"} if refusal.kind in {NOT_SIGNED_IN, NOT_A_GATEWAY} else None
    content = msgspec.json.encode(body)
    return Response(content, refusal.kind.status, headers, media_type="application/problem+json")


def _scim(request: Request, refusal: Refusal) -> Response:
    del request
    return scim_refusal(refusal)


def _page(request: Request, refusal: Refusal) -> Response:
    visitor = getattr(request.state, "visitor", None)
    kind = refusal.kind
    values = {
        "title": NO_ROUTE.sentence.rstrip(".") if kind in _NOT_FOUND else refusal.sentence,
        "text": _NOT_THERE if kind in _NOT_FOUND else refusal.next_step,
        "facts": [],
        "code": "" if kind in _NOT_FOUND else kind.code,
        "kind": "missing" if kind.status == 404 else "danger" if kind.status >= 500 else "warning",
        "links": [("Home", "/")],
    }
    if kind is OUT_OF_REACH:
        values |= _again_soon(request)
    answer = show(request, "error.html", values, status=kind.status, visitor=visitor)
    if kind is OUT_OF_REACH and request.method == "GET":
        answer.headers["Refresh"] = str(_AGAIN_SECONDS)
    return answer


def _again_soon(request: Request) -> dict[str, Any]:
    """What somebody reads while the database is away: a page that is read comes by itself, a form never does."""
    if request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        text = f"This page tries again by itself every {_AGAIN_SECONDS} seconds."
        return {"text": text, "links": [("Try again now", here), ("Home", "/")]}
    return {"text": "Wait a moment, go back, and look whether it was done before you send the form again."}
