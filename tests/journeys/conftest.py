"""In which twin do the journeys take place, and on which database?"""

from collections.abc import Iterator

import pytest
from docusign_admin.client.configuration import Configuration as AdminConfiguration
from docusign_esign.client.configuration import Configuration

from tests.journeys.people import settle
from tests.journeys.stage import Stage
from tests.peers.databases import Copies, Dialect, Files, Stock
from tests.twin.running import Twin


@pytest.fixture(scope="session")
def settled_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stopped twin with more people and accounts than its seed has."""
    folder = tmp_path_factory.mktemp("settled") / "twin"
    return _settled(Stage(folder, Files(folder)))


@pytest.fixture(scope="session")
def settled_on_postgresql(tmp_path_factory: pytest.TempPathFactory, stock: Stock) -> Stage:
    """Likewise, in PostgreSQL."""
    return _settled(Stage(tmp_path_factory.mktemp("settled") / "twin", Copies(stock)))


def _settled(stage: Stage) -> Stage:
    """The twin has no address at which accounts are made, so they are made as its seed makes its own."""
    with stage.running():
        pass
    settle(stage)
    return stage


@pytest.fixture(scope="session")
def settled(dialect: Dialect, request: pytest.FixtureRequest) -> Stage:
    """That twin, on the database of the test."""
    stage: Stage = request.getfixturevalue(f"settled_on_{dialect}")
    return stage


@pytest.fixture(scope="module")
def stage(settled: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A copy of it for a file of stories."""
    with settled.copied(tmp_path_factory.mktemp("journey") / "twin") as stage:
        yield stage


@pytest.fixture(scope="module")
def twin(stage: Stage) -> Iterator[Twin]:
    """That twin, running, for all stories of a file; each story makes an app of its own."""
    with stage.running() as twin:
        yield twin


@pytest.fixture(scope="module", autouse=True)
def trusted(settled: Stage) -> None:
    """The SDKs trust the authority of all these twins: they are copies of one."""
    Configuration().ssl_ca_cert = AdminConfiguration().ssl_ca_cert = str(settled.folder / "tls" / "ca.pem")


@pytest.fixture(autouse=True)
def on_time(twin: Twin) -> None:
    """Each story begins at the machine's own time."""
    twin.set_clock(offset_seconds=0)
