"""``python -m kam_xl``: the command line of the desk."""

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until all is loaded nothing is begun, and Ctrl-C ends it in silence

    from kam_xl.doors import desk, terminal

    terminal.run(desk.app)
