"""How long does each line of the bench take, and where does it keep its things?"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything. A round is one load between two looks at OpenSSL."""

    rounds: int = 5
    seconds: float = 2.0
    openssl_seconds: int = 1
    times: int = 5
    decisions: int = 1_000
    records: int = 4_000
    calls: int = 1_000_000
    keys: int = 100_000
    accounts: int = 1_000
    events: int = 20_000


TINY = Sizes(
    rounds=1,
    seconds=0.2,
    openssl_seconds=1,
    times=1,
    decisions=20,
    records=128,
    calls=60,
    keys=300,
    accounts=20,
    events=200,
)
WHOLE = Sizes(accounts=10_000, events=1_000_000)
"""With `--whole`: ten times as many accounts, with ten keys and a hundred users each, and a long history."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its sizes, and a folder of its own that is gone afterwards."""

    folder: Path
    sizes: Sizes
