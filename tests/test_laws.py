"""Laws that hold for any workbooks: order is irrelevant, what was consolidated is a fixed point, and nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kam_xl import resources
from kam_xl.core.assessment import assess
from kam_xl.core.consolidation import consolidate
from kam_xl.core.entries import is_nothing
from kam_xl.core.portfolio import Portfolio
from kam_xl.core.sheets import EVALUATION, INFO, OPTIONAL, TRACKING, Sheet
from kam_xl.reports import archive, master, team_workbook
from kam_xl.reports.run import Run
from tests.builders import TODAY, of_the_book, team_book

pytestmark = pytest.mark.slow  # each law consolidates many portfolios
POLICY = resources.policy()
SLOW = settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
FILES = settings(SLOW, max_examples=6, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # each writes a workbook

ids = st.sampled_from(["C001", "C002", "C003", "c003 ", "Ｃ００４"])
names = st.sampled_from(["甲科技有限公司", "乙贸易", "Acme Ltd", "丙"])
days = st.one_of(st.just(""), st.dates(dt.date(2015, 1, 1), dt.date(2026, 11, 1)))
marks = st.one_of(st.integers(0, 100), st.integers(0, 100).map(lambda mark: f"{mark}（长合作）"), st.just("待定"))
amounts = st.one_of(st.just(""), st.decimals(0, 9999, places=4).map(float), st.just("520万"), st.just("约300万"))
words = st.sampled_from(["", "科技", "Technology", "=1+1", "A产品、B服务", "B服务，C"])
info_rows = st.fixed_dictionaries(
    {"customer_id": ids, "name": names, "industry": words, "products": words, "tags": words, "remarks": words,
     "since": days, "last_deal": days, "amount": amounts}
)  # fmt: skip
evaluation_rows = st.fixed_dictionaries(
    {"customer_id": ids, "value": marks, "potential": marks, "demand": marks, "evaluated_on": days,
     "evaluator": st.sampled_from(["王经理", "李总监（销售）", ""])}
)  # fmt: skip
tracking_rows = st.fixed_dictionaries(
    {
        "customer": st.one_of(ids, names, st.just("C001/甲科技有限公司")),
        "strategy": words,
        "status": st.sampled_from(["进行中", "done", "?"]),
    }
)
books = st.fixed_dictionaries(
    {
        "info": st.lists(info_rows, min_size=1, max_size=4),
        "evaluation": st.lists(evaluation_rows, max_size=4),
        "tracking": st.lists(tracking_rows, max_size=3),
        "modified": st.sampled_from([None, dt.datetime(2026, 1, 1), dt.datetime(2026, 2, 2)]),
    }
)
#: Kind of optional sheet → what its cells are drawn from.
optional = {
    "indicators": {"profit": amounts, "growth": st.sampled_from(["8%", 0.05, 8, ""]), "as_of": days},
    "service": {
        "kind": st.sampled_from(["投诉", "Visit", "?", ""]),
        "reported": st.sampled_from(["2026-01-05 14:30", "2026年1月5日", dt.datetime(2026, 1, 6, 9), ""]),
        "resolved": days,
        "nps": st.sampled_from([0, 10, 11, "9分", ""]),
    },
    "contacts": {"name": names, "birthday": st.sampled_from(["5月3日", dt.date(1975, 5, 3), ""]),
                 "left": st.sampled_from(["是", "no", "?", ""])},
    "renewals": {"kind": st.sampled_from(["续约", "trial", ""]), "amount": amounts, "renewal_date": days},
    "tasks": {"action_id": st.sampled_from(["A-1", "a-2", ""]), "status": st.sampled_from(["待办", "Done", "?"])},
    "orders": {"order_no": st.sampled_from(["D1", "d1", ""]), "ordered_on": days, "amount": amounts,
               "product": st.sampled_from(["甲", "乙", ""])},
}  # fmt: skip
optional_books = st.fixed_dictionaries(
    {"info": st.lists(info_rows, min_size=1, max_size=2)}
    | {
        kind: st.lists(st.fixed_dictionaries({"customer_id": ids} | cells), max_size=2)
        for kind, cells in optional.items()
    }
)
folders = st.lists(books, min_size=1, max_size=3)


def gathered(folder: list[dict], order: list[int] | None = None) -> Portfolio:
    named = [team_book(POLICY, f"team{number}.xlsx", **book) for number, book in enumerate(folder)]
    return consolidate([named[i] for i in order] if order else named, POLICY)


FRAMES = (
    "customers",
    "records",
    "evaluations",
    "tracking",
    "conflicts",
    "duplicates",
    "origins",
    "findings",
    "sources",
    "proposals",
    *(sheet.kind for sheet in OPTIONAL),
)


@SLOW
@given(folders, st.randoms(use_true_random=False))
def test_the_order_of_workbooks_does_not_matter(folder, chance):
    order = list(range(len(folder)))
    chance.shuffle(order)

    one, other = gathered(folder), gathered(folder, order)

    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@SLOW
@given(st.lists(optional_books, min_size=2, max_size=2))
def test_the_order_of_workbooks_does_not_matter_to_the_optional_sheets(folder):
    one, other = gathered(folder), gathered(folder, [1, 0])

    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@SLOW
@given(optional_books)
def test_reading_what_was_consolidated_from_optional_sheets_again_changes_nothing(book):
    once = gathered([book])
    again = gathered(
        [{"info": book["info"], **{one.kind: said_again(getattr(once, one.kind), one) for one in OPTIONAL}}]
    )

    for sheet in OPTIONAL:
        fields = list(sheet.fields)
        pd.testing.assert_frame_equal(getattr(once, sheet.kind)[fields], getattr(again, sheet.kind)[fields])


def said_again(rows: pd.DataFrame, sheet: Sheet) -> list[dict[str, object]]:
    """An optional sheet's rows as a workbook holds them: moments, flags as yes and no, shares as percentages."""
    forms = {"flag": lambda flag: "是" if flag else "否", "share": "{:%}".format}
    typed = rows[list(sheet.fields)].astype(object).where(rows[list(sheet.fields)].notna(), "")
    for column in sheet.columns:
        form = forms.get(column.kind, lambda cell: cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell)
        if column.unit == "元":
            form = "{}万元".format
        typed[column.field] = typed[column.field].map(lambda cell, form=form: cell if cell == "" else form(cell))
    return typed.to_dict("records")


def rows_of(frame: pd.DataFrame, fields: dict[str, str]) -> list[dict[str, object]]:
    """The frame's rows as a person would type them: a field's column, dates as dates, unknown as blank."""
    cells = frame[list(fields.values())].astype(object).set_axis(list(fields), axis=1)
    typed = cells.map(lambda cell: cell.date() if isinstance(cell, pd.Timestamp) else cell).where(cells.notna(), "")
    return typed.to_dict("records")


@SLOW
@given(folders)
def test_consolidating_the_masters_own_data_again_changes_nothing(folder):
    once = gathered(folder)
    fields = {name: name for name in INFO.fields}
    decided = once.evaluations[["customer_id", "value", "potential", "demand", "evaluated_on", "evaluator", "current"]]
    again = consolidate(
        [
            team_book(
                POLICY,
                "KAM_Master.xlsx",
                info=rows_of(once.customers, fields),
                evaluation=rows_of(
                    decided[decided["current"]], {name: name for name in EVALUATION.fields if name in decided}
                ),
                tracking=rows_of(once.tracking, {"customer": "customer_id", "strategy": "strategy"}),
            )
        ],
        POLICY,
    )

    pd.testing.assert_frame_equal(once.customers[list(INFO.fields)], again.customers[list(INFO.fields)])
    kept = ["customer_id", "value", "potential", "demand", "evaluated_on", "evaluator"]
    current = decided[decided["current"]][kept].reset_index(drop=True)
    pd.testing.assert_frame_equal(current, again.evaluations[kept], check_dtype=False)
    assert again.conflicts.empty


def readable(text: str) -> bool:
    return text.isprintable() and text.strip() != "" and not is_nothing(text)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp")), min_size=1, max_size=12
).filter(readable)


@FILES
@given(row=st.fixed_dictionaries({one.field: texts for one in of_the_book(INFO) if one.field != "customer_id"}),
       tracking=st.fixed_dictionaries(dict.fromkeys(TRACKING.fields, texts)))  # fmt: skip
def test_no_text_is_lost_between_workbook_and_what_a_night_writes(row, tracking, tmp_path_factory):
    """In the master, the team's own workbook and the archive together, and in each of the latter two alone."""
    folder = tmp_path_factory.mktemp("night")
    book = {"info": [{"customer_id": "C001", **row}], "tracking": [tracking]}
    words_zh = resources.words("zh-CN")

    assessed = assess(gathered([book]), POLICY, TODAY, words_zh)
    run = Run(dt.datetime(2026, 11, 21), "t", "../t", "1", "1", "zh-CN", 1, {})
    master.write(folder / "m.xlsx", assessed, run)
    (team,) = team_workbook.write(folder, assessed, run)

    own = cells_of(folder / team)
    kept = [folded(text) for _, frame in archive.kept(assessed) for name in frame for text in map(str, frame[name])]
    customer = tracking.pop("customer").split("/")  # an ID and a name, each in its own column
    typed = (*row.values(), *tracking.values(), *customer)
    lost = {
        place: [text for text in typed if not any(folded(text) in cell for cell in cells)]
        for place, cells in {"all": [*cells_of(folder / "m.xlsx"), *own, *kept], "team": own, "archive": kept}.items()
    }
    assert lost == {"all": [], "team": [], "archive": []}


def cells_of(path):
    """Every cell of a workbook, folded."""
    workbook = CalamineWorkbook.from_path(path)
    rows = (row for name in workbook.sheet_names for row in workbook.get_sheet_by_name(name).to_python())
    return [folded(str(cell)) for row in rows for cell in row]


def folded(text: str) -> str:
    """Width, case and blanks are the product's to normalise; everything else is not."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


@pytest.mark.parametrize("typed", ["92（高利润+长合作）", "约300万", "2023-13-45", "已搁浅", "2021年3月"])
def test_what_could_not_be_understood_is_still_there_as_it_was_typed(typed):
    portfolio = gathered(
        [{"info": [{"customer_id": "C001", "name": "甲", "amount": typed, "since": typed, "phone": typed}]}]
    )

    kept = portfolio.findings["typed_value"].dropna().tolist() + portfolio.records["as_typed"].dropna().tolist()
    assert any(typed in text for text in kept)
