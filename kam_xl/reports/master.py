"""The master workbook: what a director decides on, in a dozen sheets, each with its reader named on the first; one more where customers are of groups."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from kam_xl.core.assessment import Assessment
from kam_xl.core.outside import inside, outside
from kam_xl.reports import cover, native_tables, workbook
from kam_xl.reports.master_sheets import PAGES
from kam_xl.reports.pages import Pages
from kam_xl.reports.run import Run
from kam_xl.reports.workbook import Binding
from kam_xl.showing import vocabulary


def write(path: Path, assessment: Assessment, run: Run, rows_per_sheet: int = native_tables.EXCEL_ROWS) -> None:
    """Write the whole workbook to ``path`` in its language (handbook §3, §4, §7, §10, §11).

    A table lists its first rows, as many as the policy says, and goes on in "name (2)" where that is more than a sheet holds; the cover
    says both. Phones stay only if the policy keeps them.
    A sheet that cannot be made says so in its place, and so does the cover.
    """
    assessment = inside(assessment) if assessment.policy.keep_phones else outside(assessment)
    binding = Binding(
        key="master",
        title=assessment.words("master.title"),
        first=assessment.words("master.sheet.summary"),
        front=partial(cover.add, assessment),
        pages=PAGES,
        rows_per_sheet=rows_per_sheet,
        most=assessment.policy.plan.master_rows,
    )
    workbook.write(path, Pages(assessment, run, vocabulary.vocabularies(assessment)), binding)
