#!/usr/bin/env bash
# Proves on Windows' Python under Wine, which is not Windows, what of the Windows side can be proved without it; see README.md here.
# In CI it installs what it takes; anywhere else it is skipped where that is missing, and says so.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
kept=${XDG_CACHE_HOME:-$HOME/.cache}/kam_xl/wine
missing=()
for package in $(cat "$here/machine/debian.txt"); do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
skipped() { # a failure in CI
  echo "Windows' Python under Wine is skipped: $1"
  [ -z "${CI:-}" ]
  exit
}
python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
  skipped "it is made of this computer's own library and must be its equal, which takes Python 3.11"
if [ "${#missing[@]}" -gt 0 ]; then
  [ -n "${CI:-}" ] || skipped "it takes Debian's packages ${missing[*]} (with CI=true they are installed)"
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

# The computer is made once and kept, for as long as what it is made of is the same.
key=$(cat "$here"/machine/* "$project/pyproject.toml" "$project/requirements-dev.txt" <(python3 --version) | sha256sum | cut -c1-16)
export KAM_WINE_MADE="$kept/$key" KAM_WINE_COPIES="$kept/copies" KAM_WINE_SAID="$kept/said"
clear() { # what still runs on a copy ends with it
  for prefix in "$KAM_WINE_COPIES"/*/; do
    [ ! -d "$prefix" ] || WINEPREFIX="$prefix" timeout 20 wineserver --kill || true
  done
  rm -rf "$KAM_WINE_COPIES"
}
if [ ! -e "$KAM_WINE_MADE/whole" ]; then
  rm -rf "$kept"
  timeout --kill-after=30 600 "$here/machine/make.sh" "$KAM_WINE_MADE"
fi
clear
trap clear EXIT
rm -rf "$KAM_WINE_SAID"
mkdir -p "$KAM_WINE_COPIES" "$KAM_WINE_SAID"
cd "$project"
proofs=(-n 2 --dist loadscope -o 'python_files=proof_*.py' -o 'python_functions=proof_*' tests/wine)
"${PYTHON:-python3}" -m pytest -q "${proofs[@]}" "$@"
