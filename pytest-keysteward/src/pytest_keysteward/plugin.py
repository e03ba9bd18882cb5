"""Which fixtures are there?"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from pytest_keysteward.apps import AppFactory
from pytest_keysteward.clock import Clock
from pytest_keysteward.dns import Dns
from pytest_keysteward.faults import Faults
from pytest_keysteward.golive import GoLive
from pytest_keysteward.twin import NotStarted, Twin, command_of, running


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what pytest's configuration may say."""
    parser.addini("keysteward_seed", "The file that the twin is seeded with, named from the configuration's folder.")
    parser.addini("keysteward_command", "How Keysteward is started, if not as `keysteward`.", type="args")


@pytest.fixture(scope="session")
def keysteward_seed(pytestconfig: pytest.Config) -> Path | None:
    """The file that the twin is seeded with: override it where a conftest.py makes one."""
    said = str(pytestconfig.getini("keysteward_seed"))
    return (pytestconfig.inipath or pytestconfig.rootpath / "pytest.ini").parent / said if said else None


@pytest.fixture(scope="session")
def keysteward(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, keysteward_seed: Path | None
) -> Iterator[Twin]:
    """A running twin in a temporary folder, on free ports; each worker of pytest-xdist has its own."""
    __tracebackhide__ = True
    with ExitStack() as stack:
        try:
            command = command_of(pytestconfig.getini("keysteward_command"))
            folder = tmp_path_factory.mktemp("keysteward") / "twin"
            twin = stack.enter_context(running(command, folder, keysteward_seed))
        except NotStarted as reason:
            why_not = str(reason)
        else:
            yield twin
            return
    pytest.fail(f"No twin was started: {why_not}", pytrace=False)


@pytest.fixture
def keysteward_environ(keysteward: Twin, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The variables of `dev.env`, set for this test and for the programs that it starts."""
    for name, value in keysteward.environ.items():
        monkeypatch.setenv(name, value)
    return keysteward.environ


@pytest.fixture
def keysteward_clock(keysteward: Twin) -> Iterator[Clock]:
    """The twin's clock; after the test it is where it was."""
    clock = Clock(keysteward.control)
    yield clock
    clock.restore()


@pytest.fixture
def keysteward_faults(keysteward: Twin) -> Iterator[Faults]:
    """What goes wrong in the twin on purpose; after the test nothing does."""
    faults = Faults(keysteward.control)
    yield faults
    faults.clear()


@pytest.fixture
def keysteward_dns(keysteward: Twin) -> Iterator[Dns]:
    """What DNS answers in the twin; after the test it answers what it did before."""
    dns = Dns(keysteward)
    yield dns
    dns.restore()


@pytest.fixture(scope="session")
def keysteward_app(keysteward: Twin, tmp_path_factory: pytest.TempPathFactory) -> AppFactory:
    """Makes apps: each call one, with grants, redirect URIs, a secret key, a keypair and the user's consent."""
    return AppFactory(keysteward, tmp_path_factory.mktemp("keysteward-apps"))


@pytest.fixture(scope="session")
def go_live(keysteward: Twin) -> GoLive:
    """Asks where a key stands on its way to production, and takes it there."""
    return GoLive(keysteward.demo)
