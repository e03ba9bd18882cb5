"""Which key signs a token now, and which keys may have signed one?"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from keysteward.crypto.sealing import Sealer
from keysteward.crypto.signing import Algorithm, PublicKey, SigningKey, load_public_key, load_signing_key
from keysteward.rules.signing_keys import believed_at, signing_at
from keysteward.store import audit
from keysteward.store.audit import SigningKeyRow
from keysteward.store.database import Database
from keysteward.store.directory import Directory

_KNOWN_SECONDS = 60.0


class Keyring:
    """The keys of access tokens and id tokens, as the directory knows them; each is opened once."""

    def __init__(self, algorithm: Algorithm, sealer: Sealer) -> None:
        self.algorithm = algorithm
        self._sealer = sealer
        self._opened: dict[str, SigningKey] = {}
        self._known: tuple[SigningKeyRow, ...] = ()

    def signing(self, directory: Directory, now: datetime) -> SigningKey:
        """The key that signs now."""
        rows = directory.find(audit.list_access_keys)
        kid = signing_at([row.life for row in rows], self.algorithm, now).kid
        return self._opened.get(kid) or self._open(next(row for row in rows if row.kid == kid))

    def believed(self, directory: Directory, now: datetime, longest: timedelta) -> Mapping[str, PublicKey]:
        """The public halves, by their ids, of the keys whose tokens may be good when one lives for `longest`."""
        return _believed(directory.find(audit.list_access_keys), now, longest)

    def catch_up(self, database: Database) -> None:
        """Keep the keys in mind, for when the database is away; asked whenever the epoch rose."""
        with database.reading() as tx:
            self._known = tuple(audit.list_access_keys(tx))

    def known(self, directory: Directory, now: datetime, longest: timedelta) -> Mapping[str, PublicKey]:
        """What was believed when the database last spoke; nothing once that is too long ago to be published.

        Nobody can distrust a key while the database is away from all, but it may be away from this worker alone.
        """
        return _believed(self._known, now, longest) if directory.heard_within(_KNOWN_SECONDS) else {}

    def _open(self, row: SigningKeyRow) -> SigningKey:
        key = load_signing_key(row.kid, self.algorithm, self._sealer.open(row.private_sealed, row.kid))
        return self._opened.setdefault(row.kid, key)


def _believed(found: Iterable[SigningKeyRow], now: datetime, longest: timedelta) -> Mapping[str, PublicKey]:
    rows = {row.kid: row for row in found}
    lives = believed_at([row.life for row in rows.values()], now, longest)
    return {life.kid: load_public_key(rows[life.kid].public_pem) for life in lives}
