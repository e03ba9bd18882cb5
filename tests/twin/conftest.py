"""Which twins do the tests of the command start from?"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Town
from tests.twin.declaring import Full, apply, copy_of, example
from tests.twin.running import Twin, running


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin at its first start, for all tests of a file that leave it as it is."""
    with running(tmp_path_factory.mktemp("first") / "twin") as twin:
        yield twin


@pytest.fixture(scope="session")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a twin that was started once and stopped."""
    folder = tmp_path_factory.mktemp("stopped") / "twin"
    with running(folder):
        pass
    return folder


@pytest.fixture
def folder(stopped: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to start and to spoil."""
    return shutil.copytree(stopped, tmp_path / "twin")


@pytest.fixture(scope="session")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, Path]:
    """A town that nobody is in, closed, and where its files are: making its signing keys takes a while."""
    files = tmp_path_factory.mktemp("nobody")
    town = Town(files)
    assert {town.demo.environment, town.production.environment} == {"demo", "production"}
    town.close()
    return town, files


@pytest.fixture
def empty(nobody: tuple[Town, Path], tmp_path: Path) -> Iterator[Town]:
    """A town that nobody is in."""
    town = copy_of(*nobody, tmp_path / "empty")
    yield town
    town.close()


@pytest.fixture
def second(nobody: tuple[Town, Path], tmp_path: Path) -> Iterator[Town]:
    """Another town that nobody is in."""
    town = copy_of(*nobody, tmp_path / "second")
    yield town
    town.close()


@pytest.fixture(scope="session")
def full(nobody: tuple[Town, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """A town that the full example of the guide was played into, for tests that only look."""
    folder = tmp_path_factory.mktemp("full")
    town = copy_of(*nobody, folder / "town")
    yield Full(town, apply(town, folder, example("full.toml")))
    town.close()
