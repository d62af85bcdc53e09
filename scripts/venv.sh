#!/usr/bin/env bash
# Make .venv and fill it from the locks, by hash.   scripts/venv.sh run|dev
# Does nothing when it is already as the files say: each stamp holds the checksum of what it was made from.
set -euo pipefail
cd "$(dirname "$0")/.."
want=$1

python_is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        python_is_new_enough "$name" && { echo "$name"; return; }
    done
    return 1
}

checksum() { cat "$@" | sha256sum | cut -d' ' -f1; }
fresh() { [[ -f .venv/$1 && $(<".venv/$1") == "$2" ]]; }
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input -q "$@"; }

if ! python_is_new_enough .venv/bin/python; then
    python=$(find_python) || {
        scripts/system.sh venv
        python=$(find_python) || { echo "Qiao needs Python 3.11 or newer; set PYTHON=/path/to/python3." >&2; exit 1; }
    }
    "$python" -c 'import venv, ensurepip' 2>/dev/null || scripts/system.sh venv
    echo "Making the virtual environment in .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi

runtime=$(checksum requirements.lock)
develop=$(checksum requirements-dev.lock)
package=$(checksum pyproject.toml <(pwd))

# The development lock holds everything the runtime lock holds, in the same versions.
if [[ $want == dev ]]; then
    if ! fresh stamp-dev "$develop"; then
        echo "Installing the locked packages for development (requirements-dev.lock)"
        pip install --prefer-binary --require-hashes -r requirements-dev.lock
        echo "$develop" >.venv/stamp-dev
    fi
elif ! fresh stamp-run "$runtime" && ! fresh stamp-dev "$develop"; then
    echo "Installing the locked packages (requirements.lock)"
    pip install --prefer-binary --require-hashes -r requirements.lock
    echo "$runtime" >.venv/stamp-run
fi

if ! fresh stamp-package "$package"; then
    echo "Installing Qiao itself, from this folder"
    pip install --no-deps --no-build-isolation -e .
    echo "$package" >.venv/stamp-package
fi
