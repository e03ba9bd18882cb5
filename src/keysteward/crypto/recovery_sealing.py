"""How is a credential sealed so that only recovery recipients can open it?

The files are those of age (age-encryption.org/v1), armored, so that any program of that format opens them. The private
identities never come here.
"""

from collections.abc import Sequence

import pyrage
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # bech32 (BIP 173), in which age writes its keys
_PREFIX, _CHECKSUM_LETTERS, _KEY_BYTES = "age1", 6, 32
_SSH_KINDS, _OTHER_SSH = ("ssh-ed25519", "ssh-rsa"), ("ssh-", "ecdsa-", "sk-")
_RSA_BITS = range(2048, 4096 + 1)  # what the library takes
_FIELD = 2**255 - 19  # of Curve25519

_BY_HAND = "give the line of an age pair that begins with age1, or that of an SSH public key, ssh-ed25519 or ssh-rsa."
_IDENTITY = (
    "this is a private identity, which must never leave its owner; give the public line of the pair, and make a new "
    "pair if others could read this one."
)
_KNOWN_TO_ALL = "everybody can open what is sealed to this key; make a pair with age-keygen or ssh-keygen."


class BadRecipient(Exception):
    """A recipient cannot be used. The message is for whoever typed it, and repeats nothing of it."""


def checked_recipient(unverified: str) -> str:
    """A public key to which something can be sealed, in the one way in which it is kept.

    That is `age1…` in small letters, or an SSH key of the kinds that age takes, without the comment behind it.
    """
    typed = unverified.strip()
    folded = typed.lower()
    if "secret-key" in folded or "private key" in folded:
        raise BadRecipient(_IDENTITY)
    if folded.startswith(_PREFIX):
        return _checked_age(folded)
    if typed.startswith(_OTHER_SSH):
        return _checked_ssh(typed)
    raise BadRecipient(_BY_HAND)


def seal_to(recipients: Sequence[str], plain: bytes) -> bytes:
    """The armored file that any one of the recipients can open, and nobody else."""
    return pyrage.encrypt(plain, [_recipient(each) for each in recipients], armored=True)


def _recipient(kept: str) -> pyrage.x25519.Recipient | pyrage.ssh.Recipient:
    if kept.startswith(_PREFIX):
        return pyrage.x25519.Recipient.from_str(kept)
    return pyrage.ssh.Recipient.from_str(kept)


def _checked_age(typed: str) -> str:
    try:
        recipient = str(pyrage.x25519.Recipient.from_str(typed))
    except pyrage.RecipientError:
        raise BadRecipient("this is no public key of age; copy the whole line that begins with age1.") from None
    if not _keeps_secrets(_raw(recipient)):
        raise BadRecipient(_KNOWN_TO_ALL)
    return recipient


def _checked_ssh(typed: str) -> str:
    kind, _, rest = typed.partition(" ")
    if kind not in _SSH_KINDS:
        raise BadRecipient("age seals to SSH keys of the kinds ssh-ed25519 and ssh-rsa alone; give one of these.")
    try:
        found = load_ssh_public_key(f"{kind} {rest.split(maxsplit=1)[0] if rest.split() else ''}".encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadRecipient("this is no SSH public key; copy the whole line of the file that ends in .pub.") from None
    _demand_strong(found)
    kept = found.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    try:
        pyrage.ssh.Recipient.from_str(kept)
    except pyrage.RecipientError:
        raise BadRecipient("age cannot seal to this SSH key; make another with ssh-keygen -t ed25519.") from None
    return kept


def _demand_strong(found: object) -> None:
    if isinstance(found, RSAPublicKey) and found.key_size not in _RSA_BITS:
        raise BadRecipient("age takes SSH keys of RSA with 2048 to 4096 bits; give another.")
    if isinstance(found, Ed25519PublicKey) and not _keeps_secrets(_as_x25519(found.public_bytes_raw())):
        raise BadRecipient(_KNOWN_TO_ALL)


def _keeps_secrets(public_key: bytes) -> bool:
    """A few points of the curve share the same secret with everybody; with one of them the library gives up."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError:
        return False
    return True


def _raw(recipient: str) -> bytes:
    """The point of a recipient whose letters and checksum are right."""
    letters = recipient.removeprefix(_PREFIX)[:-_CHECKSUM_LETTERS]
    number = sum(_LETTERS.index(letter) << 5 * place for place, letter in enumerate(reversed(letters)))
    surplus_bits = 5 * len(letters) - 8 * _KEY_BYTES
    return (number >> surplus_bits).to_bytes(_KEY_BYTES)


def _as_x25519(public_key: bytes) -> bytes:
    """The point to which age seals for an Ed25519 key: the same one on the other form of the curve (RFC 7748, 4.1)."""
    y = int.from_bytes(public_key, "little") & ((1 << 255) - 1)
    return ((1 + y) * pow(1 - y, _FIELD - 2, _FIELD) % _FIELD).to_bytes(_KEY_BYTES, "little")
