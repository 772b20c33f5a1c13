"""The command line from a checkout: the nightly job, its schedule, a check, a demo."""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until all is loaded nothing is begun, and Ctrl-C ends it in silence

from kam_xl.doors import cli, terminal

if __name__ == "__main__":
    terminal.run(cli.app)
