"""What the policy says of orders, and of the currency that amounts are in; each a frozen record like those of `sections`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from kam_xl.core.kinds import Kind, Record, Text

_CODE = Kind(
    Text("三个大写字母的币种代码，如 CNY", "the three capitals of a currency, such as CNY"),
    lambda value: isinstance(value, str) and re.fullmatch("[A-Z]{3}", value) is not None,
)


@dataclass(frozen=True)
class Currencies(Record):
    """In which currency amounts are (handbook §12)."""

    own: Annotated[str, _CODE]  # in which amounts are where nothing says otherwise
