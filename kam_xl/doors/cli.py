"""The command ``kam-xl``, from its first moment: what a Python that lacks packages can do of it, it does."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line, and end with its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until all is loaded nothing is begun, and Ctrl-C ends it in silence
    if sys.version_info < (3, 11):  # noqa: UP036 (told here and so: an older one cannot even read the words)
        sys.stderr.write(
            f"需要 Python 3.11 或更高版本，当前是 {sys.version.split()[0]}；请从 python.org 安装后重试。\n"
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; install it from python.org and try again.\n"
        )
        sys.exit(2)
    try:
        from kam_xl.doors import commands

        commands.run()
    except ImportError as missing:  # a Python without packages, which can install nonetheless
        if (missing.name or "").partition(".")[0] == "kam_xl":
            raise
        from kam_xl.doors import bare

        sys.exit(bare.run(sys.argv[1:], missing))
