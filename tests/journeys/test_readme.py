"""Does the program that README shows run as it stands there?"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.twin.running import Twin

README = Path(__file__).parents[2] / "README.md"


def test_the_program_of_the_readme_runs(twin: Twin) -> None:
    """Copied out of README and run with `dev.env`, it prints how many envelopes there are."""
    found = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert found
    environment = os.environ | twin.variables()
    ended = subprocess.run(
        [sys.executable, "-c", found[1]], env=environment, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "0\n"), ended.stderr
