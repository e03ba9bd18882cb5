"""How is a credential sealed so that only recovery recipients can open it?

The files are those of age (age-encryption.org/v1), armored, so that any program of that format opens them. The private
identities never come here.
"""

from collections.abc import Sequence

import pyrage
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # bech32 (BIP 173), in which age writes its keys
_PREFIX, _CHECKSUM_LETTERS, _KEY_BYTES = "age1", 6, 32


class BadRecipient(Exception):
    """A recipient cannot be used. The message is for whoever typed it, and repeats nothing of it."""


def checked_recipient(unverified: str) -> str:
    """A public key of age, `age1…`, to which something can be sealed: in small letters, without blanks around it."""
    typed = unverified.strip().lower()
    if "secret-key" in typed:
        raise BadRecipient("this is a private identity, which must never leave its owner; give the line that begins "
                           "with age1, and make a new pair if others could read this one.")  # fmt: skip
    if not typed.startswith(_PREFIX):
        raise BadRecipient("give the public key of an age pair; it begins with age1.")
    try:
        recipient = str(pyrage.x25519.Recipient.from_str(typed))
    except pyrage.RecipientError:
        raise BadRecipient("this is no public key of age; copy the whole line that begins with age1.") from None
    if not _keeps_secrets(_raw(recipient)):
        raise BadRecipient("everybody can open what is sealed to this key; make a pair with age-keygen.")
    return recipient


def seal_to(recipients: Sequence[str], plain: bytes) -> bytes:
    """The armored file that any one of the recipients can open, and nobody else."""
    return pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(each) for each in recipients], armored=True)


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
