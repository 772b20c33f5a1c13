"""The plain formulas give what the rules give: every edge, and 10,000 rows at random, calculated by LibreOffice at once."""

import dataclasses
import math
import random
import re

import pandas as pd
import pytest
from xlsxwriter.utility import xl_col_to_name

from kam_xl import resources
from kam_xl.core import raw, scoring, tiering
from kam_xl.core.policy import DIMENSIONS, Weights
from kam_xl.template import native, plain

POLICY = resources.policy()
ROWS = 10_000
#: The texts that the formulas promise to read: a number, alone or with a reason behind it that says something.
READ = re.compile(r" *\d{1,9}(\.\d{1,9})? *([（(]([^分\d\W][^【】]*)?[）)]?)?")

#: Marks at every edge: of the scale, of what is a fraction, of what is text.
EDGES = (
    None, 0, 1, 100, 0.99, 1.01, 99.99, 100.01, -0.01, -1, 0.5, 101, 45000, 1e9, 33.333333333333,
    "92（高利润+长合作）", "92 (high margin)", "92(x)", " 92 ", "92（", "92（）", "88.5（行业快）", "0（无）", "100（满）", "0.92（占比）", "150（多）",
    "92", "92.5", "92.", ".92", ".0", "92.5.1", "1.2.3（日）", "1,0（逗）", "1e2（指数）", "0x5（x）", "9 2（空）", "92%（占比）", "92分（高）", "92分", "92%",
    "９２（高）", "92（９５）", "92（95）", "92(95分)", "92（95%）", "92（ 95 points）", "92（95/100）", "92（3年合作）", "92（30%毛利）", "92（a）（b）", "92 高利润", "92：高",
    "约92", "92左右", "90-95", "90~95（区间）", "92/100", "12:30（时）", "2026-01-01（日）", "一百", "高", "—", "无", "N/A", "#N/A", "（92）", "高利润（92）", "+92（正）",
    "-5（负）", "$92（钱）", "TRUE", "92（换\n行）", "092（零）", "00（零）", "123456789012（长）", "1234567890123（长）", "92（x）后", "92【高】", '92（说"好"）', "92（<&>'）",
    "92（）)", "92（95分", "92(or 95)", "3（1/2）", "7（第2次）", "5（2026-01-01）", "92（1e2）", "92（1,000）", "92（12:30）", "92（$95）",
    "92（见附件3①）", "92（约 3²）", "92（3 ㊿）",
)  # fmt: skip


def _random_mark(chance: random.Random) -> object:
    """A mark as people type it: mostly a number, often on an edge of rounding or of a band, sometimes a text or nothing."""
    number = chance.choice([
        chance.randint(0, 100), chance.randint(0, 1000) / 10, chance.randint(0, 10_000) / 100,
        chance.choice((0, 30, 50, 70, 90, 100)), round(chance.uniform(0, 100), 12), chance.choice(EDGES),
    ])  # fmt: skip
    if isinstance(number, int | float) and not isinstance(number, bool) and chance.random() < 0.3:
        return f"{round(number, 2)}{chance.choice(('（高利润）', ' (long-standing)', '(x)', '', '（3 年合作）'))}"
    return number


@pytest.fixture(scope="module")
def typed() -> pd.DataFrame:
    """10,000 rows of three marks: every edge in each place beside whole marks, then rows at random."""
    chance = random.Random(20261129)
    rows = [[edge if place == at else 50 for place in range(3)] for edge in EDGES for at in range(3)]
    exact = [(low + step / 100, low, low) for low in (30, 50, 70, 90) for step in (-12, -11, -10, -9, -1, 0, 1, 9, 10)]
    rows += [list(row) for row in exact]
    rows += [[_random_mark(chance) for _ in range(3)] for _ in range(ROWS - len(rows))]
    return pd.DataFrame(rows, columns=list(DIMENSIONS), dtype=object)


def by_cells(formula: str) -> str:
    """A formula of the table's first row with cells for columns, which a program fills down."""
    headers = [column.header("zh-CN") for column in native.EVALUATION.columns]
    return re.sub(
        r"tblEvaluation\[\[#This Row\][;,]\[(.*?)\]\]",
        lambda found: "$" + xl_col_to_name(headers.index(found[1])) + "5",
        formula,
    )


@pytest.fixture(scope="module")
def computed(typed, office, tmp_path_factory):
    """What LibreOffice calculates for every row, by the formulas of the workbook's first row."""
    import uno  # found where LibreOffice is

    down = uno.Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM")
    path = tmp_path_factory.mktemp("plain") / "marks.xlsx"
    path.write_bytes(plain.workbook("zh-CN", room=1))
    book = office.open(path)
    sheet = book.api.Sheets.getByName(native.EVALUATION.name("zh-CN"))
    width, last = len(native.EVALUATION.columns), 3 + len(typed)
    cells = [
        (f"C{number:05}", *("" if cell is None else cell for cell in row))
        for number, row in enumerate(typed.to_numpy())
    ]
    sheet.getCellRangeByPosition(0, 4, 3, last).setDataArray(tuple(cells))
    sheet.Columns.IsVisible = True  # nothing is filled where nobody sees it
    for first, end in ((4, 6), (9, width - 1)):
        for column in range(first, end + 1):
            cell = sheet.getCellByPosition(column, 4)
            cell.setFormula(by_cells(cell.getFormula()))
        sheet.getCellRangeByPosition(first, 4, end, last).fillAuto(down, 1)
    book.api.calculateAll()
    found = sheet.getCellRangeByPosition(0, 4, width - 1, last).getDataArray()
    book.close()
    return pd.DataFrame(found, columns=[column.field for column in native.EVALUATION.columns])


@pytest.fixture(scope="module")
def marks(typed):
    """What the rules make of every cell."""
    return typed.map(lambda cell: raw.mark(float(cell) if isinstance(cell, int | float) else cell)[0]).astype("float64")


@pytest.fixture(scope="module")
def read(computed):
    """What the formulas make of every cell."""
    return pd.DataFrame({name: pd.to_numeric(computed[f"{name}_mark"], errors="coerce") for name in DIMENSIONS})


def test_no_formula_gives_a_mark_that_the_rules_do_not_give(typed, marks, read):
    other = read.notna() & (read != marks)
    assert typed.where(other).stack().dropna().tolist() == []


def test_every_number_and_every_text_of_the_promised_form_is_read_as_the_rules_read_it(typed, marks, read):
    promised = typed.map(lambda cell: not isinstance(cell, str) or bool(READ.fullmatch(cell)))
    other = promised & (read.fillna(-1) != marks.fillna(-1))
    assert typed.where(other).stack().dropna().tolist() == []
    assert (promised & marks.notna()).sum().sum() > 2 * ROWS  # and these are most of them
    texts = promised & typed.map(lambda cell: isinstance(cell, str)) & marks.notna()
    assert texts.sum().sum() > ROWS / 2


def test_scores_and_tiers_are_the_cores_own(marks, read, computed):
    known = read.notna().all(axis=1)
    score = scoring.composite(*(marks[name] for name in DIMENSIONS), POLICY.weights)
    tier = tiering.tiers(score, POLICY).map(POLICY.tier_names("zh-CN"))

    assert known.sum() > ROWS / 2
    assert computed["composite"][known].tolist() == score[known].tolist()
    assert computed["tier"][known].tolist() == tier[known].tolist()
    assert set(computed["tier"][known]) == set(POLICY.tier_names("zh-CN").values())
    assert {key: set(computed[key][~known]) for key in ("composite", "tier")} == {"composite": {"—"}, "tier": {"—"}}


def test_the_hint_names_what_is_missing_and_what_is_no_mark(typed, read, computed):
    words = resources.words("zh-CN")
    expected = []
    for row, known in zip(typed.to_numpy(), read.notna().to_numpy(), strict=True):
        told = [
            words(f"plain.hint.{'missing' if cell is None else 'unread'}", dimension=words(f"terms.dimension.{name}"))
            for name, cell, is_mark in zip(DIMENSIONS, row, known, strict=True)
            if not is_mark
        ]
        expected.append("▲" + "".join(told) if told else "")
    assert computed["note"].tolist() == expected


def test_other_weights_and_bands_make_other_formulas():
    changed = dataclasses.replace(
        POLICY,
        weights=Weights(0.2, 0.2, 0.6),
        tiers=tuple(dataclasses.replace(one, low=one.low and one.low - 0.5) for one in POLICY.tiers),
    )
    made = native.score(("A1", "B1", "C1"), changed, "FALSE")
    assert "0.2*A1+0.2*B1+0.6*C1" in made
    assert native.tier("D1", changed, "en").count(">=89.5") == native.tier("D1", changed, "en").count(">=0") == 1


def test_the_arithmetic_alone_rounds_as_the_rules_do():
    """In plain binary numbers, as Excel counts: LibreOffice is more lenient about what is nearly whole."""
    chance = random.Random(7)
    rounded = re.search(r"INT\((.*)\)/10", native.score(("a", "b", "c"), POLICY, "FALSE"))[1]
    rows = pd.DataFrame([[chance.randint(100, 10_000) / 100 for _ in range(3)] for _ in range(3000)])
    found = [math.floor(eval(rounded, dict(zip("abc", row, strict=True)))) / 10 for row in rows.to_numpy().tolist()]  # noqa: S307
    assert found == scoring.composite(rows[0], rows[1], rows[2], POLICY.weights).tolist()
