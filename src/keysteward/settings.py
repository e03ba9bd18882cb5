"""Which settings are there?"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Environment = Literal["demo", "production"]
Profile = Literal["twin", "serve"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What one environment is started with."""

    environment: Environment
    """demo or production."""
    profile: Profile
    """twin for laptops and CI; a database remembers which it is."""
    database: Path
    """The SQLite file."""
    master_key_file: Path
    """The file with the 32 bytes that every other key is derived from; mode 0600."""
    origin: str
    """Scheme, host and port that every absolute address starts with."""
    other_origin: str
    """The other environment's origin."""
    host_names: tuple[str, ...] = field(default=())
    """Further host names, with a port where one is used, that this environment answers for."""
    ca_file: Path | None = None
    """A certificate authority to trust when asking the other environment."""
