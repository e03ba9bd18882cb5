"""Do the import contracts hold, and do they bite?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent

TRESPASSES = [
    pytest.param("rings", {"utils.py": ""}, id="a room that nobody planned"),
    pytest.param("rings", {"rules/probe.py": "import keysteward.actions"}, id="a rule asks for a deed"),
    pytest.param("rings", {"gateway/probe.py": "import keysteward.web"}, id="a door opens a door"),
    pytest.param("rings", {"store/probe.py": "import keysteward.crypto"}, id="the store signs"),
    pytest.param(
        "siblings",
        {"rules/probe.py": "import keysteward.rules.words", "rules/words.py": "import keysteward.rules.probe"},
        id="two rules ask each other",
    ),
    pytest.param("settings", {"actions/probe.py": "import keysteward.settings"}, id="a deed reads settings"),
    pytest.param("sql", {"actions/probe.py": "import sqlalchemy"}, id="a deed speaks SQL"),
    pytest.param("tables", {"actions/probe.py": "import keysteward.store.tables"}, id="a deed sees tables"),
    pytest.param("doors", {"web/probe.py": "import keysteward.store"}, id="a page asks the store"),
    pytest.param("doors", {"gateway/probe.py": "import keysteward.crypto"}, id="the gateway takes a key"),
    pytest.param("pure-rules", {"rules/probe.py": "import time"}, id="a rule reads a clock"),
]


def lint_imports(source: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Judge the package below a source folder by one contract of this repository."""
    return subprocess.run(
        [
            TOOLS / "lint-imports",
            "--no-logo",
            "--no-cache",
            "--config",
            ROOT / "pyproject.toml",
            "--contract",
            contract,
        ],
        env=os.environ | {"PYTHONPATH": str(source)},
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("contract", ["rings", "siblings", "settings", "sql", "tables", "doors", "pure-rules"])
def test_the_package_keeps_its_contracts(contract: str) -> None:
    """Every contract of pyproject.toml is kept by the package as it is."""
    verdict = lint_imports(ROOT / "src", contract)

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize(("contract", "files"), TRESPASSES)
def test_a_trespass_is_named(tmp_path: Path, contract: str, files: dict[str, str]) -> None:
    """A forbidden line in a copy of the package breaks the contract that forbids it, which names the place."""
    package = shutil.copytree(ROOT / "src" / "keysteward", tmp_path / "keysteward")
    for place, line in files.items():
        (package / place).write_text(line)

    verdict = lint_imports(tmp_path, contract)

    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert "BROKEN" in verdict.stdout
    assert Path(next(iter(files))).stem in verdict.stdout


def test_an_import_by_string_is_refused() -> None:
    """What import contracts cannot see, ruff refuses: importlib.import_module."""
    verdict = subprocess.run(
        [TOOLS / "ruff", "check", "--select", "TID251", "--stdin-filename", "src/keysteward/probe.py", "-"],
        input="import importlib\n\nimportlib.import_module('keysteward.store')\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert verdict.returncode == 1
    assert "importlib.import_module" in verdict.stdout
