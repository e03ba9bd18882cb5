"""On which estate are the matrices judged?"""

from collections.abc import Iterator

import pytest

from tests.attacks.scene import Scene
from tests.matrices.estate import Estate
from tests.twin.running import running


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A running twin with people and apps in it."""
    with running(tmp_path_factory.mktemp("matrices") / "twin") as twin:
        scene = Scene(twin)
        yield Estate(scene)
        scene.close()
