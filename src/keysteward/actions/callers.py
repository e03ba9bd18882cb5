"""Whom does an access token speak for, as everything stands now?"""

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.tokens import ACCESS
from keysteward.crypto.signing import BadToken, take_apart, verify
from keysteward.rules.accounts import Standing, User
from keysteward.rules.keys import App
from keysteward.rules.refusals import BAD_TOKEN, FOREIGN_TOKEN, Refusal
from keysteward.rules.tokens import Claims, is_dead, is_withdrawn
from keysteward.store import accounts, keys, tokens


class Caller(NamedTuple):
    """Who a verified access token speaks for. `user` is None for an application token."""

    claims: Claims
    app: App
    user: User | None


class Profile(NamedTuple):
    """A user with the accounts that userinfo names."""

    user: User
    standings: list[Standing]
    organizations: dict[str, str]


def recognize(ctx: Context, unverified_token: str) -> Caller:
    """Who an access token speaks for, as everything stands now: signature, expiry, key, user, family, revocation."""
    claims = _claims(ctx, unverified_token)
    find = ctx.directory.find
    app = find(keys.find, claims.key)
    if app is None or is_dead(claims, app, ctx.now) or claims.family in find(tokens.list_dead_families):
        raise Refusal(BAD_TOKEN, detail="expired or revoked")
    if claims.user is None:
        return Caller(claims, app, None)
    user = find(accounts.find_acting_user, claims.user)
    if user is None:
        raise Refusal(BAD_TOKEN, detail="the user is closed, or in no open account")
    if is_withdrawn(claims, user, find(tokens.consent_epoch, user.id, app.key)):
        raise Refusal(BAD_TOKEN, detail="the user was closed, or withdrew their consent")
    return Caller(claims, app, user)


def profile(ctx: Context, unverified_token: str) -> Profile:
    """What userinfo says of the token's user."""
    caller = recognize(ctx, unverified_token)
    if caller.user is None:
        raise Refusal(BAD_TOKEN, detail="an application token has no user")
    find = ctx.directory.find
    standings = [
        standing
        for standing in find(accounts.list_standings_of_user, caller.user.id)
        if standing.is_active and standing.account.state != "closed"
    ]
    named = {standing.account.organization for standing in standings if standing.account.organization}
    found = (find(accounts.find_organization, organization) for organization in named)
    organizations = {organization.id: organization.name for organization in found if organization}
    return Profile(caller.user, standings, organizations)


def authorized_organizations(ctx: Context, caller: Caller) -> frozenset[str]:
    """The organizations whose authorization an application token still has."""
    consents = ctx.directory.find(tokens.list_organization_consents, caller.app.key)
    return frozenset(organization for organization, scopes in consents.items() if caller.claims.scopes <= scopes)


def _claims(ctx: Context, unverified_token: str) -> Claims:
    """What the token says. A signature that was checked once is remembered; everything else is judged every time."""
    name = hashlib.sha256(unverified_token.encode()).digest()
    claims = ctx.seen_tokens.get(name)
    if claims is None:
        claims = _verified(ctx, unverified_token)
        ctx.seen_tokens.add(name, claims)
    return claims


def _verified(ctx: Context, unverified_token: str) -> Claims:
    try:
        claims = verify(unverified_token, ACCESS, ctx.access_keys)
    except BadToken as error:
        kind = FOREIGN_TOKEN if _is_of_the_other_environment(ctx, unverified_token) else BAD_TOKEN
        raise Refusal(kind, detail=str(error)) from None
    if claims.get("iss") != ctx.issuer or claims.get("aud") != ctx.issuer:
        raise Refusal(BAD_TOKEN, detail="another issuer or audience")
    key, subject = claims["client_id"], claims["sub"]
    return Claims(
        key=key,
        user=None if subject == key else subject,
        scopes=frozenset(claims["scope"].split()),
        token_id=claims["jti"],
        family=claims["family"],
        epoch=claims["epoch"],
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _is_of_the_other_environment(ctx: Context, unverified_token: str) -> bool:
    try:
        issuer = take_apart(unverified_token).unverified_claims.get("iss")
    except BadToken:
        return False
    return issuer == ctx.counterpart.origin + "/"
