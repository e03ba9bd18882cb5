"""Which gateway do these tests call through?"""

from collections.abc import Iterator

import pytest

from tests.cast import Made, Town
from tests.gateway.peer import Gate, gate


@pytest.fixture
def opened(town: Town, made: Made) -> Iterator[Gate]:
    """A gateway in front of an API of the test's own, and an app whose user may call."""
    with gate(town, made) as opened:
        yield opened
