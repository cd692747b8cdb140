#!/usr/bin/env bash
# Bring .venv to what pyproject.toml asks for, at the versions of constraints.txt.
#
#   scripts/install.sh PYTHON BIN REQUIREMENT     e.g.  install.sh python3 .venv/bin .
set -euo pipefail
python=$1 bin=$2 requirement=$3

if ! "$bin/python" -c "" 2>/dev/null; then
  if ! command -v "$python" >/dev/null; then
    echo "There is no $python here. OptLab needs Python 3.11, 3.12 or 3.13." >&2
    exit 1
  fi
  "$python" - <<'CHECK' || exit 1
import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        f"OptLab needs Python 3.11, 3.12 or 3.13; {sys.executable} is "
        f"{sys.version.split()[0]}. Name another one: make PYTHON=python3.12 ..."
    )
CHECK
  rm -rf .venv
  if ! "$python" -m venv .venv; then
    rm -rf .venv
    echo "Python cannot make a virtual environment. On Debian and Ubuntu type" >&2
    echo "    sudo apt-get install python3-venv" >&2
    exit 1
  fi
fi
echo "Installing OptLab into .venv (the first time takes some minutes) ..."
"$bin/python" -m pip install --progress-bar off -c constraints.txt -e "$requirement" |
  { grep -v -e "^Requirement already satisfied" -e "^Looking in " || true; }
