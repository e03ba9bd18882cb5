"""How does a client give a token back, and ask what one is still worth?

Both take refresh tokens and access tokens, and both know a client's own tokens only (RFC 7009, RFC 7662).
"""

from typing import NamedTuple

from keysteward.actions import callers
from keysteward.actions.clients import Client, authenticate, demand_authenticated, demand_proof
from keysteward.actions.context import Context
from keysteward.actions.tokens import kill_family, refresh_request
from keysteward.crypto.hashing import has_shape
from keysteward.rules.clients import Credentials
from keysteward.rules.grants import REFRESH, RefreshRequest
from keysteward.rules.refusals import TOKEN_OF_ANOTHER_CLIENT, Refusal
from keysteward.rules.tokens import Claims
from keysteward.store import audit, tokens
from keysteward.store.database import bump_epoch, lock


class Worth(NamedTuple):
    """A token that is good now. Times are epoch seconds; `token_type` is None for a refresh token."""

    key: str
    user: str | None
    scope: str
    expires_at: int
    issued_at: int | None = None
    token_id: str | None = None
    token_type: str | None = None


def revoke(ctx: Context, credentials: Credentials, unverified_token: str) -> None:
    """End a token at its client's wish: a refresh token with its whole family, an access token alone.

    A token that is unknown, expired or dead already needs no ending.
    """
    client = authenticate(ctx, credentials)
    demand_proof(client, "public_code", "implicit")
    if has_shape("ksr_", unverified_token):
        _revoke_refresh_token(ctx, client, unverified_token)
        return
    claims = callers.read_claims(ctx, unverified_token)
    if claims is not None:
        _demand_own(client, claims.key)
        _revoke_access_token(ctx, client, claims)


def introspect(ctx: Context, credentials: Credentials, unverified_token: str) -> Worth | None:
    """What a token of the asking client is worth now; None where it is worth nothing, or another client's."""
    client = demand_authenticated(ctx, credentials)
    if has_shape("ksr_", unverified_token):
        return _worth_of_refresh_token(ctx, client, unverified_token)
    try:
        claims = callers.recognize(ctx, unverified_token).claims
    except Refusal as refusal:
        if refusal.kind.status >= 500:
            raise
        return None
    if claims.key != client.app.key:
        return None
    issued_at, expires_at = int(claims.issued_at.timestamp()), int(claims.expires_at.timestamp())
    scope = " ".join(sorted(claims.scopes))
    return Worth(claims.key, claims.user, scope, expires_at, issued_at, claims.token_id, "Bearer")


def _revoke_refresh_token(ctx: Context, client: Client, unverified_token: str) -> None:
    with ctx.database.writing() as tx:
        found = (tokens.find_refresh_token(tx, digest) for digest in ctx.digester.digests(unverified_token))
        family = next((tokens.find_family(tx, each.family) for each in found if each), None)
        if family is None:
            return
        _demand_own(client, family.key)
        lock(tx, "record", family.id)
        kill_family(ctx, tx, client.app, family.id, "revoked by the app")


def _revoke_access_token(ctx: Context, client: Client, claims: Claims) -> None:
    if ctx.now >= claims.expires_at:
        return
    with ctx.database.writing() as tx:
        if tokens.kill_token(tx, claims.token_id, claims.expires_at):
            key, account = client.app.key, client.app.account
            audit.record(tx, ctx.event("TokenRevoked", "system", key=key, account=account, token=claims.token_id))
            bump_epoch(tx)


def _demand_own(client: Client, key: str) -> None:
    if client.app.key != key:
        raise Refusal(TOKEN_OF_ANOTHER_CLIENT)


def _worth_of_refresh_token(ctx: Context, client: Client, unverified_token: str) -> Worth | None:
    with ctx.database.reading() as tx:
        digests = ctx.digester.digests(unverified_token)
        digest = next((digest for digest in digests if tokens.find_refresh_token(tx, digest)), None)
        request = refresh_request(ctx, tx, digest, client) if digest else None
    if request is None or not _is_good(request):
        return None
    family = request.family
    return Worth(family.key, family.user, " ".join(sorted(family.scopes)), int(request.expires_at.timestamp()))


def _is_good(request: RefreshRequest) -> bool:
    return request.used_at is None and not any(check(request) for check in REFRESH)
