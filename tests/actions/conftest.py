"""Where do these tests meet an organization's identity provider, and receivers of webhooks?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keysteward.outgoing.safe_https import Outside
from tests.cast import Town
from tests.desk import Desk
from tests.hooking import Hooks
from tests.peers.provider import provider
from tests.peers.receiver import Receiver, receiver


@pytest.fixture
def desk(town: Town, tmp_path: Path) -> Iterator[Desk]:
    """Acme's provider, set up by Cy."""
    with provider(tmp_path / "tls") as made:
        ctx = replace(town.demo, outside=Outside((), made.ca_file, allows_loopback=True))
        desk = Desk(ctx, town, made)
        desk.configure()
        yield desk


@pytest.fixture(scope="session")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiver(tmp_path_factory.mktemp("receiver")) as made:
        yield made


@pytest.fixture
def hooks(town: Town, receiving: Receiver) -> Hooks:
    """Demo, whose webhooks lead there."""
    receiving.reset()
    return Hooks(town, receiving)
