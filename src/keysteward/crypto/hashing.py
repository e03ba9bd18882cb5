"""How are secrets made, recognized and kept as keyed hashes?"""

import hashlib
import hmac
import secrets
import threading
import zlib
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Prefix = Literal["kss_", "kst_", "ksc_", "ksr_", "ksh_", "ksw_", "ksp_", "ksd_", "ksl_", "ksg_", "ksi_"]

_AT_ONCE = 2
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def derive(master_key: bytes, purpose: str) -> bytes:
    """A separate 256-bit key for one purpose (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"keysteward/{purpose}".encode()).derive(master_key)


def fingerprint(master_key: bytes) -> str:
    """What a database remembers of its master key, to notice a wrong one."""
    return derive(master_key, "fingerprint").hex()


def new_secret(prefix: Prefix) -> str:
    """256 random bits with a recognizable prefix and a checksum, about 53 characters.

    `kss_` secret key, `kst_` personal access token, `ksc_` code, `ksr_` refresh token, `ksh_` handle, `ksw_` session,
    `ksp_` sign-in whose second step is to come, `ksd_` device, `ksl_` link in a mail, `ksg_` ingest credential,
    `ksi_` SCIM token of an identity provider.
    """
    body = prefix + secrets.token_urlsafe(32)
    return body + _checksum(body)


def has_shape(prefix: Prefix, secret: str) -> bool:
    """Whether text could be a secret of this kind, decided without looking anything up."""
    return secret.startswith(prefix) and len(secret) == len(prefix) + 49 and _checksum(secret[:-6]) == secret[-6:]


def _checksum(body: str) -> str:
    number, text = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(_ALPHABET))
        text += _ALPHABET[digit]
    return text


class Digester:
    """Turns secrets into keyed hashes that say nothing without the master key: the first makes, all recognize."""

    def __init__(self, *master_keys: bytes) -> None:
        self._keys = tuple(derive(master_key, "digests") for master_key in master_keys)

    def digest(self, secret: str) -> str:
        """HMAC-SHA256 under the first key, 64 hexadecimal digits."""
        return _hmac(self._keys[0], secret)

    def digests(self, secret: str) -> tuple[str, ...]:
        """The same under every key: under which a secret that lives long may have been kept."""
        return tuple(_hmac(key, secret) for key in self._keys)


def _hmac(key: bytes, secret: str) -> str:
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


class Passwords:
    """Hashes and checks passwords with argon2id, at most two at once, so that sign-ins never take the whole machine."""

    def __init__(self, *, light: bool) -> None:
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        memory, times = (8 * 1024, 1) if light else (19 * 1024, 2)
        self._hasher = PasswordHasher(time_cost=times, memory_cost=memory, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The argon2id hash of a password."""
        with self._places:
            return self._hasher.hash(password)

    def matches(self, hashed: str | None, unverified_password: str) -> bool:
        """Whether the password is right; an unknown user costs the same time as a known one."""
        with self._places:
            try:
                return self._hasher.verify(hashed or self._nobody, unverified_password) and hashed is not None
            except (VerifyMismatchError, InvalidHashError):
                return False
