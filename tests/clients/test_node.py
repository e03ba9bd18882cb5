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


CLIENTS = {
    "Docusign's SDK": ("esign.mjs", 9),
    "openid-client": ("openid.mjs", 9),
    "oauth4webapi": ("webapi.mjs", 12),
    "passport-docusign": ("passport.mjs", 7),
    "simple-oauth2": ("simple.mjs", 6),
}


@pytest.mark.parametrize(("program", "least"), CLIENTS.values(), ids=CLIENTS.keys())
def test_every_check_of_a_program_is_ok(place: Place, program: str, least: int) -> None:
    """The program prints one line for each of its checks, and each begins with ok."""
    names = re.findall(r"^check\('(.+)',", (PROGRAMS / program).read_text(), re.MULTILINE)

    assert said_by(program, place) == [f"ok {name}" for name in names]
    assert len(names) >= least
