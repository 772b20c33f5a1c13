#!/usr/bin/env bash
# Proves on Windows' Python under Wine, which is not Windows, what of the Windows side can be proved without it; see README.md here.
# The computer is made once and kept, for as long as what it is made of is the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
kept=${XDG_CACHE_HOME:-$HOME/.cache}/kam_xl/wine
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
  "$here/machine/make.sh" "$KAM_WINE_MADE"
fi
clear
trap clear EXIT
rm -rf "$KAM_WINE_SAID"
mkdir -p "$KAM_WINE_COPIES" "$KAM_WINE_SAID"
cd "$project"
"${PYTHON:-python3}" -m pytest -n 2 --dist loadscope -q -o 'python_files=proof_*.py' -o 'python_functions=proof_*' tests/wine "$@"
