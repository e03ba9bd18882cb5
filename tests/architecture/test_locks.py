"""Can a stranger install exactly what was locked?"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC_HOSTS = {"files.pythonhosted.org", "pypi.org"}


def test_python_packages_come_from_the_public_index() -> None:
    """The lock names no host but the public index and its files."""
    hosts = re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text())

    assert set(hosts) == PUBLIC_HOSTS


@pytest.mark.parametrize("folder", ["tests/setup/node", "bench/node"])
def test_node_packages_name_no_host(folder: str) -> None:
    """A lock of Node packages holds digests and leaves the registry to whoever installs."""
    lock = (ROOT / folder / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert '"resolved"' not in lock
