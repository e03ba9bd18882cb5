"""Who calls the sample API in these tests?"""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.sample.peer import START, Client, Upstream, running


@pytest.fixture(scope="session")
def shared_upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """One running sample API for all tests; each test has an account of its own."""
    with running(tmp_path_factory.mktemp("sample") / "sample.db") as upstream:
        yield upstream


@pytest.fixture
def upstream(shared_upstream: Upstream) -> Upstream:
    """The running sample API, with its clock set to the start."""
    shared_upstream.now = START
    return shared_upstream


@pytest.fixture
def ada(upstream: Upstream) -> Client:
    """A caller of an account that has no envelopes yet."""
    return upstream.welcome(str(uuid4()))


@pytest.fixture
def mallory(upstream: Upstream) -> Client:
    """A caller of another account."""
    return upstream.welcome(str(uuid4()))
