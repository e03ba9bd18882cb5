"""How are private keys kept at rest?"""

import contextlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keysteward.crypto.hashing import derive

_NONCE_BYTES = 12


class Sealer:
    """Encrypts with AES-256-GCM under a key derived from the master key; `label` binds what is sealed to its place.

    Of several master keys the first seals, and all open.
    """

    def __init__(self, *master_keys: bytes) -> None:
        self._ciphers = tuple(AESGCM(derive(master_key, "sealing")) for master_key in master_keys)

    def seal(self, plain: bytes, label: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, label.encode())

    def open(self, sealed: bytes, label: str) -> bytes:
        """The plain bytes; raises InvalidTag where key or label differ."""
        for cipher in self._ciphers:
            with contextlib.suppress(InvalidTag):
                return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label.encode())
        raise InvalidTag
