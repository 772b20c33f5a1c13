"""The command line from a checkout: ``python batch.py demo`` is ``kam-xl demo``."""

from kam_xl.doors import cli

if __name__ == "__main__":
    cli.main()
