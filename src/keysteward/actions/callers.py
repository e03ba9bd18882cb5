"""Whom does an access token speak for, as everything stands now?"""

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.tokens import ACCESS
from keysteward.crypto.signing import BadToken, take_apart, verify_signer
from keysteward.rules.accounts import Standing, User
from keysteward.rules.consent import authorizing, needed_by
from keysteward.rules.keys import App
from keysteward.rules.refusals import BAD_TOKEN, FOREIGN_TOKEN, Refusal
from keysteward.rules.tokens import Claims, is_revoked, is_withdrawn
from keysteward.rules.usage import HOUR_SECONDS, NOBODY, USERINFO, Use
from keysteward.store import accounts, audit, consents, keys, leaks, tokens
from keysteward.store.directory import Directory


class Caller(NamedTuple):
    """Who a verified access token speaks for. `user` is None for an application token."""

    claims: Claims
    app: App
    user: User | None


class _Standing(NamedTuple):
    """Whom a token speaks for unless it has expired. It dies earlier where what its client had shown leaked."""

    caller: Caller
    dies_at: datetime | None


class Profile(NamedTuple):
    """A user with the accounts that userinfo names, as an app may see them."""

    key: str
    user: User
    standings: list[Standing]
    organizations: dict[str, str]


def recognize(ctx: Context, unverified_token: str) -> Caller:
    """Who an access token speaks for, as everything stands now: signature, expiry, key, user, family, revocation."""
    claims = _claims(ctx, unverified_token)
    caller, dies_at = ctx.directory.conclude(_standing, claims)
    now = ctx.now
    if now >= claims.expires_at:
        raise Refusal(BAD_TOKEN, detail="expired")
    if dies_at is not None and now >= dies_at:
        raise Refusal(BAD_TOKEN, detail="what its client had shown leaked")
    return caller


def read_claims(ctx: Context, unverified_token: str) -> Claims | None:
    """What an access token of ours says, whether it is still good or not; None where it is no token of ours."""
    try:
        claims = _claims(ctx, unverified_token)
    except Refusal:
        return None
    return None if claims.signer in ctx.directory.find(audit.list_distrusted_keys) else claims


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
    _note(ctx, caller.claims)
    return Profile(caller.app.key, caller.user, standings, organizations)


def _note(ctx: Context, claims: Claims) -> None:
    """Count that an app asked userinfo, for its smoke test."""
    now = int(ctx.now.timestamp())
    use = Use(claims.key, claims.credential or "", claims.user or "", USERINFO, NOBODY, now // HOUR_SECONDS)
    ctx.usage.note(use, now)


def authorized_organizations(ctx: Context, caller: Caller) -> frozenset[str]:
    """The organizations that an application token names, as long as they authorize it: it sees no other."""
    return _authorized_organizations(ctx.directory, caller.claims)


def _standing(directory: Directory, claims: Claims) -> _Standing:
    """What follows for a token from everything but the clock."""
    find = directory.find
    if claims.signer in find(audit.list_distrusted_keys):
        raise Refusal(BAD_TOKEN, detail="the key that signed it is distrusted")
    app = find(keys.find, claims.key)
    if app is None or not app.works:
        raise Refusal(BAD_TOKEN, detail="its key is deleted or stopped", key="unknown")
    dead = find(tokens.list_dead)
    if is_revoked(claims, app) or claims.family in dead or claims.token_id in dead:
        raise Refusal(BAD_TOKEN, detail="revoked")
    dies_at = find(leaks.list_deaths).get(claims.credential or "")
    return _Standing(Caller(claims, app, _user(directory, claims)), dies_at)


def _user(directory: Directory, claims: Claims) -> User | None:
    """The user whom a token speaks for, with their consent; an application token has none."""
    if claims.user is None:
        if not _authorized_organizations(directory, claims):
            raise Refusal(BAD_TOKEN, detail="no organization authorizes it any more")
        return None
    user = directory.find(accounts.find_acting_user, claims.user)
    if user is None:
        raise Refusal(BAD_TOKEN, detail="the user is closed, or in no open account")
    found = directory.find(consents.find, user.id, claims.key)
    if is_withdrawn(claims, user, found.own.least_epoch):
        raise Refusal(BAD_TOKEN, detail="the user was closed, or withdrew their consent")
    if not found.cover(needed_by(claims.scopes, impersonates=claims.impersonates), claims.epoch):
        raise Refusal(BAD_TOKEN, detail="no consent covers it any more")
    return user


def _authorized_organizations(directory: Directory, claims: Claims) -> frozenset[str]:
    found = directory.find(consents.list_of_organizations, claims.key)
    return authorizing(found, claims.scopes, claims.epoch, claims.organizations)


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
        signer, claims = verify_signer(unverified_token, ACCESS, ctx.access_keys)
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
        organizations=frozenset(claims.get("organizations", ())),
        impersonates=claims.get("impersonates", False),
        credential=claims.get("cred"),
        signer=signer,
    )


def _is_of_the_other_environment(ctx: Context, unverified_token: str) -> bool:
    try:
        issuer = take_apart(unverified_token).unverified_claims.get("iss")
    except BadToken:
        return False
    return issuer == ctx.counterpart.origin + "/"
