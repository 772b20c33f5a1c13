"""Removes the folders named after the program itself has ended; run by the Python outside them (see `uninstall`)."""

import pathlib
import shutil
import sys
import time

_TRIES, _PAUSE = 120, 0.5

if __name__ == "__main__":
    environment, root = (pathlib.Path(place) for place in sys.argv[1:3])
    for _ in range(_TRIES):
        shutil.rmtree(environment, ignore_errors=True)
        if not environment.exists():
            break
        time.sleep(_PAUSE)
    if root.is_dir() and not any(root.iterdir()):
        root.rmdir()
