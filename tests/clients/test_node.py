"""Do the clients of the Node world work, unmodified, with what stands in `dev.env`?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.install import NODE as PACKAGES
from tests.twin.running import Place

PROGRAMS = Path(__file__).parent / "node"
NODE = Path(sys.executable).parent / "node"


def said_by(program: str, place: Place) -> list[str]:
    """Run a program with the variables of an environment; every line that it said."""
    environment = place.variables | {"NODE_EXTRA_CA_CERTS": place.ca_file, "NODE_CLIENTS": str(PACKAGES)}
    command = [NODE, PROGRAMS / program]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True, timeout=60)
    return (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize("program", ["esign.mjs", "openid.mjs"], ids=["Docusign's SDK", "openid-client"])
def test_every_check_of_a_program_is_ok(place: Place, program: str) -> None:
    """The program prints one line for each of its checks, and each begins with ok."""
    names = re.findall(r"^check\('(.+)',", (PROGRAMS / program).read_text(), re.MULTILINE)

    assert said_by(program, place) == [f"ok {name}" for name in names]
    assert len(names) >= 9
