"""Who calls the API in these tests?"""

import shutil
from collections.abc import Iterator

import pytest

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME, ADA, CY, Made, Town
from tests.conftest import Founded
from tests.web.restapi.house import ADMIN_SCOPES, Client, House, answering


@pytest.fixture(scope="session")
def house(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A demo environment, answering all tests that change nothing."""
    town = Town(shutil.copytree(founded.folder, tmp_path_factory.mktemp("answering") / "town"))
    limits.set_limits(town.demo, ACME.demo, Wish(burst=100_000), "Olga", "All tests call in one moment.")
    with answering(town, founded.made) as house:
        yield house
    town.close()


@pytest.fixture
def fresh(town: Town, made: Made) -> Iterator[House]:
    """A demo environment of a test's own, answering."""
    with answering(town, made) as house:
        yield house


@pytest.fixture(scope="session")
def ada(house: House) -> Client:
    """An admin of Acme, calling the eSignature API."""
    return house.caller(ADA)


@pytest.fixture(scope="session")
def cy(house: House) -> Client:
    """The organization's admin, calling the Admin API."""
    return house.caller(CY, ADMIN_SCOPES)


@pytest.fixture(scope="session")
def nobody(house: House) -> Client:
    """Somebody without a token."""
    return Client(house.address)
