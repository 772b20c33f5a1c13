#!/usr/bin/env bash
# make.sh FOLDER: makes a computer there on which Windows' Python runs, of Debian's packages in debian.txt and PyPI's wheels: a Wine
# prefix with a bare Python and another one that has every package of ours; and the wheels of both.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../../.." && pwd)
mkdir -p "$1"
made=$(cd "$1" && pwd)
step() { printf -- '-- %s (%d s)\n' "$1" "$SECONDS"; }
quiet() { "$@" >"$made/log" 2>&1 || { tail -n 20 "$made/log"; exit 1; }; }

winedlls=$(dirname "$(dpkg -L libwine | grep '/x86_64-windows/ucrtbase.dll$')")

step "wheels, while Wine makes a prefix"
(
  export WINEPREFIX="$made/prefix"
  source "$here/wine.sh"
  piped wine wineboot --init
  # Every look at a file asks it for the number of the file's volume; importing our functions takes three times as long with it.
  piped wine reg add 'HKLM\System\CurrentControlSet\Services\MountMgr' /v Start /t REG_DWORD /d 4 /f
  wineserver --wait
) >"$made/wine.log" &
begun=$!
tools="$made/tools/bin"
python3 -m venv "$made/tools"
quiet "$tools/pip" install pefile==2024.8.26 uv==0.13.9
fetch() { quiet "$tools/pip" download -q --no-deps --only-binary :all: --platform win_amd64 --python-version 3.11 --implementation cp "$@"; }
fetch --require-hashes -d "$made/panda3d" -r "$here/panda3d.txt"
grep -E '^(pytest|hypothesis|openpyxl|playwright|hatchling)[>=]' "$project/requirements-dev.txt" >"$made/tried_with.txt"
quiet "$tools/uv" pip compile "$project/pyproject.toml" "$made/tried_with.txt" --extra nightly --python-version 3.11 \
  --python-platform x86_64-pc-windows-msvc --no-annotate -o "$made/wheels.txt"
fetch -d "$made/wheels" -r "$made/wheels.txt"

step "Windows' Python"
python="$made/Python311"
mkdir -p "$python"/{DLLs,Scripts,Lib/site-packages,Lib/venv/scripts/nt}
unzip -q -o -j "$made"/panda3d/*.whl 'deploy_libs/*' -d "$made/deploy_libs"
cp "$made"/deploy_libs/{python311.dll,VCRUNTIME140.dll} "$python/"
cp "$made"/deploy_libs/{*.pyd,lib*-*.dll,sqlite3.dll} "$python/DLLs/"
library=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))') # what is plain Python is so everywhere
tar c -C "$library" --exclude=./site-packages --exclude=./dist-packages --exclude=./lib-dynload --exclude=__pycache__ \
  --exclude=./test --exclude='./config-*' --exclude='./_sysconfigdata*' . | tar x -C "$python/Lib"
# Before 3.11.9 this was no method of the class, and the interpreter, which is of 3.11.9, asks the class.
sed -i '/^ *@classmethod$/{N;b}; s/^    def invalidate_caches(cls):/    @classmethod\n&/' "$python/Lib/importlib/metadata/__init__.py"
compile() { x86_64-w64-mingw32-gcc -O1 -s -static -static-libgcc "$@"; }
for windowed in python: pythonw:-mwindows; do
  compile -municode ${windowed#*:} -o "$python/${windowed%:*}.exe" "$here/python.c" "$python/python311.dll"
  compile -municode ${windowed#*:} -o "$python/Lib/venv/scripts/nt/${windowed%:*}.exe" "$here/launcher.c"
done
"$tools/python" "$here/dlls.py" names "$python/python311.dll" python3 >"$made/python3.def"
compile -shared -nostdlib -Wl,--entry=0 -o "$python/python3.dll" "$made/python3.def" -x c /dev/null

step "Wine"
mkdir "$made/locales" # a language's Windows takes files' names as UTF-8 only where its locale is known here
for language in en_US zh_CN; do localedef -i "$language" -f UTF-8 "$made/locales/$language.UTF-8"; done
wait "$begun" || { tail -n 20 "$made/wine.log"; exit 1; }
c="$made/prefix/drive_c"
rm -f "$made/prefix"/dosdevices/[!c]* # nothing of this computer is in reach from there
for linked in "$c"/users/*/*; do [ ! -L "$linked" ] || { rm "$linked" && mkdir "$linked"; }; done
compile -shared -fno-builtin -o "$c/windows/system32/kamcrt.dll" "$here/complex.c"
compile -shared -o "$c/windows/system32/bcryptprimitives.dll" "$here/random.c" -ladvapi32
"$tools/python" "$here/dlls.py" handed_on "$winedlls/ucrtbase.dll" "$c/windows/system32/kamcrt.dll" "$made/ucrtbase.dll"
cp "$made/ucrtbase.dll" "$c/windows/system32/"

step "packages"
cp -r "$python" "$c/Bare"
cp -r "$python" "$c/Filled"
for wheel in "$made"/wheels/*.whl; do unzip -q -o "$wheel" -d "$c/Filled/Lib/site-packages"; done
shopt -s nullglob
for data in "$c"/Filled/Lib/site-packages/*.data; do # as pip lays them out; scripts nobody starts
  for kind in purelib platlib; do [ ! -d "$data/$kind" ] || cp -r "$data/$kind/." "$c/Filled/Lib/site-packages/"; done
  [ ! -d "$data/data" ] || cp -r "$data/data/." "$c/Filled/"
done
mkdir "$c/wheels"
mv "$made"/wheels/*.whl "$c/wheels/"
python3 -m compileall -qq -j 0 -s "$c" -p C: "$c/Filled/Lib" "$c/Bare/Lib" 2>/dev/null || true # some are no Python of today
touch "$made/whole"
step "a computer on which Windows' Python runs"
