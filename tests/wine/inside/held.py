"""A program run while files are held as Excel holds an open workbook: others may read it, nobody may replace it.

held.py FILE… -- COMMAND…
"""

import subprocess
import sys

import pywintypes  # noqa: F401 (finds the DLL of the next one)
import win32con
import win32file


def main(files: list[str], command: list[str]) -> int:
    """Hold the files, run the command, and return its exit code."""
    both = win32con.GENERIC_READ | win32con.GENERIC_WRITE
    held = [
        win32file.CreateFile(file, both, win32con.FILE_SHARE_READ, None, win32con.OPEN_EXISTING, 0, None)
        for file in files
    ]
    code = subprocess.run([sys.executable, *command], stdout=sys.stdout, stderr=sys.stdout, check=False).returncode
    for handle in held:
        handle.Close()
    return code


if __name__ == "__main__":
    cut = sys.argv.index("--")
    sys.exit(main(sys.argv[1:cut], sys.argv[cut + 1 :]))
