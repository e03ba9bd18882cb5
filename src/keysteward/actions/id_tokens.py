"""Who signed in, when, and to which app: what does an id token say, and who reads it again?"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.signing import BadToken, half_hash, verify
from keysteward.rules.refusals import BAD_ID_TOKEN, Refusal

_TYPE = "JWT"


class IdToken(NamedTuple):
    """What an id token says: of whom, to which app, since when they are signed in, and the app's own nonce.

    `about` is what it says of them where no access token goes with it.
    """

    key: str
    user: str
    signed_in_at: datetime
    nonce: str | None
    about: Mapping[str, str | bool] = MappingProxyType({})


def sign_id_token(ctx: Context, said: IdToken, access_token: str | None) -> str:
    """An id token, beside an access token or alone (OpenID Connect Core §2)."""
    now = int(ctx.now.timestamp())
    claims: dict[str, Any] = {
        "iss": ctx.issuer,
        "sub": said.user,
        "aud": said.key,
        "iat": now,
        "exp": now + int(ctx.policy.jwt_token_life.total_seconds()),
        "auth_time": int(said.signed_in_at.timestamp()),
        **said.about,
    }
    if said.nonce is not None:
        claims["nonce"] = said.nonce
    if access_token is not None:
        claims["at_hash"] = half_hash(access_token)
    return ctx.access_key.sign(_TYPE, claims)


def read_id_token(ctx: Context, unverified_token: str) -> IdToken:
    """What an id token of ours said, expired or not; its nonce is its app's alone.

    An app keeps the one of a sign-in for as long as it may refresh, while signing keys come and go.
    """
    keys = ctx.keyring.believed(ctx.directory, ctx.now, max(ctx.policy.refresh_life, ctx.longest_token_life))
    try:
        claims = verify(unverified_token, _TYPE, keys)
    except BadToken as error:
        raise Refusal(BAD_ID_TOKEN, detail=str(error)) from None
    if claims.get("iss") != ctx.issuer:
        raise Refusal(BAD_ID_TOKEN, detail="another issuer")
    return IdToken(claims["aud"], claims["sub"], datetime.fromtimestamp(claims["auth_time"], ctx.now.tzinfo), None)
