"""What every worksheet function is asked with besides its arguments: the policy, the words and the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from kam_xl.core.policy import Policy
from kam_xl.core.words import Words


class Setting(NamedTuple):
    """The company policy, the words of one language, today, and how to find an open workbook by its name."""

    policy: Policy
    words: Words
    today: dt.date
    find_book: Callable[[str], Any]
