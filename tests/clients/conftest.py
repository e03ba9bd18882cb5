"""Which environment do the client programs of these tests talk to? Each of them to both."""

from collections.abc import Iterator

import pytest
from docusign_admin.client.configuration import Configuration as AdminConfiguration
from docusign_esign.client.configuration import Configuration

from keysteward.rules.words import ENVIRONMENTS
from tests.twin.person import Person
from tests.twin.running import Place, Twin, running


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """One twin for all clients: they know no more than what stands in its `dev.env`."""
    with running(tmp_path_factory.mktemp("clients") / "twin") as twin:
        yield twin


@pytest.fixture(params=ENVIRONMENTS)
def place(twin: Twin, request: pytest.FixtureRequest) -> Place:
    """An environment with its variables, whose authority the SDKs trust."""
    Configuration().ssl_ca_cert = AdminConfiguration().ssl_ca_cert = twin.facts["ca_file"]
    return twin.place(request.param)


@pytest.fixture
def ada(place: Place) -> Person:
    """The user of `dev.env`, in front of a browser of her own."""
    return Person(place.variables["DS_LOGIN_EMAIL"], place.ca_file, place.variables["DS_LOGIN_PASSWORD"])
