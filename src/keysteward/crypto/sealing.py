"""How are private keys kept at rest?"""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keysteward.crypto.hashing import derive

_NONCE_BYTES = 12


class Sealer:
    """Encrypts with AES-256-GCM under a key derived from the master key; `label` binds what is sealed to its place."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(derive(master_key, "sealing"))

    def seal(self, plain: bytes, label: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, label.encode())

    def open(self, sealed: bytes, label: str) -> bytes:
        """The plain bytes; raises InvalidTag where key or label differ."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label.encode())
