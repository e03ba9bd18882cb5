"""Which public keys may somebody upload?"""

import textwrap

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from keysteward.crypto.signing import BadPublicKey, checked_public_key, generate_keypair, thumbprint
from tests.cast import rsa_keypair

PKCS1, SPKI = serialization.PublicFormat.PKCS1, serialization.PublicFormat.SubjectPublicKeyInfo
AnyKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | dsa.DSAPublicKey


def pem_of(public: AnyKey, form: serialization.PublicFormat = SPKI) -> str:
    """A public key as people paste it."""
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def of_bits(bits: int) -> rsa.RSAPublicKey:
    """An RSA public key of any size: what is checked is its size, not who knows its factors."""
    return rsa.RSAPublicNumbers(65_537, (1 << bits) - 159).public_key()


def the_public() -> rsa.RSAPublicKey:
    """The public half of the cast's keypair."""
    public = serialization.load_pem_public_key(rsa_keypair()[1].encode())
    assert isinstance(public, rsa.RSAPublicKey)
    return public


def reason(pem: str) -> str:
    """Expect that a PEM is refused; answer with the reason."""
    with pytest.raises(BadPublicKey) as caught:
        checked_public_key(pem)
    return str(caught.value)


def test_a_generated_pair_belongs_together() -> None:
    """The private half that is shown once has the public half that is kept."""
    private_pem, public_pem = generate_keypair()
    private = serialization.load_pem_private_key(private_pem.encode(), None)

    assert isinstance(private, rsa.RSAPrivateKey)
    assert private_pem.startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    assert (pem_of(private.public_key()), private.key_size) == (public_pem, 2048)


def test_a_public_key_is_kept_in_one_form() -> None:
    """Whatever PEM it came in, the same key reads and is named the same."""
    pem = rsa_keypair()[1]
    forms = [pem, f"\n\n  {pem}\n ", pem.replace("\n", "\r\n"), pem_of(the_public(), PKCS1)]

    assert {checked_public_key(form) for form in forms} == {pem}
    assert {thumbprint(checked_public_key(form)) for form in forms} == {thumbprint(pem)}


def test_a_private_key_is_sent_back() -> None:
    """Whoever pastes the private half is told to keep it, however it is wrapped."""
    private_pem, public_pem = rsa_keypair()

    for pasted in (private_pem, public_pem + private_pem, private_pem.replace("RSA PRIVATE", "PRIVATE")):
        assert reason(pasted) == "it is a private key; keep that to yourself and upload the public half."


@pytest.mark.parametrize(
    "public",
    [ec.generate_private_key(ec.SECP384R1()).public_key(), ed25519.Ed25519PrivateKey.generate().public_key()],
    ids=["another curve", "Edwards curve"],
)
def test_a_key_of_another_kind_is_refused(public: AnyKey) -> None:
    """RS256 is verified with RSA, and ES256 with the curve P-256 alone."""
    assert reason(pem_of(public)) == "it is neither RSA nor of the curve P-256."


def test_a_key_of_the_curve_p256_is_taken() -> None:
    """In the one form that all public keys are kept in."""
    pem = pem_of(ec.generate_private_key(ec.SECP256R1()).public_key())

    assert checked_public_key(f"\n{pem}\n") == pem


@pytest.mark.parametrize("bits", [1024, 2047, 8193])
def test_a_key_of_another_size_is_refused(bits: int) -> None:
    """Below 2,048 bits a key is weak, above 8,192 it is a burden: both are refused with their size."""
    assert reason(pem_of(of_bits(bits))) == f"it has {bits} bits."


@pytest.mark.parametrize("bits", [2048, 3072, 4096, 8192])
def test_a_key_of_a_good_size_is_taken(bits: int) -> None:
    """2,048 to 8,192 bits are taken."""
    assert checked_public_key(pem_of(of_bits(bits))) == pem_of(of_bits(bits))


BROKEN = [
    "",
    "not a key",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ ada@acme.example",
    "-----BEGIN PUBLIC KEY-----\n\x00\n-----END PUBLIC KEY-----",
]


@pytest.mark.parametrize("pem", BROKEN)
def test_what_is_no_pem_is_refused(pem: str) -> None:
    """Whatever else is pasted, the answer says that it is not PEM."""
    assert reason(pem) == "it is not PEM."


def test_a_pem_that_was_cut_is_refused() -> None:
    """Half a key is no key."""
    lines = rsa_keypair()[1].splitlines()

    assert reason("\n".join(lines[:3] + lines[-1:])) == "it is not PEM."
    assert reason(textwrap.dedent("\n".join(lines[:-1]))) == "it is not PEM."


def test_thumbprints_tell_keys_apart() -> None:
    """A thumbprint is 43 characters of base64url, another for another key."""
    one, other = thumbprint(rsa_keypair()[1]), thumbprint(pem_of(of_bits(2048)))

    assert (len(one), len(other), one == other) == (43, 43, False)
