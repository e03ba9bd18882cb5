"""In which town does each test play?"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest

from keysteward.actions.context import Context
from tests.cast import Made, Town

hypothesis.settings.register_profile("tests", deadline=None)  # a slow machine is no mistake of a rule
hypothesis.settings.load_profile("tests")


class Founded(NamedTuple):
    """A town whose accounts are open and which is closed itself, its files, and the app that Ada made there."""

    town: Town
    folder: Path
    made: Made


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """A town to copy for each test: making its signing keys takes a while."""
    folder = tmp_path_factory.mktemp("town")
    town = Town(folder)
    town.populate()
    made = town.create_app()
    town.close()
    return Founded(town, folder, made)


@pytest.fixture
def town(founded: Founded, tmp_path: Path) -> Iterator[Town]:
    """Both environments with the cast in them, and Ada's app in demo."""
    town = Town(shutil.copytree(founded.folder, tmp_path / "town"), model=founded.town)
    yield town
    town.close()


@pytest.fixture
def demo(town: Town) -> Context:
    """The demo environment of the town."""
    return town.demo


@pytest.fixture
def production(town: Town) -> Context:
    """The production environment of the town."""
    return town.production


@pytest.fixture
def made(founded: Founded) -> Made:
    """Ada's app in demo, registered for every grant and configured."""
    return founded.made
