"""Who asks in SCIM in these tests, and where?"""

from collections.abc import Iterator

import pytest

from tests.cast import Town
from tests.directory import Speaker, introduce
from tests.web.api.program import answering


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    """Where the demo environment of the town answers."""
    with answering(town.demo) as address:
        yield address


@pytest.fixture
def entra(town: Town, address: str) -> Speaker:
    """Acme's provider."""
    return Speaker(address, introduce(town).value)
