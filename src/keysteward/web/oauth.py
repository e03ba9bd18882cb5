"""How do clients ask for codes, tokens and facts about a user?"""

from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import authorize, callers, promotion, tokens
from keysteward.actions import signin as signing_in
from keysteward.actions.authorize import Redirectable
from keysteward.actions.context import Context
from keysteward.actions.quickly import patiently, quickly
from keysteward.actions.signin import Visitor
from keysteward.rules import authorize as rules
from keysteward.rules.clients import read_credentials
from keysteward.rules.refusals import (
    BAD_TOKEN,
    CONSENT_DENIED,
    INTERACTION_REQUIRED,
    INVALID_FIELD,
    LOGIN_REQUIRED,
    MALFORMED_ASSERTION,
    MISSING_PARAMETER,
    UNSUPPORTED_GRANT,
    Refusal,
)
from keysteward.rules.tokens import SENTENCES, sentence_of
from keysteward.web.answers import NO_STORE, json_answer
from keysteward.web.reading import context, read_form, read_pairs
from keysteward.web.sessions import keep, visitor_or_none
from keysteward.web.showing import show

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


async def authorization(request: Request) -> Response:
    """`GET /oauth/auth`: sign in, ask for consent, or send the browser back to the app."""
    return await _authorize(request, request.query_params.multi_items())


async def authorization_posted(request: Request) -> Response:
    """`POST /oauth/auth`: the same request in a form."""
    return await _authorize(request, await read_pairs(request))


async def sign_in(request: Request) -> Response:
    """`POST /oauth/signin`: our own sign-in page's answer; the authorization request stands in the query."""
    form = await read_form(request)
    query = request.query_params.multi_items()
    ctx = context(request)
    asked = await run_in_threadpool(authorize.read_request, ctx, query)
    email = form.get("email", "").strip()
    try:
        session = await run_in_threadpool(signing_in.sign_in, ctx, email, form.get("password", ""))
    except Refusal as refusal:
        return _sign_in_page(request, asked, urlencode(query), email=email, refusal=refusal)
    again = urlencode([(name, _without_login(value) if name == "prompt" else value) for name, value in query])
    return keep(request, RedirectResponse(f"/oauth/auth?{again}", 303), session)


async def decide(request: Request) -> Response:
    """`POST /oauth/consent`: our own consent page's answer."""
    decision = (await read_form(request)).get("decision")
    query = request.query_params.multi_items()
    ctx = context(request)
    asked = await run_in_threadpool(authorize.read_request, ctx, query)
    visitor = await visitor_or_none(request)
    if visitor is None:
        return _sign_in_page(request, asked, urlencode(query), email="")
    if decision == "deny":
        return _send_back(request, asked, _told(Refusal(CONSENT_DENIED)))
    if decision != "allow":
        raise Refusal(INVALID_FIELD, field="decision", reason="choose allow or deny.")
    await run_in_threadpool(authorize.consent, ctx, asked, visitor.actor)
    return await _answer(request, asked, visitor)


async def token(request: Request) -> Response:
    """`POST /oauth/token`: every grant."""
    form = await read_form(request)
    ctx = context(request)
    answer = await _granted(ctx, request.headers.get("authorization"), form)
    body = {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
        "scope": answer.scope,
    }
    optional = {"refresh_token": answer.refresh_token, "id_token": answer.id_token}
    return json_answer(body | {name: value for name, value in optional.items() if value}, 200, NO_STORE)


async def userinfo(request: Request) -> Response:
    """`GET /oauth/userinfo`: who the token's user is, and their accounts."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Refusal(BAD_TOKEN)
    ctx = context(request)
    profile = await quickly(ctx, callers.profile, value.strip())
    user = profile.user
    return json_answer(
        {
            "sub": user.id,
            "name": user.name,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "created": user.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-4],
            "email": user.email,
            "accounts": [_account(ctx.origin, profile, position) for position in range(len(profile.standings))],
        },
        200,
        NO_STORE,
    )


async def discovery(request: Request) -> Response:
    """`GET /.well-known/openid-configuration` and `/oauth-authorization-server`."""
    ctx = context(request)
    return json_answer(
        {
            "issuer": ctx.issuer,
            "authorization_endpoint": f"{ctx.origin}/oauth/auth",
            "token_endpoint": f"{ctx.origin}/oauth/token",
            "userinfo_endpoint": f"{ctx.origin}/oauth/userinfo",
            "jwks_uri": f"{ctx.origin}/oauth/jwks",
            "scopes_supported": list(SENTENCES),
            "response_types_supported": ["code", "token"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": ["authorization_code", "refresh_token", "implicit", JWT_BEARER],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ctx.access_key.algorithm],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "claims_supported": ["sub", "name", "given_name", "family_name", "email", "created", "accounts"],
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
    )


async def jwks(request: Request) -> Response:
    """`GET /oauth/jwks`: the public halves of the keys that sign tokens."""
    return json_answer({"keys": tokens.published_keys(context(request))})


async def papers(request: Request) -> Response:
    """`GET /.well-known/keysteward-papers`: the public halves of the keys that sign papers."""
    return json_answer({"keys": promotion.paper_keys(context(request))})


def send_back(request: Request, error: Redirectable) -> Response:
    """A refusal that the app is told of."""
    return _send_back(request, error.request, _told(error.refusal))


async def _authorize(request: Request, pairs: list[tuple[str, str]]) -> Response:
    ctx = context(request)
    try:
        asked = await run_in_threadpool(authorize.read_request, ctx, pairs)
    except Refusal as refusal:
        return _shown(request, refusal, pairs)
    visitor = await visitor_or_none(request)
    query = urlencode(pairs)
    if "none" in asked.prompts and visitor is None:
        return _send_back(request, asked, _told(Refusal(LOGIN_REQUIRED)))
    if visitor is None or "login" in asked.prompts:
        return _sign_in_page(request, asked, query, email=asked.login_hint or "")
    if "consent" in asked.prompts or await run_in_threadpool(authorize.needs_consent, ctx, asked, visitor.user.id):
        if "none" in asked.prompts:
            return _send_back(request, asked, _told(Refusal(INTERACTION_REQUIRED)))
        return await _consent_page(request, asked, query, visitor)
    return await _answer(request, asked, visitor)


async def _answer(request: Request, asked: rules.Request, visitor: Visitor) -> Response:
    ctx = context(request)
    if not asked.answers_in_fragment:
        code = await run_in_threadpool(authorize.issue_code, ctx, asked, visitor.actor)
        return _send_back(request, asked, {"code": code})
    answer = await run_in_threadpool(tokens.issue_implicit, ctx, asked, visitor.actor)
    return _send_back(
        request,
        asked,
        {
            "access_token": answer.access_token,
            "token_type": "bearer",
            "expires_in": str(answer.expires_in),
            "scope": answer.scope,
        },
    )


async def _granted(ctx: Context, authorization_header: str | None, form: dict[str, str]) -> tokens.Answer:
    if form.get("grant_type") != JWT_BEARER:
        return await patiently(ctx, _grant, authorization_header, form)
    if not form.get("assertion"):
        raise Refusal(MALFORMED_ASSERTION, detail="no assertion")
    return await quickly(ctx, tokens.grant_assertion, form["assertion"])


def _grant(ctx: Context, authorization_header: str | None, form: dict[str, str]) -> tokens.Answer:
    grant_type = form.get("grant_type")
    credentials = read_credentials(authorization_header, form)
    if grant_type == "authorization_code":
        code = _needed(form, "code")
        return tokens.exchange_code(ctx, credentials, code, form.get("redirect_uri"), form.get("code_verifier"))
    if grant_type == "refresh_token":
        return tokens.refresh(ctx, credentials, _needed(form, "refresh_token"), form.get("scope"))
    raise Refusal(UNSUPPORTED_GRANT)


def _needed(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise Refusal(MISSING_PARAMETER, name=name)
    return form[name]


def _send_back(request: Request, asked: rules.Request, values: dict[str, str]) -> Response:
    """The browser goes back to the app: codes and their errors in the query, tokens and theirs in the fragment.

    The registered address stays as it is, character for character; `iss` tells the app who answers (RFC 9207).
    """
    values = {**values, "iss": context(request).issuer}
    if asked.state is not None:
        values["state"] = asked.state
    uri = asked.redirect_uri
    separator = "#" if asked.answers_in_fragment else "&" if "?" in uri else "?"
    headers = {**NO_STORE, "Referrer-Policy": "no-referrer", "Location": f"{uri}{separator}{urlencode(values)}"}
    return Response(status_code=303, headers=headers)


def _told(refusal: Refusal) -> dict[str, str]:
    return {"error": refusal.kind.error, "error_description": refusal.kind.description or refusal.sentence}


def _shown(request: Request, refusal: Refusal, pairs: list[tuple[str, str]]) -> Response:
    facts = [(name, value[:300]) for name, value in pairs if name in {"client_id", "redirect_uri", "response_type"}]
    values = {
        "title": refusal.sentence,
        "text": "The app cannot be answered, so nothing was sent to it.",
        "steps": [refusal.next_step],
        "facts": facts,
        "code": refusal.kind.code,
    }
    return show(request, "oauth_error.html", values, status=refusal.kind.status)


def _sign_in_page(
    request: Request, asked: rules.Request, query: str, *, email: str, refusal: Refusal | None = None
) -> Response:
    values = {
        "action": f"/oauth/signin?{query}",
        "email": email,
        "next": "",
        "app": asked.app,
        "reason": "again" if "login" in asked.prompts else "",
        "error": refusal.sentence if refusal else "",
    }
    status = refusal.kind.status if refusal else 200
    targets = (_form_target(asked.redirect_uri),)
    return show(request, "signin.html", values, status=status, form_targets=targets)


async def _consent_page(request: Request, asked: rules.Request, query: str, visitor: Visitor) -> Response:
    ctx = context(request)
    before = await run_in_threadpool(authorize.consented, ctx, asked.app.key, visitor.user.id)
    publisher = await run_in_threadpool(authorize.publisher, ctx, asked.app)
    app = asked.app
    values = {
        "action": f"/oauth/consent?{query}",
        "hidden": {},
        "user": visitor.user,
        "organization": None,
        "app": {
            "name": app.name,
            "key": app.key,
            "publisher": publisher,
            "privacy_url": app.privacy_url or None,
            "terms_url": app.terms_url or None,
        },
        "scopes": [
            {"name": scope, "sentence": sentence_of(scope), "is_new": bool(before) and scope not in before}
            for scope in asked.scopes
        ],
        "return_host": urlsplit(asked.redirect_uri).netloc or urlsplit(asked.redirect_uri).scheme,
        "switch_url": None,
    }
    return show(request, "consent.html", values, form_targets=(_form_target(asked.redirect_uri),))


def _form_target(redirect_uri: str) -> str:
    """What a form's redirect may end at; without it Chromium blocks the way back to the app.

    A content security policy has no form for IPv6 hosts and private schemes but the bare scheme.
    """
    parts = urlsplit(redirect_uri)
    is_nameable = bool(parts.netloc) and "[" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if is_nameable else f"{parts.scheme}:"


def _without_login(prompt: str) -> str:
    return " ".join(each for each in prompt.split() if each != "login")


def _account(origin: str, profile: callers.Profile, position: int) -> dict[str, object]:
    account = profile.standings[position].account
    shown: dict[str, object] = {
        "account_id": account.id,
        "is_default": position == 0,
        "account_name": account.name,
        "base_uri": origin,
    }
    if account.organization in profile.organizations:
        href = f"{origin}/management/v2/organizations/{account.organization}"
        shown["organization"] = {"organization_id": account.organization, "links": [{"rel": "self", "href": href}]}
    return shown
