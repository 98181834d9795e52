# shellcheck shell=bash
# Sourced by ./demo and ./check: a virtual environment of our own, from nothing but git and Python.

say() { printf '%s\n' "$*" >&2; }

# The newest Python from 3.11 on, or the one that PYTHON names.
find_python() {
    local name
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$name"
            return
        fi
    done
    say "Python 3.11 or newer is needed and was not found: install it (Debian, Ubuntu, Raspberry Pi OS: sudo apt install python3 python3-venv) or name it with PYTHON=/path/to/python3."
    return 1
}

# environment FOLDER EXTRAS: makes or renews the virtual environment FOLDER with this project and its extras.
environment() {
    local folder=$1 extras=$2 python stamp
    python=$(find_python) || return 1
    stamp="$("$python" -VV) $PWD $extras $(cksum <pyproject.toml)"
    if [ -x "$folder/bin/python" ] && [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ]; then
        return 0
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        say "$python has no venv module: install it (Debian, Ubuntu, Raspberry Pi OS: sudo apt install python3-venv) and try again."
        return 1
    fi
    say "Making $folder with $("$python" -V) (once, and after a change of pyproject.toml) ..."
    rm -rf "$folder"
    "$python" -m venv "$folder" || return 1
    if ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"; then
        say "The packages of pyproject.toml could not be installed in $folder: see pip's words above (is there a network?)."
        return 1
    fi
    # What the station's lines go to the journal through: needs a compiler and systemd's headers, and is no loss without.
    if command -v cc >/dev/null && command -v pkg-config >/dev/null && pkg-config --exists libsystemd; then
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[systemd]" ||
            say "systemd-python could not be built; the log reaches the journal without it."
    fi
    printf '%s' "$stamp" >"$folder/stamp"
}
