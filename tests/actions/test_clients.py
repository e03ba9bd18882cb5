"""Does a client prove itself with its keypair exactly when it is the one that signed?"""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from keysteward.actions import clients, credentials, keys, tokens
from keysteward.actions.context import Context
from keysteward.rules.clients import Credentials
from keysteward.rules.refusals import INVALID_CLIENT, NO_VALID_KEYS_OR_SIGNATURES, Refusal
from tests.cast import ADA, BO, CALLBACK, SAM, UNKNOWN, Made, Town, refused

P256 = ec.generate_private_key(ec.SECP256R1())
P256_PRIVATE = P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
P256_PUBLIC = P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def proof(town: Town, ctx: Context, made: Made, **claims: Any) -> Credentials:  # noqa: ANN401 — a claim may be any JSON
    """What a client that signs says of itself."""
    said = {"sub": made.key, "jti": "one", "scope": None} | claims
    return Credentials("", None, "assertion", town.assertion(ctx, made, None, **said))


def test_a_signed_assertion_proves_the_client(town: Town, demo: Context, made: Made) -> None:
    """The client is the app whose keypair signed, and the keypair is named."""
    (keypair,) = keys.view(demo, town.actor(ADA), made.key).settings.keypairs
    client = clients.authenticate(demo, proof(town, demo, made))

    assert (client.app.key, client.credential, client.is_authenticated) == (made.key, keypair.id, True)


def test_a_code_is_redeemed_with_it(town: Town, demo: Context, made: Made) -> None:
    """Instead of a secret key; the family is a confidential client's."""
    code = town.code(demo, made, SAM)
    answer = tokens.exchange_code(demo, proof(town, demo, made), code, CALLBACK, None)
    again = tokens.refresh(demo, proof(town, demo, made, jti="two"), answer.refresh_token or "", None)

    assert again.scope == "signature"
    with pytest.raises(Refusal):
        tokens.refresh(demo, made.unproved, again.refresh_token or "", None)


def test_it_is_used_once(town: Town, demo: Context, made: Made) -> None:
    """The same assertion proves nobody a second time."""
    shown = proof(town, demo, made)
    clients.authenticate(demo, shown)
    with refused(INVALID_CLIENT):
        clients.authenticate(demo, shown)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("another subject", {"sub": UNKNOWN}),
    ("a user as the subject", {"sub": SAM.demo}),
    ("no subject", {"sub": None}),
    ("an unknown issuer", {"iss": UNKNOWN, "sub": UNKNOWN}),
    ("another audience", {"aud": "account.example.com"}),
    ("two audiences", {"aud": ["demo.test:8443", "account.example.com"]}),
    ("expired", {"exp": 1}),
    ("from the future", {"nbf": 9_999_999_999}),
    ("too long a life", {"exp": 9_999_999_999}),
    ("no expiry", {"exp": None}),
    ("no id", {"jti": None}),
    ("an id that is no text", {"jti": 7}),
    ("an empty id", {"jti": ""}),
]


@pytest.mark.parametrize("claims", [claims for _, claims in WRONG], ids=[name for name, _ in WRONG])
def test_a_wrong_assertion_proves_nobody(town: Town, demo: Context, made: Made, claims: dict[str, Any]) -> None:
    """Every claim is judged, and the refusal is always the client's."""
    with refused(INVALID_CLIENT):
        clients.authenticate(demo, proof(town, demo, made, **claims))


@pytest.mark.parametrize("unverified", ["", "a.b.c", "garbage"])
def test_garbage_proves_nobody(demo: Context, unverified: str) -> None:
    """What is no JWT is refused as any other."""
    with refused(INVALID_CLIENT):
        clients.authenticate(demo, Credentials("", None, "assertion", unverified))


def test_the_form_may_name_the_client_and_no_other(town: Town, demo: Context, made: Made) -> None:
    """A client_id beside the assertion must be the same."""
    shown = proof(town, demo, made)
    with refused(INVALID_CLIENT):
        clients.authenticate(demo, Credentials(UNKNOWN, None, "assertion", shown.unverified_assertion))
    named = Credentials(made.key, None, "assertion", shown.unverified_assertion)

    assert clients.authenticate(demo, named).app.key == made.key


def test_the_grant_s_assertion_is_none(town: Town, demo: Context, made: Made) -> None:
    """An assertion that asks for a user's token does not prove the client, and the reverse."""
    with refused(INVALID_CLIENT):
        clients.authenticate(demo, Credentials("", None, "assertion", town.assertion(demo, made, SAM, jti="x")))
    with pytest.raises(Refusal):
        tokens.grant_assertion(demo, proof(town, demo, made).unverified_assertion)


def test_a_keypair_of_the_curve_p256_signs_es256(town: Town, demo: Context, made: Made) -> None:
    """An app may keep an EC keypair; its assertions are ES256 and nothing else."""
    keypair = credentials.add_public_key(demo, town.actor(ADA), made.key, P256_PUBLIC)
    now = int(demo.now.timestamp())
    said = {"iss": made.key, "sub": made.key, "aud": demo.authority, "iat": now, "exp": now + 60, "jti": "ec"}
    client = clients.authenticate(demo, Credentials("", None, "assertion", jwt.encode(said, P256_PRIVATE, "ES256")))

    assert client.credential == keypair.id


@pytest.mark.parametrize("name", ["id", "thumbprint"])
def test_a_kid_names_the_keypair(town: Town, demo: Context, made: Made, name: str) -> None:
    """By its id or its thumbprint; a kid that names another keypair finds none."""
    (own,) = keys.view(demo, town.actor(ADA), made.key).settings.keypairs
    other = credentials.add_public_key(demo, town.actor(BO), made.key, P256_PUBLIC)
    town.consent(demo, made, SAM)
    named = town.assertion(demo, made, SAM, headers={"kid": str(getattr(own, name))})

    assert tokens.grant_assertion(demo, named).scope == "signature"
    for kid in (getattr(other, name), "../../etc/passwd", "' OR 1=1 --", ""):
        with refused(NO_VALID_KEYS_OR_SIGNATURES):
            tokens.grant_assertion(demo, town.assertion(demo, made, SAM, headers={"kid": kid}))


@pytest.mark.parametrize("header", ["jku", "jwk", "x5u", "x5c", "crit"])
def test_a_key_that_comes_along_is_not_believed(town: Town, demo: Context, made: Made, header: str) -> None:
    """A header that brings a key, or its address, spoils the assertion, however well it is signed."""
    town.consent(demo, made, SAM)
    value: Any = {"jwk": {"kty": "oct"}, "x5c": ["AA=="], "crit": ["exp"]}.get(header, "https://evil.example/key")
    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, town.assertion(demo, made, SAM, headers={header: value}))
