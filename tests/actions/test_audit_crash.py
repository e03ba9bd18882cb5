"""Does sealing outlive the death of the sealer, and verifying the length of the history?"""

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from keysteward.actions import audit
from keysteward.actions.context import Context
from keysteward.store.tables import events, seals
from tests.cast import START, Town
from tests.forging import complaints, seal_all, sealing_lease, verified
from tests.polling import until

ROOT = Path(__file__).parents[2]
MANY = 8_000
SEALER = """
import sys
from pathlib import Path
from keysteward.actions import audit
from keysteward.store.database import Database
from tests.cast import Town
from tests.forging import sealing_lease
from tests.peers.databases import moved

ctx = moved(Town(Path(sys.argv[1])).demo, Database(sys.argv[2]))
audit.seal_events(ctx, sealing_lease(ctx, "mortal"), everything=True)
"""


@pytest.fixture
def many(demo: Context) -> int:
    """As many events as it takes to seal for a while; how many there are in all."""
    row = {"at": START, "name": "SignedIn", "actor": "ada@acme.example", "key": "", "account": "", "data": {},
           "salts": {"actor": "0" * 32}, "erased": {}}  # fmt: skip
    with demo.database.writing() as tx:
        tx.execute(insert(events), [row] * MANY)
        return int(tx.execute(select(func.count()).select_from(events)).scalar_one())


def sealed(ctx: Context) -> int:
    """How many events have their place."""
    with ctx.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(seals)).scalar_one())


def test_a_killed_sealer_loses_nothing(town: Town, demo: Context, many: int, tmp_path: Path) -> None:
    """Killed in the middle, it leaves whole batches that verify and a tail; whoever comes next seals the rest."""
    address = demo.database.url.render_as_string(hide_password=False)
    own = tmp_path / "mortal"
    own.mkdir()
    sealer = subprocess.Popen(
        [sys.executable, "-c", SEALER, own, address],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    until(lambda: sealed(demo) > 0, 30)
    sealer.kill()
    sealer.wait(10)
    verdict = verified(demo)
    assert (verdict.breaks, verdict.events % 500, verdict.events + verdict.tail.unsealed) == ([], 0, many)
    assert 0 < verdict.events < many

    town.clock.advance(seconds=6)
    lease = sealing_lease(demo)
    assert audit.seal_events(demo, lease, everything=False) == verdict.tail.unsealed
    assert (lease.fence, sealed(demo), complaints(demo)) == (2, many, [])


def test_a_long_history_is_verified_in_little_memory(demo: Context, many: int) -> None:
    """What is held at once is a batch, however long the history is."""
    seal_all(demo)
    tracemalloc.start()
    try:
        verdict = verified(demo)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (verdict.events, verdict.breaks) == (many, [])
    assert most < 20_000_000
