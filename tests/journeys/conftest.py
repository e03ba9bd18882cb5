"""In which twin do the journeys take place?"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from docusign_admin.client.configuration import Configuration as AdminConfiguration
from docusign_esign.client.configuration import Configuration

from tests.journeys.people import settle
from tests.twin.running import Twin, running


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped twin with more people and accounts than its seed has.

    The twin has no address at which accounts are made, so they are made as its seed makes its own: the twin is
    started once and stopped, and `settle` opens both databases and plays the deeds of `actions.accounts`.
    """
    folder = tmp_path_factory.mktemp("settled") / "twin"
    with running(folder):
        pass
    settle(folder)
    return folder


@pytest.fixture(scope="module")
def twin(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """That twin, running, for all stories of a file; each story makes an app of its own."""
    with running(shutil.copytree(settled, tmp_path_factory.mktemp("journey") / "twin")) as twin:
        yield twin


@pytest.fixture(scope="module", autouse=True)
def trusted(settled: Path) -> None:
    """The SDKs trust the authority of all these twins: they are copies of one."""
    Configuration().ssl_ca_cert = AdminConfiguration().ssl_ca_cert = str(settled / "tls" / "ca.pem")


@pytest.fixture(autouse=True)
def on_time(twin: Twin) -> None:
    """Each story begins at the machine's own time."""
    twin.set_clock(offset_seconds=0)
