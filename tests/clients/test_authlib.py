"""Does a generic OAuth client in Python, Authlib, work with what discovery tells it?"""

from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.twin.person import Person
from tests.twin.running import Place

Metadata = dict[str, Any]


def get(place: Place, url: str) -> Metadata:
    """Get JSON from an absolute address of the environment."""
    found: Metadata = place.session.get(url, timeout=30).json()
    return found


@pytest.fixture(params=["openid-configuration", "oauth-authorization-server"])
def metadata(place: Place, request: pytest.FixtureRequest) -> Metadata:
    """What discovery tells, at either of its addresses."""
    return get(place, f"{place.origin}/.well-known/{request.param}")


def session(place: Place, method: str, scope: str = "signature extended") -> OAuth2Session:
    """Authlib's client, with one way to authenticate."""
    variables = place.variables
    secret = None if method == "none" else variables["DS_SECRET_KEY"]
    client = OAuth2Session(
        variables["DS_INTEGRATION_KEY"], secret, scope=scope, redirect_uri=variables["DS_REDIRECT_URI"],
        token_endpoint_auth_method=method,
    )  # fmt: skip
    client.verify, client.trust_env = place.ca_file, False
    return client


def tokens(client: OAuth2Session, metadata: Metadata, ada: Person, *, pkce: bool, **extra: str) -> Any:  # noqa: ANN401 — a dict of Authlib's
    """Send Ada through the browser and exchange what comes back."""
    verifier = generate_token(48)
    challenge = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
    asked = extra | (challenge if pkce else {})
    url, state = client.create_authorization_url(metadata["authorization_endpoint"], **asked)
    told = ada.authorize(url, client.redirect_uri)
    proof = {"code_verifier": verifier} if pkce else {}
    return client.fetch_token(metadata["token_endpoint"], code=told["code"], state=state, **proof)


def test_discovery_is_whole(place: Place, metadata: Metadata) -> None:
    """Every address lies at the environment's own origin, and the keys are published."""
    addresses = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]

    assert metadata["issuer"] == f"{place.origin}/"
    assert len(addresses) >= 4
    assert all(address.startswith(f"{place.origin}/") for address in addresses)
    assert get(place, metadata["jwks_uri"])["keys"][0]["kty"] == "RSA"


@pytest.mark.parametrize(
    ("method", "pkce"),
    [("client_secret_basic", True), ("client_secret_basic", False), ("client_secret_post", True), ("none", True)],
)
def test_code_and_refresh(place: Place, ada: Person, metadata: Metadata, method: str, pkce: bool) -> None:
    """With and without a secret the code gives tokens, userinfo answers, and a refresh gives others."""
    with session(place, method) as client:
        first = tokens(client, metadata, ada, pkce=pkce)
        info = client.get(metadata["userinfo_endpoint"]).json()
        second = client.refresh_token(metadata["token_endpoint"], refresh_token=first["refresh_token"])

        assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 28_800, "signature extended")
        assert (info["email"], info["accounts"][0]["is_default"]) == (ada.email, True)
        assert first["access_token"] != second["access_token"]
        assert first["refresh_token"] != second["refresh_token"]
        assert client.get(metadata["userinfo_endpoint"]).status_code == 200


def test_a_public_client_needs_a_challenge(place: Place, ada: Person, metadata: Metadata) -> None:
    """Without a secret and without PKCE the code is not exchanged."""
    with session(place, "none") as client, pytest.raises(OAuthError) as raised:
        tokens(client, metadata, ada, pkce=False)

    assert raised.value.error == "invalid_request"


def test_openid_gives_an_id_token(place: Place, ada: Person, metadata: Metadata) -> None:
    """Signed by a published key, for this client, with the nonce and the subject that userinfo names."""
    with session(place, "client_secret_basic", "openid signature") as client:
        given = tokens(client, metadata, ada, pkce=True, nonce="n-123")
        keys = KeySet.import_key_set(get(place, metadata["jwks_uri"]))  # type: ignore[arg-type]
        claims = jwt.decode(given["id_token"], keys, algorithms=["RS256"]).claims

        assert (claims["iss"], claims["nonce"]) == (metadata["issuer"], "n-123")
        assert claims["aud"] == place.variables["DS_INTEGRATION_KEY"]
        assert claims["sub"] == client.get(metadata["userinfo_endpoint"]).json()["sub"]


def test_jwt_bearer(place: Place, metadata: Metadata) -> None:
    """An assertion session signs in by itself, with an assertion that carries a jti."""
    variables = place.variables
    key = RSAKey.import_key(Path(variables["DS_PRIVATE_KEY_FILE"]).read_bytes())
    client = AssertionSession(
        token_endpoint=metadata["token_endpoint"], issuer=variables["DS_INTEGRATION_KEY"],
        subject=variables["DS_USER_ID"], audience=place.host, claims={"scope": "signature impersonation"}, key=key,
        header={"alg": "RS256"}, alg="RS256",
    )  # fmt: skip
    client.verify, client.trust_env = place.ca_file, False
    with client:
        assert client.get(metadata["userinfo_endpoint"]).json()["sub"] == variables["DS_USER_ID"]


def test_refusals_are_errors_of_the_client(place: Place, metadata: Metadata) -> None:
    """A refresh token that is none is invalid_grant, a wrong secret invalid_client."""
    with session(place, "client_secret_post") as client, pytest.raises(OAuthError) as raised:
        client.refresh_token(metadata["token_endpoint"], refresh_token="bogus")
    assert raised.value.error == "invalid_grant"

    client.client_secret = "bogus"
    with client, pytest.raises(OAuthError) as raised:
        client.refresh_token(metadata["token_endpoint"], refresh_token="bogus")
    assert raised.value.error == "invalid_client"


def test_userinfo_tells_why_not(place: Place, metadata: Metadata) -> None:
    """A bad token is 401 with a challenge, for clients that read the header and for those that read the body."""
    answer: requests.Response = place.session.get(
        metadata["userinfo_endpoint"], headers={"Authorization": "Bearer bogus"}, timeout=30
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
