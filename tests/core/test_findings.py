"""Every finding has a severity, a sentence and a remedy, and becomes one row."""

import ast
import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kam_xl import core
from kam_xl.core import findings
from kam_xl.core.choices import STATUS_NAMES
from kam_xl.core.findings import SEVERITY, Finding, frame, in_order
from kam_xl.core.words import LANGUAGES

CORE = Path(findings.__file__).parent
PLACE = {"field": "客户名称", "value": "很多", "detail": "C001"}
FLOORS = core.__doc__.split("\n\n")[1].replace("\n", " ").split(", ")
READERS = FLOORS[: FLOORS.index("validation") + 1]  # what they return is a reading, its code last
REPORTERS = {"Finding", "report", "_finding", "_left_out"}


def texts_in(node: ast.AST) -> Iterator[str]:
    """Every text written in a piece of code, except what a comparison holds it against."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in [] if isinstance(node, ast.Compare) else ast.iter_child_nodes(node):
        yield from texts_in(child)


def _name(node: ast.Assign | ast.AnnAssign) -> str:
    """What is assigned to, where that is a plain name."""
    return getattr(node.target if isinstance(node, ast.AnnAssign) else node.targets[0], "id", "")


def codes_in(path: Path) -> set[str]:
    """The codes a module gives: what it reports, puts in ``code``, or returns beside a reading."""
    tree = ast.parse(path.read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in REPORTERS:
            found.update(text for argument in node.args for text in texts_in(argument))
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _name(node) in ("code", "BROKEN"):
            found.update(texts_in(node.value))
        if isinstance(node, ast.Return) and node.value and path.stem in READERS:
            found.update(texts_in(node.value))
    prefixes = tuple({code.split("_")[0] + "_" for code in SEVERITY})
    return {text for text in found if text.startswith(prefixes) and re.fullmatch(r"[a-z]+(_[a-z]+)+", text)}


#: What is no code of a finding: fields, verdicts, what a sheet looks like (`understanding.LOOKS`), what nobody can answer.
NO_CODES = {"action_id", "customer_id", "evaluated_on", "tracked_on", "score_differs", "tier_differs", "no_header", "no_column",
            *STATUS_NAMES}  # fmt: skip


@pytest.mark.parametrize("path", sorted(CORE.glob("*.py")), ids=lambda path: path.stem)
def test_every_code_in_use_has_a_severity(path: Path) -> None:
    assert codes_in(path) - NO_CODES <= SEVERITY.keys()


def test_the_search_for_codes_finds_them() -> None:
    assert "amount_missing" in codes_in(CORE / "amounts.py")
    assert "date_month_only" in codes_in(CORE / "dates.py")
    assert "period_reversed" in codes_in(CORE / "periods.py")
    assert "date_unparsed" in codes_in(CORE / "raw.py")
    assert "name_missing" in codes_in(CORE / "word_cleaners.py")
    assert "id_unusual" in codes_in(CORE / "id_cleaners.py")
    assert {"column_missing", "no_data_rows"} <= codes_in(CORE / "typed_tables.py")
    assert {"id_missing", "not_calculated"} <= codes_in(CORE / "rows.py")
    assert {"sheet_ignored", "text_outside_table"} <= codes_in(CORE / "locating.py")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["text", "remedy"])
@pytest.mark.parametrize("code", SEVERITY)
def test_every_code_says_what_is_wrong_and_what_to_do(words_in: Callable, code: str, part: str, lang: str) -> None:
    key = f"finding.{code}.{part}"
    words = words_in(lang)
    assert {name for _, name, _, _ in string.Formatter().parse(words(key)) if name} <= PLACE.keys()
    assert words(key, **PLACE)


def test_cells_stand_in_the_order_of_their_sheet() -> None:
    found = [("a.xlsx", Finding("name_missing", "客户", cell)) for cell in ("A10", "B2", "AA2", "A2:C2", None, "A100")]
    cells_in_order = in_order(frame(found))["cell"]
    assert cells_in_order.dropna().tolist() == ["A2:C2", "B2", "AA2", "A10", "A100"]
    assert cells_in_order.isna().tolist() == [False] * 5 + [True]


def test_no_sentence_is_left_over(words_in: Callable) -> None:
    said = {key.split(".")[1] for key in words_in("en").texts if key.startswith("finding.")}
    assert said == SEVERITY.keys()


def test_every_severity_has_a_name(words_in: Callable) -> None:
    assert {f"terms.severity.{severity}" for severity in SEVERITY.values()} <= words_in("en").texts.keys()


def test_a_finding_becomes_one_row_of_texts() -> None:
    bad = Finding("amount_unparsed", "客户", "I2", "amount", "很多", "C001")
    frame = findings.frame([("华东.xlsx", bad), ("华北.xlsx", Finding("contains_macros"))])
    assert frame.columns.tolist() == list(findings.COLUMNS)
    assert frame.fillna("").to_numpy().tolist() == [
        ["amount_unparsed", "error", "华东.xlsx", "客户", "I2", "C001", "amount", "很多", ""],
        ["contains_macros", "warn", "华北.xlsx", "", "", "", "", "", ""],
    ]
    assert set(map(str, frame.dtypes)) == {"str"}


def test_no_findings_are_an_empty_frame_of_texts() -> None:
    assert set(map(str, findings.frame([]).dtypes)) == {"str"}


def test_a_code_without_severity_is_our_bug() -> None:
    with pytest.raises(KeyError):
        findings.frame([("a.xlsx", Finding("nonsense"))])
