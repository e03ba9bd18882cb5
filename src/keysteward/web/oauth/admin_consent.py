"""How does an organization's admin allow an app of anybody's to act for its users, or not?"""

from collections.abc import Sequence
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import authorize, organization_consents
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules import authorize as rules
from keysteward.rules.accounts import Organization
from keysteward.rules.consent import for_users, sentence_for_users
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INTERACTION_REQUIRED,
    INVALID_FIELD,
    NOT_FOR_AN_ORGANIZATION,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.tokens import read_scopes, sentence_of
from keysteward.web.oauth.returning import answer, form_target, host_of, send_back, told
from keysteward.web.oauth.signin import sign_in_page
from keysteward.web.reading import context
from keysteward.web.showing import show


async def ask(request: Request, asked: rules.Request, query: str, visitor: Visitor) -> Response:
    """Always a page of its own, after a fresh sign-in, and for an organization's admins only."""
    ctx = context(request)
    if "none" in asked.prompts:
        return send_back(request, asked, told(Refusal(INTERACTION_REQUIRED)))
    if not _is_fresh(ctx, visitor):
        return _sign_in_again(request, asked, query, visitor)
    organizations = await run_in_threadpool(organization_consents.list_administered, ctx, visitor.actor)
    if not organizations:
        return send_back(request, asked, told(Refusal(NOT_FOR_AN_ORGANIZATION)))
    values = await run_in_threadpool(_values, ctx, asked, query, visitor, organizations)
    return show(request, "organization_consent.html", values, form_targets=(form_target(asked.redirect_uri),))


async def allow(request: Request, asked: rules.Request, query: str, visitor: Visitor, organization: str) -> Response:
    """Remember the organization's consent, and the admin's own to be known to the app; then answer with a code."""
    ctx = context(request)
    administered = await run_in_threadpool(organization_consents.list_administered, ctx, visitor.actor)
    if organization not in {each.id for each in administered}:
        raise Refusal(INVALID_FIELD, field="organization", reason="choose one that you administer.")
    try:
        await run_in_threadpool(organization_consents.consent_for_organization, ctx, asked, visitor.actor, organization)
    except Refusal as refusal:
        if refusal.kind is FRESH_SIGN_IN_NEEDED:
            return _sign_in_again(request, asked, query, visitor)
        raise
    return await answer(request, asked, visitor)


def _is_fresh(ctx: Context, visitor: Visitor) -> bool:
    try:
        demand_fresh(visitor.actor, ctx.now, ctx.policy)
    except Refusal:
        return False
    return True


def _sign_in_again(request: Request, asked: rules.Request, query: str, visitor: Visitor) -> Response:
    return sign_in_page(request, replace(asked, prompt="login"), query, email=visitor.user.email)


def _values(
    ctx: Context, asked: rules.Request, query: str, visitor: Visitor, organizations: Sequence[Organization]
) -> dict[str, object]:
    scopes, app = read_scopes(asked.admin_consent_scope or "") or (), asked.app
    of_users = for_users(scopes)
    return {
        "action": f"/oauth/consent?{query}",
        "user": visitor.user,
        "organizations": [
            {"id": each.id, "name": each.name, "domains": organization_consents.list_active_domains(ctx, each.id)}
            for each in organizations
        ],
        "app": {
            "name": app.name,
            "publisher": authorize.publisher(ctx, app),
            "privacy_url": app.privacy_url or None,
            "terms_url": app.terms_url or None,
        },
        "for_users": [{"name": each, "sentence": sentence_for_users(each)} for each in scopes if each in of_users],
        "for_itself": [{"name": each, "sentence": sentence_of(each)} for each in scopes if each not in of_users],
        "return_host": host_of(asked.redirect_uri),
    }
