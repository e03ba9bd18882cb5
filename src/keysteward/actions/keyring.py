"""Which key signs a token now, and which keys may have signed one?"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from keysteward.crypto.sealing import Sealer
from keysteward.crypto.signing import Algorithm, PublicKey, SigningKey, load_public_key, load_signing_key
from keysteward.rules.signing_keys import believed_at, signing_at
from keysteward.store import audit
from keysteward.store.audit import SigningKeyRow
from keysteward.store.directory import Directory


class Keyring:
    """The keys of access tokens and id tokens, as the directory knows them; each is opened once."""

    def __init__(self, algorithm: Algorithm, sealer: Sealer) -> None:
        self.algorithm = algorithm
        self._sealer = sealer
        self._opened: dict[str, SigningKey] = {}

    def signing(self, directory: Directory, now: datetime) -> SigningKey:
        """The key that signs now."""
        rows = directory.find(audit.list_access_keys)
        kid = signing_at([row.life for row in rows], self.algorithm, now).kid
        return self._opened.get(kid) or self._open(next(row for row in rows if row.kid == kid))

    def believed(self, directory: Directory, now: datetime, longest: timedelta) -> Mapping[str, PublicKey]:
        """The public halves, by their ids, of the keys whose tokens may be good when one lives for `longest`."""
        rows = {row.kid: row for row in directory.find(audit.list_access_keys)}
        lives = believed_at([row.life for row in rows.values()], now, longest)
        return {life.kid: load_public_key(rows[life.kid].public_pem) for life in lives}

    def _open(self, row: SigningKeyRow) -> SigningKey:
        key = load_signing_key(row.kid, self.algorithm, self._sealer.open(row.private_sealed, row.kid))
        return self._opened.setdefault(row.kid, key)
