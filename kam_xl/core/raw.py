"""What one cell as it was read, be it of a workbook or of a formula, means: the text a person sees."""

from __future__ import annotations

import datetime as dt

from kam_xl.core.books import CellError
from kam_xl.core.cells import number_text


def text(cell: object) -> str:
    """A cell as the text a person sees: 520.0 → 520, a date → 2023-10-20, True → TRUE, #N/A → N/A, nothing → "".

    An error loses its sign, which in a cell of ours would read as an error.
    """
    if isinstance(cell, CellError):
        return cell.lstrip("#")
    if cell is None or isinstance(cell, str):
        return str(cell or "")
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)
