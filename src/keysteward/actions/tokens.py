"""How is a token issued, and how is one recognized?

What each grant demands stands in `rules/grants.py`; here is what is loaded, burnt and signed around it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from keysteward.actions.authorize import demand_consent
from keysteward.actions.context import Context
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.crypto.signing import BadToken, Jwt, is_signed_by_any, jwk_of, take_apart
from keysteward.rules.access import Actor
from keysteward.rules.authorize import Request
from keysteward.rules.clients import Credentials
from keysteward.rules.grants import (
    ASSERTION,
    CODE,
    REFRESH,
    AssertionRequest,
    Code,
    CodeRequest,
    RefreshRequest,
    audiences,
)
from keysteward.rules.keys import App
from keysteward.rules.refusals import (
    ASSERTION_REUSED,
    CODE_NOT_GOOD,
    INVALID_CLIENT,
    ISSUER_NOT_FOUND,
    MALFORMED_ASSERTION,
    NO_VALID_KEYS_OR_SIGNATURES,
    REFRESH_NOT_GOOD,
    Refusal,
    demand,
)
from keysteward.rules.tokens import Family, read_scopes, refresh_expiry
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, keys, tokens
from keysteward.store.database import Connection, bump_epoch, current_epoch, lock

ACCESS = "at+jwt"


class Answer(NamedTuple):
    """What the token endpoint says. `scope` holds exactly the scopes that were asked, in their order."""

    access_token: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None


class Bearings(NamedTuple):
    """Where a token stems from: the epoch of the snapshot its checks were made in, its family, its organizations.

    A token that stems from no other is a family of its own.
    """

    epoch: int
    family: str | None = None
    organizations: tuple[str, ...] = ()


def issue(
    ctx: Context, app: App, user: str | None, scopes: tuple[str, ...], life: timedelta, bearings: Bearings
) -> Answer:
    """Sign an access token (RFC 9068)."""
    issuer, token_id, scope = ctx.issuer, new_guid(), " ".join(scopes)
    now, seconds = int(ctx.now.timestamp()), int(life.total_seconds())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": issuer,
        "sub": user or app.key,
        "client_id": app.key,
        "scope": scope,
        "iat": now,
        "exp": now + seconds,
        "jti": token_id,
        "epoch": bearings.epoch,
        "family": bearings.family or token_id,
    }
    if bearings.organizations:
        claims["organizations"] = bearings.organizations
    return Answer(ctx.access_key.sign(ACCESS, claims), seconds, scope)


def published_keys(ctx: Context) -> list[dict[str, Any]]:
    """The public halves of the keys that sign tokens, as JSON Web Keys."""
    return [jwk_of(kid, public) for kid, public in ctx.access_keys.items()]


def issue_implicit(ctx: Context, request: Request, actor: Actor) -> Answer:
    """A token for a browser app whose user consented, without a code and without refresh."""
    epoch = ctx.directory.epoch  # first: a revocation that comes in between must reach this token
    demand_consent(ctx.directory.find(tokens.find_consent, actor.user, request.app.key), request)
    return issue(ctx, request.app, actor.user, request.scopes, ctx.policy.user_token_life, Bearings(epoch))


def exchange_code(
    ctx: Context, credentials: Credentials, unverified_code: str, redirect_uri: str | None, verifier: str | None
) -> Answer:
    """Redeem a code once. A code that comes back kills all that it issued."""
    digest = ctx.digester.digest(unverified_code) if has_shape("ksc_", unverified_code) else None
    with ctx.database.reading() as tx:
        app, is_authenticated = _authenticate(ctx, tx, credentials)
        if digest is None or tokens.find_code(tx, digest) is None:
            raise Refusal(CODE_NOT_GOOD, detail="unknown code")
    refresh_token = new_secret("ksr_")
    with ctx.database.writing() as tx:
        lock(tx, "record", digest)
        epoch = current_epoch(tx)  # first: a revocation that comes in between must reach this token
        request = _code_request(
            ctx, tx, digest, app.key, is_authenticated=is_authenticated, redirect_uri=redirect_uri, verifier=verifier
        )
        if won := request.code.used_at is None:
            demand(CODE, request)
            won = tokens.burn_code(tx, digest, request.now)
        if won:
            _begin_family(ctx, tx, request, refresh_token)
        else:
            _kill_family_of(ctx, tx, request)
    if not won:
        raise Refusal(CODE_NOT_GOOD, detail="code came back")
    code = request.code
    answer = issue(ctx, app, code.user, code.scopes, ctx.policy.user_token_life, Bearings(epoch, code.family))
    return answer._replace(refresh_token=refresh_token, id_token=_id_token(ctx, code))


def refresh(ctx: Context, credentials: Credentials, unverified_token: str, scope: str | None) -> Answer:
    """Rotate a refresh token. One that comes back later than the grace kills its family."""
    digests = ctx.digester.digests(unverified_token) if has_shape("ksr_", unverified_token) else ()
    with ctx.database.reading() as tx:
        app, is_authenticated = _authenticate(ctx, tx, credentials)
        digest = next((digest for digest in digests if tokens.find_refresh_token(tx, digest)), None)
        if digest is None:
            raise Refusal(REFRESH_NOT_GOOD, detail="unknown refresh token")
    successor = new_secret("ksr_")
    with ctx.database.writing() as tx:
        lock(tx, "record", digest)
        epoch = current_epoch(tx)
        request = _refresh_request(ctx, tx, digest, app.key, is_authenticated=is_authenticated, scope=scope)
        if won := request.used_at is None:
            demand(REFRESH, request)
            won = tokens.burn_refresh_token(tx, digest, request.now)
        if won:
            expires_at = refresh_expiry(request.family, request.now, ctx.policy)
            successor_digest = ctx.digester.digest(successor)
            tokens.save_refresh_token(tx, successor_digest, request.family.id, request.now, expires_at)
        else:
            _judge_reuse(ctx, tx, request)
    if not won:
        raise Refusal(REFRESH_NOT_GOOD, detail="refresh token came back")
    scopes = read_scopes(scope) if scope else None
    answer = issue(
        ctx,
        app,
        request.family.user,
        scopes or tuple(sorted(request.family.scopes)),
        ctx.policy.user_token_life,
        Bearings(epoch, request.family.id),
    )
    return answer._replace(refresh_token=successor)


def grant_assertion(ctx: Context, assertion: str) -> Answer:
    """The JWT grant: a token for a user who consented to impersonation, or for an app that organizations authorized."""
    try:
        jwt = take_apart(assertion)
    except BadToken as error:
        raise Refusal(MALFORMED_ASSERTION, detail=str(error)) from None
    epoch = ctx.directory.epoch  # first: a revocation that comes in between must reach this token
    app, organizations, request = _assertion_request(ctx, jwt)
    demand(ASSERTION, request)
    _burn_assertion(ctx, app, jwt)
    scopes = read_scopes(str(request.scope)) or ()
    subject = None if request.subject is None else str(request.subject)
    life = ctx.policy.jwt_token_life
    return issue(ctx, app, subject, scopes, life, Bearings(epoch, organizations=organizations))


def _authenticate(ctx: Context, tx: Connection, credentials: Credentials) -> tuple[App, bool]:
    key = credentials.unverified_key
    app = keys.find(tx, key) if is_guid(key) else None
    if app is None or not app.works:
        raise Refusal(INVALID_CLIENT, detail="unknown or stopped key", method=credentials.method)
    secret = credentials.unverified_secret
    if secret is None:
        return app, False
    if not keys.owns_secret(tx, app.key, ctx.digester.digests(secret)):
        raise Refusal(INVALID_CLIENT, detail="wrong secret", method=credentials.method)
    return app, True


def _loaded_app(tx: Connection, key: str) -> App:
    app = keys.find(tx, key)
    if app is None:
        raise Refusal(INVALID_CLIENT, detail="the key is gone")
    return app


def _code_request(
    ctx: Context,
    tx: Connection,
    digest: str,
    key: str,
    *,
    is_authenticated: bool,
    redirect_uri: str | None,
    verifier: str | None,
) -> CodeRequest:
    code = tokens.find_code(tx, digest)
    if code is None:
        raise Refusal(CODE_NOT_GOOD, detail="unknown code")
    user = accounts.find_acting_user(tx, code.user)
    withdrawn = tokens.consent_epoch(tx, code.user, code.key)
    return CodeRequest(code, _loaded_app(tx, key), user, is_authenticated, redirect_uri, verifier, withdrawn, ctx.now)


def _begin_family(ctx: Context, tx: Connection, request: CodeRequest, refresh_token: str) -> None:
    code, now = request.code, request.now
    expires_at = now + ctx.policy.refresh_life
    scopes, is_public = frozenset(code.scopes), not request.is_authenticated
    tokens.save_family(tx, Family(code.family, code.key, code.user, scopes, is_public, now, expires_at, code.epoch))
    tokens.save_refresh_token(tx, ctx.digester.digest(refresh_token), code.family, now, expires_at)


def _kill_family_of(ctx: Context, tx: Connection, request: CodeRequest) -> None:
    """A used code came back: what it issued dies, if whoever brings it could have redeemed it."""
    code = request.code
    family = tokens.find_family(tx, code.family)
    if family is None or code.key != request.app.key or not (request.is_authenticated or family.is_public):
        return
    _kill_family(ctx, tx, request.app, family.id, "code came back")


def _refresh_request(
    ctx: Context, tx: Connection, digest: str, key: str, *, is_authenticated: bool, scope: str | None
) -> RefreshRequest:
    found = tokens.find_refresh_token(tx, digest)
    family = tokens.find_family(tx, found[0]) if found else None
    if found is None or family is None:
        raise Refusal(REFRESH_NOT_GOOD, detail="unknown refresh token")
    return RefreshRequest(
        family=family,
        app=_loaded_app(tx, key),
        user=accounts.find_acting_user(tx, family.user),
        is_authenticated=is_authenticated,
        consented=tokens.find_consent(tx, family.user, family.key),
        consent_epoch=tokens.consent_epoch(tx, family.user, family.key),
        scope=scope,
        expires_at=found[1],
        used_at=found[2],
        now=ctx.now,
    )


def _judge_reuse(ctx: Context, tx: Connection, request: RefreshRequest) -> None:
    """Two clients hold this token. Within the grace that is one client's own race; later it is a theft.

    Source: RFC 9700 §4.14.2.
    """
    is_race = request.used_at is not None and request.now - request.used_at <= ctx.policy.refresh_grace
    if is_race or request.family.key != request.app.key:
        return
    _kill_family(ctx, tx, request.app, request.family.id, "refresh token came back")


def _kill_family(ctx: Context, tx: Connection, app: App, family: str, why: str) -> None:
    if tokens.kill_family(tx, family, why, ctx.now):
        event = ctx.event("FamilyKilled", "system", key=app.key, account=app.account, family=family, why=why)
        audit.record(tx, event)
        bump_epoch(tx)


def _assertion_request(ctx: Context, jwt: Jwt) -> tuple[App, tuple[str, ...], AssertionRequest]:
    claims = jwt.unverified_claims
    issuer, subject = claims.get("iss"), claims.get("sub")
    find = ctx.directory.find
    app = find(keys.find, issuer) if isinstance(issuer, str) and is_guid(issuer) else None
    if app is None or not app.works:
        raise Refusal(ISSUER_NOT_FOUND)
    if not is_signed_by_any(jwt, [keypair.public_pem for keypair in find(keys.list_keypairs, app.key)]):
        raise Refusal(NO_VALID_KEYS_OR_SIGNATURES)
    user, consented, organizations = None, frozenset[str](), tuple[str, ...]()
    if subject is None:
        organizations, consented = _covering(find(tokens.list_organization_consents, app.key), claims.get("scope"))
    elif isinstance(subject, str) and is_guid(subject):
        user = find(accounts.find_acting_user, subject)
        consented = find(tokens.find_consent, subject, app.key)
    return (
        app,
        organizations,
        AssertionRequest(
            app=app,
            policy=ctx.policy,
            audiences=audiences((ctx.authority, *ctx.hosts)),
            audience=claims.get("aud"),
            subject=subject,
            scope=claims.get("scope"),
            issued=claims.get("iat"),
            not_before=claims.get("nbf"),
            expires=claims.get("exp"),
            clock=ctx.machine_clock(),
            user=user,
            consented=consented,
        ),
    )


def _covering(consents: dict[str, frozenset[str]], scope: object) -> tuple[tuple[str, ...], frozenset[str]]:
    needed = frozenset(read_scopes(scope) or ()) if isinstance(scope, str) else frozenset()
    covering = {organization: scopes for organization, scopes in consents.items() if needed <= scopes}
    return tuple(sorted(covering)), frozenset[str]().union(*covering.values())


def _burn_assertion(ctx: Context, app: App, jwt: Jwt) -> None:
    jti = jwt.unverified_claims.get("jti")
    if jti is None:
        return
    ctx.directory.demand_patience()
    if not isinstance(jti, str) or not jti:
        raise Refusal(MALFORMED_ASSERTION, detail="jti is no text")
    expires_at = datetime.fromtimestamp(float(jwt.unverified_claims["exp"]), UTC) + ctx.policy.clock_skew
    with ctx.database.writing() as tx:
        if not tokens.burn_assertion(tx, app.key, ctx.digester.digest(jti), expires_at):
            raise Refusal(ASSERTION_REUSED)


def _id_token(ctx: Context, code: Code) -> str | None:
    if "openid" not in code.scopes:
        return None
    now = int(ctx.now.timestamp())
    claims: dict[str, Any] = {
        "iss": ctx.issuer,
        "sub": code.user,
        "aud": code.key,
        "iat": now,
        "exp": now + int(ctx.policy.jwt_token_life.total_seconds()),
        "auth_time": int(code.signed_in_at.timestamp()),
    }
    if code.nonce is not None:
        claims["nonce"] = code.nonce
    return ctx.access_key.sign("JWT", claims)
