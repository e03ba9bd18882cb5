#!/bin/sh
# Leaves .uv/bin/uv of the version asked for, in an environment made by the Python named, or by the first one found
# that is new enough.  Usage: uv.sh VERSION [PYTHON]
set -eu
version=$1
shift
[ $# -gt 0 ] || set -- python3.11 python3.12 python3.13 python3.14 python3
for python in "$@"; do
    "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    "$python" -m venv --clear .uv
    exec .uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version"
done
echo "Keysteward needs Python 3.11 or newer, with the modules venv and ensurepip. Looked for: $*.
Install one and run the same command again:
  Debian, Ubuntu:  sudo apt-get install -y python3 python3-venv   (on a release from 2023 or later)
  macOS:           brew install python
If it has another name, say so:  make setup PYTHON=/path/to/python" >&2
exit 2
