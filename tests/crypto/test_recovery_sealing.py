"""Can whoever should open what is sealed for recovery, and nobody else?"""

import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.crypto.recovery_sealing import BadRecipient, checked_recipient, seal_to
from tests.cast import rsa_keypair
from tests.recovering import opened, pair
from tests.setup.install import NODE as PACKAGES

NODE = Path(sys.executable).parent / "node"
PROGRAM = Path(__file__).parent.parent / "clients" / "node" / "age.mjs"
POINT_ZERO = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
ORDER_EIGHT = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
SHORT_RSA = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCuEGSdmRtrrc7Pdk8d3JevD2o008Ujob4/IVU7Bq5M7I9a8EN+G4s/f3edQICz"
    "N04fM0rqycilXr9qnL2V0R3LFq5DVTFhk2p+/3nNe6cuJdg3t0PDYeyMk3Wh8N92zvCniN0wiitLpkD+LliGsl3C0tre+0oh3DMTeloIfJ2BUQ=="
)
POINT_ONE = "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya"


@settings(max_examples=20)
@given(st.text(st.characters(codec="utf-8")))
def test_each_recipient_opens_it(plain: str) -> None:
    """Any one of them is enough, and somebody else's identity is not."""
    sealed = seal_to([pair("one").public_key, pair("two").public_key], plain.encode())

    assert [opened(sealed, pair(name)) for name in ("one", "two")] == [plain, plain]
    with pytest.raises(pyrage.DecryptError):
        opened(sealed, pair("three"))


def test_another_implementation_opens_it() -> None:
    """The age library of the Node world, which is by the author of the format, reads what we sealed."""
    plain = "-----BEGIN PRIVATE KEY-----\nGrüße\n-----END PRIVATE KEY-----\n"
    sealed = seal_to([pair("two").public_key, pair("one").public_key], plain.encode())
    told = subprocess.run(
        [NODE, PROGRAM], input=json.dumps({"identity": pair("one").identity, "file": sealed.decode()}),
        env={"NODE_CLIENTS": str(PACKAGES)}, capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip

    assert (told.stderr, told.stdout) == ("", plain)


def test_what_age_prints_is_taken_as_it_is() -> None:
    """Blanks around it and letter case do not matter."""
    public_key = pair().public_key

    assert checked_recipient(f"  {public_key.upper()}\n") == public_key


# ── SSH keys ────────────────────────────────────────────────────────────────────────────────────────────────────────
def ssh_line(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """The public line of an SSH key, as its file has it but for the comment."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def of_point(point: str) -> str:
    """An ssh-ed25519 line with a point of the curve."""
    fields = (b"ssh-ed25519", bytes.fromhex(point))
    return "ssh-ed25519 " + b64encode(b"".join(len(each).to_bytes(4) + each for each in fields)).decode()


def ssh_keys() -> list[ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey]:
    """One of each kind."""
    known = load_pem_private_key(rsa_keypair()[0].encode(), None)
    assert isinstance(known, rsa.RSAPrivateKey)
    return [ed25519.Ed25519PrivateKey.generate(), known]


def test_an_ssh_key_opens_it() -> None:
    """Of both kinds, beside a pair of age; it is kept without the comment, which names a person and a machine."""
    keys = ssh_keys()
    kept = [checked_recipient(f" {ssh_line(each)}   bo leaver@laptop\n") for each in keys]
    sealed = seal_to([pair().public_key, *kept], "Grüße".encode())
    private = [each.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()) for each in keys]

    assert kept == [ssh_line(each) for each in keys]
    assert opened(sealed, pair()) == "Grüße"
    assert [pyrage.decrypt(sealed, [pyrage.ssh.Identity.from_buffer(each)]).decode() for each in private] == [
        "Grüße"
    ] * 2


REFUSED = {
    "nothing": ("", "begins with age1"),
    "an identity": (pair().identity, "private identity"),
    "a key of another program": ("-----BEGIN PGP PUBLIC KEY BLOCK-----", "begins with age1"),
    "half an SSH key": ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "copy the whole line of the file"),
    "no SSH key": ("ssh-rsa é", "copy the whole line of the file"),
    "the word alone": ("ssh-ed25519", "copy the whole line of the file"),
    "an SSH key of another kind": (ssh_line(ec.derive_private_key(7, ec.SECP256R1())), "ssh-ed25519 and ssh-rsa alone"),
    "an SSH key on a device": ("sk-ssh-ed25519@openssh.com AAAA", "ssh-ed25519 and ssh-rsa alone"),
    "an SSH certificate": ("ssh-rsa-cert-v01@openssh.com AAAA", "ssh-ed25519 and ssh-rsa alone"),
    "a short SSH key": (SHORT_RSA, "2048 to 4096 bits"),
    "a private SSH key": ("-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaA", "private identity"),
    "the neutral point of SSH": (of_point("01" + "00" * 31), "everybody can open"),
    "a point of order eight": (of_point(ORDER_EIGHT), "everybody can open"),
    "no point": (of_point("02" + "00" * 31), "cannot seal"),
    "a letter changed": (pair().public_key[:-1] + ("q" if pair().public_key[-1] != "q" else "p"), "copy the whole"),
    "half of it": (pair().public_key[:30], "copy the whole"),
    "no letter of the alphabet": ("age1é", "copy the whole"),
    "the point zero": (POINT_ZERO, "everybody can open"),
    "the point one": (POINT_ONE, "everybody can open"),
}


@pytest.mark.parametrize(("unverified", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_no_other_recipient(unverified: str, reason: str) -> None:
    """Nothing is sealed to what is no public key, or to one that would hide nothing; the reason repeats no letter."""
    with pytest.raises(BadRecipient, match=reason) as caught:
        checked_recipient(unverified)
    assert not unverified or unverified not in str(caught.value)
