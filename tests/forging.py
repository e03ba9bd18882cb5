"""What can somebody do who writes to a database behind Keysteward's back?"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text, update

from keysteward.actions import audit, leases, verification
from keysteward.actions.context import Context
from keysteward.actions.leases import Lease
from keysteward.actions.verification import Evidence, Verdict
from keysteward.crypto.chain import digest_of, seal
from keysteward.crypto.papers import write_checkpoint
from keysteward.crypto.signing import SigningKey, public_pem
from keysteward.rules.chain import Checkpoint, Seal
from keysteward.store.accounts import change_user
from keysteward.store.seals import walk_checkpoints, walk_links
from keysteward.store.tables import checkpoints, seals, signing_keys

SEALER = "sealer"


def sealing_lease(ctx: Context, holder: str = SEALER) -> Lease:
    """The right to seal, for whoever asks while nobody else has it."""
    return leases.keep(ctx, holder, ["seal"])["seal"]


def seal_all(ctx: Context) -> int:
    """Seal what there is and sign it; how many events that were."""
    lease = sealing_lease(ctx)
    sealed = audit.seal_events(ctx, lease, everything=True)
    audit.sign_checkpoint(ctx, lease, at_once=True)
    return sealed


def verified(ctx: Context, evidence: Evidence | None = None) -> Verdict:
    """What an auditor finds."""
    return verification.verify(ctx.database, evidence or Evidence(), _in_silence)


def complaints(ctx: Context, evidence: Evidence | None = None) -> list[str]:
    """The sentences that an auditor reads where something is broken."""
    return [found.sentence for found in verified(ctx, evidence).breaks]


@contextmanager
def forging(ctx: Context) -> Iterator[Connection]:
    """A transaction in which no foreign key is kept."""
    engine = create_engine(ctx.database.url)
    with engine.begin() as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(text("SET LOCAL session_replication_role = replica"))
        yield tx
    engine.dispose()


def chain_anew(ctx: Context, key: SigningKey | None = None) -> None:
    """Work out every digest and hash again; with a key, put it in the place of ours and sign every checkpoint again."""
    with forging(ctx) as tx:
        made: Seal | None = None
        for link in [link for batch in walk_links(tx) for link in batch]:
            assert link.entry is not None
            made = seal(made, link.seal.event, digest_of(link.entry))
            where = seals.c.position == made.position
            tx.execute(update(seals).where(where).values(digest=made.digest, hash=made.hash))
        if key is not None:
            _sign_anew(ctx, tx, key)


def let_go(ctx: Context, user: str) -> None:
    """Close a user, as if they had left, without a word of it in the history."""
    with ctx.database.writing() as tx:
        change_user(tx, user, state="closed")


def _sign_anew(ctx: Context, tx: Connection, key: SigningKey) -> None:
    mine = signing_keys.c.use == "paper"
    tx.execute(update(signing_keys).where(mine).values(kid=key.kid, public_pem=public_pem(key.public)))
    for row in list(walk_checkpoints(tx)):
        forged = Checkpoint(ctx.environment, row.number, row.position, row.hash or "", row.at)
        paper = write_checkpoint(forged, key, ctx.issuer)
        tx.execute(update(checkpoints).where(checkpoints.c.number == row.number).values(paper=paper))


def _in_silence(done: int, total: int) -> None:
    """Whoever waits for a test needs no progress."""
