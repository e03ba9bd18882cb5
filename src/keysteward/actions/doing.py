"""How does long work say how far it is, and keep what comes of it?"""

import time
from collections.abc import Iterable

from keysteward.actions import works
from keysteward.actions.context import Context
from keysteward.actions.leases import Lease
from keysteward.rules.works import MOST_BYTES, Stopped, TooMuch, Work, WorkEnd
from keysteward.store import leases
from keysteward.store import works as kept

_PIECE_BYTES = 256 * 1024
_EVERY_SECONDS = 0.4


class Doing:
    """A piece of work while it is done: it says how far it is, and keeps what comes of it."""

    def __init__(self, ctx: Context, lease: Lease, work: Work) -> None:
        self.ctx = ctx
        self.work = work
        self._lease = lease
        self._told_at = 0.0
        self._progress = (0, 0)
        self._size = 0
        self._pieces = 0

    def tell(self, done: int, total: int) -> None:
        """Say how far it is; raises Stopped or LeaseLost where it is not to go on. Written a few times a second."""
        self._progress = (done, total)
        now = time.monotonic()
        if done != total and now - self._told_at < _EVERY_SECONDS:
            return
        self._told_at = now
        with self.ctx.database.writing() as tx:
            leases.demand(tx, self._lease)
            if not kept.note_progress(tx, self.work.id, self._lease.name, done, total):
                raise Stopped

    def keep(self, parts: Iterable[bytes]) -> None:
        """Keep a file, however large its parts are."""
        waiting, size = list[bytes](), 0
        for part in parts:
            waiting.append(part)
            size += len(part)
            if size >= _PIECE_BYTES:
                self._save(b"".join(waiting))
                waiting, size = [], 0
        if size:
            self._save(b"".join(waiting))

    def end(self, ending: WorkEnd, says: Iterable[str]) -> None:
        """Note what came of it."""
        done, total = self._progress
        values = {"ending": ending, "says": list(says), "ended_at": self.ctx.now, "done": done, "total": total}
        with self.ctx.database.writing() as tx:
            leases.demand(tx, self._lease)
            if not kept.end(tx, self.work.id, self._lease.name, **values, size=self._size if ending == "done" else 0):
                raise Stopped
            if ending != "done":
                kept.forget_pieces(tx, self.work.id)

    def put_back(self) -> None:
        """Let it wait to be begun again."""
        with self.ctx.database.writing() as tx:
            leases.demand(tx, self._lease)
            kept.free(tx, self._lease.name)

    @property
    def total(self) -> int:
        """How much there is to do, as far as anybody said."""
        return self._progress[1]

    def _save(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > MOST_BYTES:
            raise TooMuch
        sealed = self.ctx.sealer.seal(piece, works.label(self.work, self._pieces))
        with self.ctx.database.writing() as tx:
            leases.demand(tx, self._lease)
            if not kept.note_progress(tx, self.work.id, self._lease.name, *self._progress):
                raise Stopped
            kept.save_piece(tx, self.work, self._pieces, sealed)
        self._pieces += 1
