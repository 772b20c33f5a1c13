"""A made-up portfolio and one night over it, at a moment of its own; it takes the workbooks that are there already.

night.py FOLDER    makes FOLDER/made, reads FOLDER/teams, writes FOLDER/out
"""

import datetime as dt
import os
import sys
from pathlib import Path

from kam_xl import demo, nightly

MOMENT = dt.datetime(2026, 11, 28, 2)

if __name__ == "__main__":
    os.chdir(sys.argv[1])
    demo.make(Path("made"), today=MOMENT.date())
    teams = Path("teams")
    if not teams.is_dir():
        demo.make(teams, today=MOMENT.date())
    code, _ = nightly.run(nightly.Job(teams, Path("out"), "zh-CN"), MOMENT)
    sys.exit(code)
