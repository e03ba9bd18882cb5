"""Which environments are served for these tests?"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cast import Made
from tests.peers.databases import Stock
from tests.serving.estate import Estate, copied
from tests.serving.running import Home, Server, serving


class Furnished(NamedTuple):
    """A database of a served environment that the cast lives in, to be copied, and Ada's app in it."""

    stock: Stock
    name: str
    home: Home
    made: Made

    def copy(self, folder: Path) -> tuple[Home, str]:
        """The same environment again, and the name of its database."""
        name = self.stock.take(self.name)
        copied(self.home.master_key, folder)
        return Home(folder, self.stock.url(name)), name


@pytest.fixture(scope="session")
def furnished(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """An environment to copy: the cast has moved in, and nobody serves it."""
    name = stock.take()
    home = Home(tmp_path_factory.mktemp("furnished"), stock.url(name)).make_master_key().migrate()
    estate = Estate(home)
    made = estate.furnish()
    estate.close()
    return Furnished(stock, name, home, made)


@pytest.fixture(scope="module")
def home(furnished: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A copy of that environment for the tests of one module."""
    home, name = furnished.copy(tmp_path_factory.mktemp("home"))
    yield home
    furnished.stock.give_back(name)


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[Server]:
    """Four workers who serve it."""
    with serving(home, "--workers", "4") as server:
        yield server


@pytest.fixture(scope="module")
def estate(home: Home) -> Iterator[Estate]:
    """The same environment in this process, to do deeds in."""
    estate = Estate(home)
    yield estate
    estate.close()


@pytest.fixture
def made(estate: Estate) -> Made:
    """A new app of Ada's, registered for every grant and configured."""
    return estate.create_app()
