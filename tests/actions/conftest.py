"""Where do these tests meet an organization's identity provider?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keysteward.outgoing.safe_https import Outside
from tests.cast import Town
from tests.desk import Desk
from tests.peers.provider import provider


@pytest.fixture
def desk(town: Town, tmp_path: Path) -> Iterator[Desk]:
    """Acme's provider, set up by Cy."""
    with provider(tmp_path / "tls") as made:
        ctx = replace(town.demo, outside=Outside((), made.ca_file, allows_loopback=True))
        desk = Desk(ctx, town, made)
        desk.configure()
        yield desk
