"""Who is a client that asks: what it says of itself, held against its secret keys and keypairs?"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.hashing import has_shape
from keysteward.crypto.signing import BadToken, Jwt, is_client_signature, load_public_key, take_apart
from keysteward.rules.clients import Credentials
from keysteward.rules.grants import CLIENT_ASSERTION, ClientAssertion, audiences
from keysteward.rules.keys import App, Grant, Keypair, is_live
from keysteward.rules.refusals import (
    ASSERTION_REUSED,
    INVALID_CLIENT,
    MALFORMED_ASSERTION,
    NO_VALID_KEYS_OR_SIGNATURES,
    Refusal,
    demand,
)
from keysteward.rules.words import is_guid
from keysteward.store import keys, tokens


class Client(NamedTuple):
    """An app that asks, and the id of the secret key or keypair that proved it; nothing proves a public client."""

    app: App
    credential: str | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether the client proved itself."""
        return self.credential is not None


def authenticate(ctx: Context, credentials: Credentials) -> Client:
    """The client that these credentials name; one without any is a public client."""
    if credentials.method == "assertion":
        return _by_assertion(ctx, credentials)
    key, secret = credentials.unverified_key, credentials.unverified_secret
    app = ctx.directory.find(keys.find, key) if is_guid(key) else None
    if app is None or not app.works:
        raise Refusal(INVALID_CLIENT, detail="unknown or stopped key", method=credentials.method)
    if secret is None:
        return Client(app)
    if not (has_shape("kss_", secret) or app.has_declared_secrets):
        raise Refusal(INVALID_CLIENT, detail="no secret has this shape", method=credentials.method)
    kept = ctx.directory.find(keys.map_secrets, key)
    found = next((kept[digest] for digest in ctx.digester.digests(secret) if digest in kept), None)
    if found is None or not is_live(found, ctx.now):
        detail = "wrong secret" if found is None else "expired secret"
        raise Refusal(INVALID_CLIENT, detail=detail, method=credentials.method)
    return Client(app, found.id)


def demand_proof(client: Client, *public: Grant) -> None:
    """Refuse an app that shows nothing, unless it registers one of these grants: those that need no secret.

    Source: RFC 6749 §5.2, "no client authentication included".
    """
    if not client.is_authenticated and client.app.grants.isdisjoint(public):
        raise Refusal(INVALID_CLIENT, detail="no credentials", method="none")


def demand_authenticated(ctx: Context, credentials: Credentials) -> Client:
    """The client that these credentials prove."""
    client = authenticate(ctx, credentials)
    if not client.is_authenticated:
        raise Refusal(INVALID_CLIENT, detail="no credentials", method=credentials.method)
    return client


def live_keypairs(ctx: Context, key: str) -> list[Keypair]:
    """The keypairs of an app that are good now."""
    now = ctx.now
    return [each for each in ctx.directory.find(keys.list_keypairs, key) if is_live(each, now)]


def signer_of(jwt: Jwt, keypairs: Iterable[Keypair]) -> Keypair | None:
    """The keypair that signed an assertion. A `kid` names one, by its id or its thumbprint."""
    kid = jwt.unverified_header.get("kid")
    named = (each for each in keypairs if kid is None or kid in (each.id, each.thumbprint))
    return next((each for each in named if is_client_signature(jwt, load_public_key(each.public_pem))), None)


def burn_assertion(ctx: Context, app: App, jwt: Jwt) -> None:
    """Use an assertion once, by the id that its client gave it."""
    claims = jwt.unverified_claims
    token_id = claims["jti"]
    if not isinstance(token_id, str) or not token_id:
        raise Refusal(MALFORMED_ASSERTION, detail="jti is no text")
    expires_at = datetime.fromtimestamp(float(claims["exp"]), UTC) + ctx.policy.clock_skew
    digest = hashlib.sha256(token_id.encode()).hexdigest()  # no secret, and used under every master key
    with ctx.database.writing() as tx:
        if not tokens.burn_assertion(tx, app.key, digest, expires_at):
            raise Refusal(ASSERTION_REUSED)


def _by_assertion(ctx: Context, credentials: Credentials) -> Client:
    """`private_key_jwt`: a JWT signed with one of the app's keypairs, made for us, short-lived and used once."""
    try:
        return _proved(ctx, credentials, take_apart(credentials.unverified_assertion))
    except BadToken as error:
        raise Refusal(INVALID_CLIENT, detail=str(error), method="assertion") from None
    except Refusal as refusal:
        if refusal.kind.status >= 500:
            raise
        raise Refusal(INVALID_CLIENT, detail=refusal.detail or refusal.kind.code, method="assertion") from None


def _proved(ctx: Context, credentials: Credentials, jwt: Jwt) -> Client:
    claims = jwt.unverified_claims
    key = claims.get("iss")
    app = ctx.directory.find(keys.find, key) if isinstance(key, str) and is_guid(key) else None
    if app is None or not app.works or credentials.unverified_key not in ("", key):
        raise Refusal(INVALID_CLIENT, detail="unknown or stopped key, or another than the form names")
    signer = signer_of(jwt, live_keypairs(ctx, app.key))
    if signer is None:
        raise Refusal(NO_VALID_KEYS_OR_SIGNATURES)
    assertion = ClientAssertion(
        app=app,
        policy=ctx.policy,
        audiences=audiences((ctx.authority, *ctx.hosts)),
        clock=ctx.machine_clock(),
        audience=claims.get("aud"),
        subject=claims.get("sub"),
        issued=claims.get("iat"),
        not_before=claims.get("nbf"),
        expires=claims.get("exp"),
        token_id=claims.get("jti"),
    )
    demand(CLIENT_ASSERTION, assertion)
    burn_assertion(ctx, app, jwt)
    return Client(app, signer.id)
