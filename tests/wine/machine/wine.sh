# How Wine runs here: silent, without a screen, with the C runtime that the prefix has of its own; Python writes to pipes alone.
export WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=;winedbg.exe=d;ucrtbase=n,b'
unset DISPLAY "${!PIP_@}" "${!PYTHON@}" "${!LC_@}"
piped() { "$@" </dev/null 2>&1 | cat; }
