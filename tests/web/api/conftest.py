"""Which environments answer in the tests of our own API?"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.cast import Made, Town
from tests.web.api.program import House


@pytest.fixture
def house(town: Town, made: Made) -> Iterator[House]:
    """Both environments of the town, each answering over HTTP once somebody asks it something."""
    with ExitStack() as doors:
        yield House(town, made, doors)
