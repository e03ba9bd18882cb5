"""What do the tests need beside Python packages, and how does it get here?

Chromium, nginx and HAProxy are those on PATH, or the system's packages; the Node clients come from npm, locked, into
node/node_modules.
Run again it changes nothing. It needs nothing but the standard library.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

NODE = Path(__file__).parent / "node"
NPM = Path(sys.executable).parent / "npm"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROXIES = ("nginx", "haproxy")
SYSTEM_COMMANDS = {
    "apt-get": "sudo apt-get install -y",
    "dnf": "sudo dnf install -y",
    "pacman": "sudo pacman -S --noconfirm",
    "zypper": "sudo zypper install -y",
    "apk": "sudo apk add",
}


def main() -> None:
    """Install what is missing, or stop with exit 2 and the one command to run."""
    install_chromium()
    install_proxies()
    install_node_clients()


def install_chromium() -> None:
    """Leave a browser that starts on PATH."""
    if find_chromium():
        return
    by_hand = command_for("chromium")
    if not may_install():
        stop("The browser tests need Chromium, and it is not on PATH.", by_hand)
    say("Installing Chromium…")
    by_hand = by_hand.removeprefix("sudo ")
    run("apt-get", "update", "-qq", or_else="apt-get update")
    run("apt-get", "install", "-y", "-qq", "chromium", "fonts-dejavu-core", or_else=by_hand)
    if not find_chromium():
        stop("The package chromium is installed, but no browser on PATH starts.", "chromium --version")


def install_proxies() -> None:
    """Leave nginx and HAProxy where the tests find them; what the packages start is none of theirs."""
    missing = [name for name in PROXIES if not shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")]
    if not missing:
        return
    if not may_install():
        stop(f"The tests of check mode need {' and '.join(missing)}, and did not find them.", command_for(*missing))
    say(f"Installing {' and '.join(missing)}…")
    by_hand = command_for(*missing).removeprefix("sudo ")
    run("apt-get", "update", "-qq", or_else="apt-get update")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, or_else=by_hand)


def may_install() -> bool:
    """Whether packages of the system can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def command_for(*packages: str) -> str:
    """The one line that installs packages on this system."""
    found = next((line for tool, line in SYSTEM_COMMANDS.items() if shutil.which(tool)), "brew install")
    return f"{found} {' '.join(packages)}"


def find_chromium() -> str | None:
    """Return the path of the first Chromium that starts; Ubuntu puts a name on PATH that only points to a shop."""
    paths = filter(None, map(shutil.which, CHROMIUM_NAMES))
    return next((path for path in paths if starts(path)), None)


def starts(program: str) -> bool:
    """Tell whether the program can at least say its version."""
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def install_node_clients() -> None:
    """Install the packages of package-lock.json, unless exactly these are there."""
    wanted = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()
    stamp = NODE / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing the Node clients…")
    run(str(NPM), "ci", "--no-audit", "--no-fund", "--ignore-scripts", or_else=f"{NPM} ci --prefix {NODE}", cwd=NODE)
    stamp.write_text(wanted)


def run(*command: str, or_else: str, cwd: Path | None = None) -> None:
    """Run a command that asks nothing, and stop with the line to try by hand when it fails."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, cwd=cwd, env=quiet, stdin=subprocess.DEVNULL, check=False).returncode:
        stop(f"`{' '.join(command)}` failed; its own words are above.", or_else)


def say(sentence: str) -> None:
    """Tell the person in front of the terminal what happens now."""
    print(sentence, flush=True)


def stop(reason: str, command: str) -> None:
    """End with exit 2 and the one command to run."""
    print(f"\n{reason} Run this, then the same make command again:\n\n    {command}\n", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
