"""What does set-up say to a machine that lacks something?"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETUP = ROOT / "tests" / "setup"


def put_on_path(folder: Path, program: str, *, exit_code: int) -> None:
    """Put a program into a folder that does nothing but end."""
    (folder / program).write_text(f"#!/bin/sh\nexit {exit_code}\n")
    (folder / program).chmod(0o755)


def run_with_path(path: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a set-up script that finds only what is in one folder, and nobody to ask."""
    return subprocess.run(
        command,
        env={"PATH": str(path)},
        cwd=path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_browser_set_up_stops_with_the_command_to_run(tmp_path: Path) -> None:
    """Where Chromium is missing and cannot be installed, the script ends with 2 and this system's own command."""
    put_on_path(tmp_path, "dnf", exit_code=0)

    ended = run_with_path(tmp_path, sys.executable, SETUP / "install.py")

    assert ended.returncode == 2
    assert "\n    sudo dnf install -y chromium\n" in ended.stderr


def test_a_name_that_only_points_to_a_shop_is_no_browser(tmp_path: Path) -> None:
    """A chromium on PATH that does not start counts as missing."""
    put_on_path(tmp_path, "chromium-browser", exit_code=1)

    ended = run_with_path(tmp_path, sys.executable, SETUP / "install.py")

    assert ended.returncode == 2
    assert "Chromium" in ended.stderr


def test_an_old_python_is_refused_politely(tmp_path: Path) -> None:
    """Where no Python is new enough, nothing is made, and the message says which is needed and how to name one."""
    put_on_path(tmp_path, "python3", exit_code=1)

    ended = run_with_path(tmp_path, "/bin/sh", SETUP / "uv.sh", "0.13.9", "python3")

    assert ended.returncode == 2
    assert "Python 3.11 or newer" in ended.stderr
    assert "make setup PYTHON=" in ended.stderr
    assert not (tmp_path / ".uv").exists()
