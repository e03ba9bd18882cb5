"""How does a user allow an app to act for them, or not?"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import authorize, consents
from keysteward.actions.signin import Visitor
from keysteward.rules import authorize as rules
from keysteward.rules.refusals import CONSENT_DENIED, INVALID_FIELD, Refusal
from keysteward.rules.tokens import sentence_of
from keysteward.web.oauth import admin_consent
from keysteward.web.oauth.returning import answer, form_target, host_of, send_back, told
from keysteward.web.oauth.signin import sign_in_page
from keysteward.web.reading import context, query_pairs, read_form
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show


async def decide(request: Request) -> Response:
    """`POST /oauth/consent`: the answer of our own consent page, or of the one for organizations."""
    form = await read_form(request)
    decision = form.get("decision")
    query = query_pairs(request)
    ctx = context(request)
    asked = await run_in_threadpool(authorize.read_request, ctx, query)
    visitor = await visitor_or_none(request)
    if visitor is None:
        return sign_in_page(request, asked, urlencode(query), email="")
    if decision == "deny":
        return send_back(request, asked, told(Refusal(CONSENT_DENIED)))
    if decision != "allow":
        raise Refusal(INVALID_FIELD, field="decision", reason="choose allow or deny.")
    if not asked.is_answered_by(visitor.user.id, visitor.actor.signed_in_at):
        return sign_in_page(request, asked, urlencode(query), email="")
    if asked.admin_consent_scope is not None:
        organization = form.get("organization", "")
        return await admin_consent.allow(request, asked, urlencode(query), visitor, organization)
    await run_in_threadpool(consents.consent, ctx, asked, visitor.actor)
    return await answer(request, asked, visitor)


async def consent_page(request: Request, asked: rules.Request, query: str, visitor: Visitor) -> Response:
    """What an app asks of the user, to be allowed or denied."""
    ctx = context(request)
    before = await run_in_threadpool(consents.consented, ctx, asked.app.key, visitor.user.id)
    publisher = await run_in_threadpool(authorize.publisher, ctx, asked.app)
    app = asked.app
    values = {
        "action": f"/oauth/consent?{query}",
        "user": visitor.user,
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
        "return_host": host_of(asked.redirect_uri),
        "switch_url": None,
    }
    return show(request, "consent.html", values, form_targets=(form_target(asked.redirect_uri),))
