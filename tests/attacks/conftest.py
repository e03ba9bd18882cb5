"""On which scene do the attacks take place? All of them on one."""

from collections.abc import Iterator

import pytest

from tests.attacks.scene import Scene
from tests.twin.running import running


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A running twin with apps to attack."""
    with running(tmp_path_factory.mktemp("attacks") / "twin") as twin:
        scene = Scene(twin)
        yield scene
        scene.close()
