"""How is a token issued, and how is one recognized?

What each grant demands stands in `rules/grants.py`; here is what is loaded, burnt and signed around it.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from keysteward.actions.clients import Client, authenticate, burn_assertion, demand_proof, live_keypairs, signer_of
from keysteward.actions.consents import demand_consent
from keysteward.actions.context import Context
from keysteward.actions.id_tokens import IdToken, sign_id_token
from keysteward.actions.usage import note_use
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.crypto.signing import BadToken, Jwt, jwk_of, take_apart
from keysteward.rules import usage
from keysteward.rules.access import Actor
from keysteward.rules.authorize import Request
from keysteward.rules.clients import Credentials
from keysteward.rules.consent import authorizing, needed_by
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
    CODE_NOT_GOOD,
    INVALID_CLIENT,
    ISSUER_NOT_FOUND,
    MALFORMED_ASSERTION,
    NO_OPEN_ACCOUNT,
    NO_VALID_KEYS_OR_SIGNATURES,
    OUT_OF_REACH,
    REFRESH_NOT_GOOD,
    Refusal,
    demand,
)
from keysteward.rules.tokens import Family, claims_about, read_scopes, refresh_expiry
from keysteward.rules.usage import NOBODY, Asker
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, consents, keys, leaks, tokens
from keysteward.store.database import Connection, bump_epoch, current_epoch, lock
from keysteward.store.tokens import RefreshToken

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

    A token that stems from no other is a family of its own. One of the JWT grant impersonates its user. `credential`
    is what its client had shown: should it leak, the token dies with it.
    """

    epoch: int
    family: str | None = None
    organizations: tuple[str, ...] = ()
    impersonates: bool = False
    credential: str | None = None


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
    if bearings.impersonates:
        claims["impersonates"] = True
    if bearings.credential:
        claims["cred"] = bearings.credential
    return Answer(ctx.access_key.sign(ACCESS, claims), seconds, scope)


def published_keys(ctx: Context) -> list[dict[str, Any]]:
    """The public halves of the keys that sign tokens, as JSON Web Keys."""
    return [jwk_of(kid, public) for kid, public in ctx.access_keys.items()]


def last_known_keys(ctx: Context) -> list[dict[str, Any]]:
    """The same as they were when the database last spoke; refuses once that is a minute ago."""
    known = ctx.keyring.known(ctx.directory, ctx.now, ctx.longest_token_life)
    if not known:
        raise Refusal(OUT_OF_REACH)
    return [jwk_of(kid, public) for kid, public in known.items()]


def issue_implicit(ctx: Context, request: Request, actor: Actor, asker: Asker = NOBODY) -> Answer:
    """What a browser app gets whose user consented: an access token, an id token or both, and no refresh token."""
    epoch = ctx.directory.epoch  # first: a revocation that comes in between must reach this token
    if ctx.directory.find(accounts.find_acting_user, actor.user) is None:
        raise Refusal(NO_OPEN_ACCOUNT)
    demand_consent(ctx.directory.find(consents.find, actor.user, request.app.key), request, epoch)
    answer = issue(ctx, request.app, actor.user, request.scopes, ctx.policy.user_token_life, Bearings(epoch))
    note_use(ctx, Client(request.app), actor.user, usage.IMPLICIT, asker)
    if "id_token" not in request.response_types:
        return answer
    said = IdToken(request.app.key, actor.user, actor.signed_in_at, request.nonce)
    if "token" in request.response_types:
        return answer._replace(id_token=sign_id_token(ctx, said, answer.access_token))
    user = ctx.directory.find(accounts.find_acting_user, actor.user)
    about = claims_about(user, request.scopes) if user else {}
    return answer._replace(access_token="", id_token=sign_id_token(ctx, said._replace(about=about), None))


def exchange_code(
    ctx: Context,
    credentials: Credentials,
    unverified_code: str,
    redirect_uri: str | None,
    verifier: str | None,
    asker: Asker = NOBODY,
) -> Answer:
    """Redeem a code once. A code that comes back kills all that it issued."""
    digests = ctx.digester.digests(unverified_code) if has_shape("ksc_", unverified_code) else ()
    client = authenticate(ctx, credentials)
    demand_proof(client, "public_code")
    with ctx.database.reading() as tx:
        digest = next((digest for digest in digests if tokens.find_code(tx, digest)), None)
        if digest is None:
            raise Refusal(CODE_NOT_GOOD, detail="unknown code")
    refresh_token = new_secret("ksr_")
    with ctx.database.writing() as tx:
        lock(tx, "record", digest)
        epoch = current_epoch(tx)  # first: a revocation that comes in between must reach this token
        request = _code_request(ctx, tx, digest, client, redirect_uri=redirect_uri, verifier=verifier)
        if won := request.code.used_at is None:
            demand(CODE, request)
            won = tokens.burn_code(tx, digest, request.now)
        if won:
            _begin_family(ctx, tx, request, client, refresh_token)
        else:
            _kill_family_of(ctx, tx, request)
    if not won:
        raise Refusal(CODE_NOT_GOOD, detail="code came back")
    code = request.code
    bearings = Bearings(epoch, code.family, credential=client.credential)
    answer = issue(ctx, client.app, code.user, code.scopes, ctx.policy.user_token_life, bearings)
    note_use(ctx, client, code.user, usage.CODE_WITH_PKCE if code.challenge else usage.CODE, asker)
    return answer._replace(refresh_token=refresh_token, id_token=_id_token_for(ctx, code, answer.access_token))


def refresh(
    ctx: Context, credentials: Credentials, unverified_token: str, scope: str | None, asker: Asker = NOBODY
) -> Answer:
    """Rotate a refresh token. One that comes back later than the grace kills its family."""
    digests = ctx.digester.digests(unverified_token) if has_shape("ksr_", unverified_token) else ()
    client = authenticate(ctx, credentials)
    demand_proof(client, "public_code")
    with ctx.database.reading() as tx:
        digest = next((digest for digest in digests if tokens.find_refresh_token(tx, digest)), None)
        if digest is None:
            raise Refusal(REFRESH_NOT_GOOD, detail="unknown refresh token")
    successor = new_secret("ksr_")
    with ctx.database.writing() as tx:
        lock(tx, "record", digest)
        epoch = current_epoch(tx)
        request = refresh_request(ctx, tx, digest, client, scope)
        if won := request.used_at is None:
            demand(REFRESH, request)
            won = tokens.burn_refresh_token(tx, digest, request.now)
        if won:
            expires_at = refresh_expiry(request.family, request.now, ctx.policy)
            kept = RefreshToken(request.family.id, request.now, expires_at, client.credential)
            tokens.save_refresh_token(tx, ctx.digester.digest(successor), kept)
        else:
            _judge_reuse(ctx, tx, request)
    if not won:
        raise Refusal(REFRESH_NOT_GOOD, detail="refresh token came back")
    scopes = read_scopes(scope) if scope else None
    answer = issue(
        ctx,
        client.app,
        request.family.user,
        scopes or tuple(sorted(request.family.scopes)),
        ctx.policy.user_token_life,
        Bearings(epoch, request.family.id, credential=client.credential),
    )
    note_use(ctx, client, request.family.user, usage.REFRESH, asker)
    return answer._replace(refresh_token=successor)


def grant_assertion(
    ctx: Context, assertion: str, asker: Asker = NOBODY, credentials: Credentials | None = None
) -> Answer:
    """The JWT grant: a token for a user who consented to impersonation, or for an app that organizations authorized.

    It needs no client authentication; credentials that come along must be good, and the issuer's (RFC 7523 §3.1).
    """
    try:
        jwt = take_apart(assertion)
    except BadToken as error:
        raise Refusal(MALFORMED_ASSERTION, detail=str(error)) from None
    epoch = ctx.directory.epoch  # first: a revocation that comes in between must reach this token
    client, organizations, request = _assertion_request(ctx, jwt, epoch)
    demand(ASSERTION, request)
    if credentials is not None:
        _demand_same_client(ctx, credentials, client)
    if jwt.unverified_claims.get("jti") is not None:
        ctx.directory.demand_patience()
        burn_assertion(ctx, client.app, jwt)
    scopes = read_scopes(str(request.scope)) or ()
    subject = None if request.subject is None else str(request.subject)
    life = ctx.policy.jwt_token_life
    is_for_user = subject is not None
    bearings = Bearings(epoch, None, organizations, impersonates=is_for_user, credential=client.credential)
    answer = issue(ctx, client.app, subject, scopes, life, bearings)
    note_use(ctx, client, subject, usage.JWT, asker)
    return answer


def _loaded_app(tx: Connection, key: str) -> App:
    app = keys.find(tx, key)
    if app is None:
        raise Refusal(INVALID_CLIENT, detail="the key is gone")
    return app


def _code_request(
    ctx: Context, tx: Connection, digest: str, client: Client, *, redirect_uri: str | None, verifier: str | None
) -> CodeRequest:
    code = tokens.find_code(tx, digest)
    if code is None:
        raise Refusal(CODE_NOT_GOOD, detail="unknown code")
    user = accounts.find_acting_user(tx, code.user)
    found = consents.find(tx, code.user, code.key)
    consented = found.scopes_for(frozenset(code.scopes), code.epoch)
    app, is_authenticated = _loaded_app(tx, client.app.key), client.is_authenticated
    return CodeRequest(
        code=code,
        app=app,
        user=user,
        is_authenticated=is_authenticated,
        redirect_uri=redirect_uri,
        verifier=verifier,
        consented=consented,
        consent_epoch=found.own.least_epoch,
        now=ctx.now,
    )


def _begin_family(ctx: Context, tx: Connection, request: CodeRequest, client: Client, refresh_token: str) -> None:
    code, now = request.code, request.now
    expires_at = now + ctx.policy.refresh_life
    scopes, is_public = frozenset(code.scopes), not request.is_authenticated
    tokens.save_family(tx, Family(code.family, code.key, code.user, scopes, is_public, now, expires_at, code.epoch))
    kept = RefreshToken(code.family, now, expires_at, client.credential)
    tokens.save_refresh_token(tx, ctx.digester.digest(refresh_token), kept)


def _kill_family_of(ctx: Context, tx: Connection, request: CodeRequest) -> None:
    """A used code came back: what it issued dies, if whoever brings it could have redeemed it."""
    code = request.code
    family = tokens.find_family(tx, code.family)
    if family is None or code.key != request.app.key or not (request.is_authenticated or family.is_public):
        return
    kill_family(ctx, tx, request.app, family.id, "code came back")


def refresh_request(
    ctx: Context, tx: Connection, digest: str, client: Client, scope: str | None = None
) -> RefreshRequest:
    """A refresh token as it stands, to be judged for this client."""
    found = tokens.find_refresh_token(tx, digest)
    family = tokens.find_family(tx, found.family) if found else None
    if found is None or family is None:
        raise Refusal(REFRESH_NOT_GOOD, detail="unknown refresh token")
    consent = consents.find(tx, family.user, family.key)
    leak = leaks.find(tx, found.credential) if found.credential else None
    return RefreshRequest(
        family=family,
        app=_loaded_app(tx, client.app.key),
        user=accounts.find_acting_user(tx, family.user),
        is_authenticated=client.is_authenticated,
        consented=consent.scopes_for(family.scopes, family.epoch),
        consent_epoch=consent.own.least_epoch,
        scope=scope,
        expires_at=found.expires_at,
        used_at=found.used_at,
        now=ctx.now,
        dies_at=leak.dies_at if leak else None,
    )


def _judge_reuse(ctx: Context, tx: Connection, request: RefreshRequest) -> None:
    """Two clients hold this token. Within the grace that is one client's own race; later it is a theft.

    Source: RFC 9700 §4.14.2.
    """
    is_race = request.used_at is not None and request.now - request.used_at <= ctx.policy.refresh_grace
    if is_race or request.family.key != request.app.key:
        return
    kill_family(ctx, tx, request.app, request.family.id, "refresh token came back")


def kill_family(ctx: Context, tx: Connection, app: App, family: str, why: str) -> None:
    """End a family with all its tokens, on the record; the last statement of a deed."""
    if tokens.kill_family(tx, family, why, ctx.now):
        event = ctx.event("FamilyKilled", "system", key=app.key, account=app.account, family=family, why=why)
        audit.record(tx, event)
        bump_epoch(tx)


def _assertion_request(ctx: Context, jwt: Jwt, epoch: int) -> tuple[Client, tuple[str, ...], AssertionRequest]:
    claims = jwt.unverified_claims
    issuer, subject = claims.get("iss"), claims.get("sub")
    find = ctx.directory.find
    app = find(keys.find, issuer) if isinstance(issuer, str) and is_guid(issuer) else None
    if app is None or not app.works:
        raise Refusal(ISSUER_NOT_FOUND)
    signer = signer_of(jwt, live_keypairs(ctx, app.key))
    if signer is None:
        raise Refusal(NO_VALID_KEYS_OR_SIGNATURES)
    user, consented, organizations = None, frozenset[str](), tuple[str, ...]()
    scopes = _unverified_scopes(claims.get("scope"))
    if subject is None:
        organizations = tuple(sorted(authorizing(find(consents.list_of_organizations, app.key), scopes, epoch)))
        consented = scopes if organizations else consented
    elif isinstance(subject, str) and is_guid(subject):
        user = find(accounts.find_acting_user, subject)
        consented = find(consents.find, subject, app.key).scopes_for(needed_by(scopes, impersonates=True), epoch)
    return (
        Client(app, signer.id),
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


def _demand_same_client(ctx: Context, credentials: Credentials, client: Client) -> None:
    if credentials.method == "assertion":
        ctx.directory.demand_patience()
    if authenticate(ctx, credentials).app.key != client.app.key:
        raise Refusal(INVALID_CLIENT, detail="another client than the issuer", method=credentials.method)


def _unverified_scopes(scope: object) -> frozenset[str]:
    return frozenset(read_scopes(scope) or ()) if isinstance(scope, str) else frozenset()


def _id_token_for(ctx: Context, code: Code, access_token: str) -> str | None:
    if "openid" not in code.scopes:
        return None
    return sign_id_token(ctx, IdToken(code.key, code.user, code.signed_in_at, code.nonce), access_token)
