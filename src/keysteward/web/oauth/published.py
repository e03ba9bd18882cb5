"""What does an environment publish of itself: endpoints, abilities and public keys?"""

from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import calls, promotion, tokens
from keysteward.actions.context import Unreachable
from keysteward.actions.quickly import patiently, quickly
from keysteward.rules.authorize import PROMPTS
from keysteward.rules.grants import JWT_BEARER
from keysteward.rules.refusals import Refusal
from keysteward.rules.tokens import SENTENCES
from keysteward.web.answers import json_answer
from keysteward.web.reading import context

_PROOFS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
_ASSERTION_ALGORITHMS = ["RS256", "ES256"]
_CLAIMS = [
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"),
    *("name", "given_name", "family_name", "email", "email_verified", "created", "accounts"),
]


async def discovery(request: Request) -> Response:
    """`GET /.well-known/openid-configuration` and `/oauth-authorization-server`."""
    ctx = context(request)
    return json_answer(
        {
            "issuer": ctx.issuer,
            "authorization_endpoint": f"{ctx.origin}/oauth/auth",
            "token_endpoint": f"{ctx.origin}/oauth/token",
            "userinfo_endpoint": f"{ctx.origin}/oauth/userinfo",
            "revocation_endpoint": f"{ctx.origin}/oauth/revoke",
            "introspection_endpoint": f"{ctx.origin}/oauth/introspect",
            "end_session_endpoint": f"{ctx.origin}/oauth/logout",
            "jwks_uri": f"{ctx.origin}/oauth/jwks",
            "scopes_supported": list(SENTENCES),
            "response_types_supported": ["code", "token", "id_token", "id_token token"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token", "implicit", JWT_BEARER],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ctx.keyring.algorithm],
            "token_endpoint_auth_methods_supported": [*_PROOFS, "none"],
            "token_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
            "revocation_endpoint_auth_methods_supported": [*_PROOFS, "none"],
            "revocation_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
            "introspection_endpoint_auth_methods_supported": _PROOFS,
            "introspection_endpoint_auth_signing_alg_values_supported": _ASSERTION_ALGORITHMS,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "claims_supported": _CLAIMS,
            "claims_parameter_supported": False,
            "prompt_values_supported": list(PROMPTS),
            "ui_locales_supported": ["en"],
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
    )


async def jwks(request: Request) -> Response:
    """`GET /oauth/jwks`: the public halves of the keys that sign tokens, for a minute also without the database."""
    ctx = context(request)
    try:
        keys = await quickly(ctx, tokens.published_keys)
    except (Refusal, *Unreachable):
        keys = tokens.last_known_keys(ctx)
    return json_answer({"keys": keys})


async def papers(request: Request) -> Response:
    """`GET /.well-known/keysteward-papers`: the public halves of the keys that sign papers."""
    return json_answer({"keys": await patiently(context(request), promotion.paper_keys)})


async def gateway_keys(request: Request) -> Response:
    """`GET /.well-known/keysteward-calls`: the public half of the key that signs who calls, for APIs behind us."""
    return json_answer({"keys": calls.published_keys(context(request))})
