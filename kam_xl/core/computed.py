"""What the workbook without macros computes beside the marks (`kam_xl.template.native`): columns that are nobody's record.

No reader takes what stands below these headers for what somebody recorded: a score of an older policy contradicts nothing.
"""

from __future__ import annotations

from kam_xl.core.sheets import Column

RESULTS = (
    Column("composite", "本表得分", "Score here", "composite"),
    Column("tier", "本表层级", "Tier here", "tier"),
    Column("note", "本表提示", "Hint here"),
)

_DIMENSIONS = (("value", "价值"), ("potential", "潜力"), ("demand", "需求"))
NUMBERS, MARKS = (
    tuple(Column(f"{key}_{what}", f"{name}{zh}", f"{key.capitalize()} {en}", hidden=True) for key, name in _DIMENSIONS)
    for what, zh, en in (("number", "原数", "number"), ("mark", "读数", "as read"))
)
COLUMNS = (*RESULTS, *NUMBERS, *MARKS)
