"""How does an app ask for a user's sign-in and consent, and what is it answered?"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import authorize, consents
from keysteward.actions.signin import Visitor
from keysteward.rules import authorize as rules
from keysteward.rules.refusals import INTERACTION_REQUIRED, LOGIN_REQUIRED, SECOND_FACTOR_NEEDED, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.noting import note_authorization_refusal
from keysteward.web.oauth import admin_consent
from keysteward.web.oauth.consent import consent_page
from keysteward.web.oauth.returning import answer, send_back, told
from keysteward.web.oauth.signin import sign_in_page
from keysteward.web.reading import context, query_pairs, read_pairs
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show


async def authorization(request: Request) -> Response:
    """`GET /oauth/auth`: sign in, ask for consent, or send the browser back to the app."""
    return await _authorize(request, query_pairs(request))


async def authorization_posted(request: Request) -> Response:
    """`POST /oauth/auth`: the same request in a form."""
    return await _authorize(request, await read_pairs(request))


async def _authorize(request: Request, pairs: list[tuple[str, str]]) -> Response:
    ctx = context(request)
    try:
        asked = await run_in_threadpool(authorize.read_request, ctx, pairs)
    except Refusal as refusal:
        note_authorization_refusal(request, pairs, refusal)
        return _shown(request, refusal, pairs)
    except authorize.Redirectable as told_to_app:
        note_authorization_refusal(request, pairs, told_to_app.refusal)
        raise
    query, visitor = urlencode(pairs), await _answering(request, asked)
    if visitor is None and request.method == "POST":  # browsers keep our cookie back from a form of another site
        return RedirectResponse(f"/oauth/auth?{query}", 303, NO_STORE)
    if "none" in asked.prompts:
        return await _silently(request, asked, visitor)
    return await _with_pages(request, asked, query, visitor)


async def _with_pages(request: Request, asked: rules.Request, query: str, visitor: Visitor | None) -> Response:
    """The answer, once everything was shown to the user that must be."""
    if visitor is None or asked.wants_sign_in:
        return sign_in_page(request, asked, query, email=asked.login_hint or "")
    if asked.admin_consent_scope is not None:
        return await admin_consent.ask(request, asked, query, visitor)
    needs_consent = await run_in_threadpool(consents.needs_consent, context(request), asked, visitor.user.id)
    if needs_consent or "consent" in asked.prompts:
        return await consent_page(request, asked, query, visitor)
    return await answer(request, asked, visitor)


async def _answering(request: Request, asked: rules.Request) -> Visitor | None:
    """Who is signed in, where their sign-in will do for this request."""
    try:
        visitor = await visitor_or_none(request)
    except Refusal as refusal:
        if refusal.kind is SECOND_FACTOR_NEEDED and "none" in asked.prompts:
            return None
        raise
    will_do = visitor is not None and asked.is_answered_by(visitor.user.id, visitor.actor.signed_in_at)
    return visitor if will_do else None


async def _silently(request: Request, asked: rules.Request, visitor: Visitor | None) -> Response:
    """`prompt=none`: the answer where nobody needs to be shown anything, else why not."""
    if visitor is None:
        return send_back(request, asked, told(Refusal(LOGIN_REQUIRED)))
    ctx = context(request)
    is_asked = asked.admin_consent_scope is not None
    if is_asked or await run_in_threadpool(consents.needs_consent, ctx, asked, visitor.user.id):
        return send_back(request, asked, told(Refusal(INTERACTION_REQUIRED)))
    try:
        return await answer(request, asked, visitor)
    except Refusal as refusal:
        if refusal.kind.status >= 500:
            raise
        return send_back(request, asked, told(refusal))


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
