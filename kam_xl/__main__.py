"""``python -m kam_xl``: the command line, where the command ``kam-xl`` is not in reach."""

from kam_xl.doors import cli

if __name__ == "__main__":
    cli.main()
