#!/usr/bin/env bash
# See to it that what comes from the operating system is there.
#   scripts/system.sh [--go-on] NEED...      needs: venv fonts chromium driver postgres java
# Installs Debian packages where it may (as root; in CI also through sudo), otherwise prints the one line to run.
# Ends with 1 if something is still missing, with 0 under --go-on.
set -uo pipefail

go_on=
[[ ${1:-} == --go-on ]] && { go_on=1; shift; }

font() { find /usr/share/fonts /usr/local/share/fonts "$HOME/.local/share/fonts" -iname "$1" -print -quit 2>/dev/null | grep -q .; }

here() {
    case $1 in
        venv) python3 -c 'import venv, ensurepip' 2>/dev/null ;;
        fonts) font 'NotoSerifCJK*' && font '*wenkai*' ;;
        chromium) command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null ;;
        driver) compgen -G '/usr/lib*/libatomic.so.1' >/dev/null || compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null ;;
        java) command -v java >/dev/null ;;
        postgres) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        *) echo "system.sh knows no need called $1" >&2; exit 2 ;;
    esac
}

packages() {
    case $1 in
        venv) echo python3 python3-venv ;;
        fonts) echo fonts-noto-cjk fonts-lxgw-wenkai ;;
        chromium) echo chromium ;;
        driver) echo libatomic1 ;;
        postgres) echo postgresql ;;
        java) echo default-jre-headless ;;
    esac
}

why() {
    case $1 in
        venv) echo "Python's venv module makes the virtual environment" ;;
        fonts) echo "open Chinese fonts; letters as PDF need them, everything else works without" ;;
        chromium) echo "the end-to-end tests drive a real Chromium" ;;
        driver) echo "a library that Playwright's driver needs to steer the browser" ;;
        java) echo "Spark runs on it; only the tests with a local Spark need it" ;;
        postgres) echo "the tests start a private PostgreSQL of their own" ;;
    esac
}

missing=() wanted=()
for need in "$@"; do
    here "$need" && continue
    missing+=("$need")
    read -ra names <<<"$(packages "$need")"
    wanted+=("${names[@]}")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=none
if [[ $(id -u) -eq 0 ]]; then as_root=
elif [[ ${CI:-} == true ]] && sudo -n true 2>/dev/null; then as_root="sudo -n"
fi

if [[ $as_root != none ]] && command -v apt-get >/dev/null; then
    echo "Installing from Debian: ${wanted[*]}"
    log=$(mktemp)
    apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1; }
    install() { apt install -y --no-install-recommends "${wanted[@]}"; }
    # Package lists may never have been fetched, or be too old to find the files: update once, then try again.
    install || { apt update && install; } || tail -n 15 "$log" >&2
    rm -f "$log"
fi

still=() wanted=()
for need in "${missing[@]}"; do
    here "$need" && continue
    still+=("$need")
    read -ra names <<<"$(packages "$need")"
    wanted+=("${names[@]}")
done
[[ ${#still[@]} -eq 0 ]] && exit 0

for need in "${still[@]}"; do echo "Missing: $need ($(why "$need"))." >&2; done
echo "Run this once, then try again:  sudo apt-get install -y ${wanted[*]}" >&2
[[ -n $go_on ]] || exit 1
