"""The door: every function answers every host alike, never raises, and is what the wrappers and the words say."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import logging
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from kam_xl import resources, worksheet
from kam_xl.core import raw
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import udfs, wrappers
from kam_xl.worksheet import exchange, formulas
from tests.builders import raw_sheet
from tests.xlwings_on_linux import DIVISION_BY_ZERO, LEFT_OUT, NOT_AVAILABLE, PROJECT, Result, through_xlwings


def _table(kind: str, *rows: dict[str, object]) -> tuple[tuple, ...]:
    """A table with its header as a host hands it over: blanks are None."""
    return tuple(tuple(None if cell == "" else cell for cell in row) for row in raw_sheet(kind, rows).rows)


INFO = _table(
    "info",
    {
        "customer_id": "C001",
        "name": "某科技",
        "phone": "13800001234",
        "amount": 520.0,
        "last_deal": dt.datetime(2023, 10, 20),
    },
    {"customer_id": "C002", "name": "乙公司", "amount": "许多"},
)
EVALUATION = _table(
    "evaluation",
    {"customer_id": "C001", "value": "92（高利润+长合作）", "potential": 88.0, "demand": 85.0, "composite": 89.6,
     "tier": "战略客户", "evaluated_on": dt.datetime(2023, 10, 20)},
    {"customer_id": "C002", "value": 55.0, "potential": 45.0, "demand": "不错"},
)  # fmt: skip
TRACKING = _table("tracking", {"customer": "C001/某科技", "strategy": "联合研发", "status": "进行中",
                               "period": "2023-10-01至2024-01-01"})  # fmt: skip
SERVICE = _table(
    "service",
    {
        "customer_id": "C001",
        "kind": "投诉",
        "category": "发票",
        "severity": "重大",
        "reported": dt.datetime(2023, 11, 20, 9, 30),
    },
    {
        "customer_id": "C002",
        "kind": "满意度调查",
        "reported": dt.datetime(2023, 11, 1),
        "satisfaction": 60.0,
        "nps": 11.0,
    },
)
CONTACTS = _table("contacts", {"customer_id": "C001", "name": "王某", "role": "采购", "phone": "13900002222",
                               "last_contact": dt.datetime(2023, 11, 10)})  # fmt: skip
RENEWALS = _table("renewals", {"customer_id": "C001", "kind": "续约", "product": "维保", "amount": 80.0,
                               "renewal_date": dt.datetime(2023, 12, 20), "stage": "谈判"})  # fmt: skip
TABLES = (INFO, EVALUATION, TRACKING)
OPTIONAL = (SERVICE, CONTACTS, RENEWALS)
MOVES = (
    ("客户ID", "客户名称", "项目", "变化", "为何变化", "依据", "相比的两晚"),
    (
        "C001",
        "某科技",
        "综合得分",
        "89.4 → 85.4（−4.0）",
        "自身数据 −4.0",
        "华东.xlsx 表!B3",
        "2023-11-20 到 2023-11-21",
    ),
    ("C001", "某科技", "风险等级", "中 → 高", "日历", None, "2023-11-20 到 2023-11-21"),
)
AS_OF = dt.datetime(2023, 11, 21)
MARKS = ((92.0, 88.0, 85.0), (55.0, 45.0, 70.0))
COLUMNS = tuple(tuple((row[i],) for row in MARKS) for i in range(3))

#: Every function with one cell, many cells, nothing, nonsense, an error and, where there is one, each language.
CALLS: tuple[tuple[str, tuple], ...] = (
    ("KAM_SCORE", (92.0, 88.0, 85.0)),
    ("KAM_SCORE", ("92（高利润+长合作）", 88.0, "85 (需求旺)", None)),
    ("KAM_SCORE", (92.0, 88.0, 85.0, ((0.5, 0.3, 0.2),))),
    ("KAM_SCORE", (92.0, 88.0, 85.0, ((0.0,), (0.5,), (0.5,)))),
    ("KAM_SCORE", (92.0, 88.0, 85.0, ((0.5, 0.3, 0.3),))),
    ("KAM_SCORE", COLUMNS),
    ("KAM_SCORE", (((92.0, 55.0),), 88.0, ((85.0,), (70.0,)))),
    ("KAM_SCORE", (None, 88.0, 85.0)),
    ("KAM_SCORE", ("很高", 88.0, 85.0)),
    ("KAM_SCORE", (((92.0,), (None,), ("很高",), ("#N/A",), ("#DIV/0!",)), 88.0, 85.0)),
    ("KAM_TIER", (89.4,)),
    ("KAM_TIER", (89.95, "en")),
    ("KAM_TIER", (((100.0,), (0.0,), (0.6,), (101.0,), (None,)), "en")),
    ("KAM_TIER", (89.4, "fr")),
    ("KAM_VALUE", (120.0, 800.0, 6.0, 10.0)),
    ("KAM_VALUE", ((("120万",), (-5.0,), (None,), ("多",)), 800.0, 6.0, 10.0)),
    ("KAM_VALUE", (120.0, 0.0, 6.0, 10.0)),
    ("KAM_POTENTIAL", (0.12, 0.2, 3.0, 5.0)),
    ("KAM_POTENTIAL", (((0.12,), (0.3,)), 0.2, 3.0, ((5.0,), (None,)))),
    ("KAM_DEMAND", (4.0, 2.0)),
    ("KAM_DEMAND", (((4.0,), (7.0,), (None,), (True,)), 2.0)),
    ("KAM_EXPLAIN", (92.0, 88.0, 85.0)),
    ("KAM_EXPLAIN", (*COLUMNS, "en")),
    ("KAM_EXPLAIN", (92.0, None, 85.0, "en")),
    ("KAM_PATH", (92.0, 88.0, 85.0, "战略客户")),
    ("KAM_PATH", (*COLUMNS, "Key", "en")),
    ("KAM_PATH", (92.0, 88.0, 85.0, "钻石")),
    ("KAM_STRATEGY", ("重点客户",)),
    ("KAM_STRATEGY", ((("战略",), ("Key",), ("potential",), (None,), ("钻石",)), "负责人", "en")),
    ("KAM_STRATEGY", ("重点客户", (("strategy", "措施", "部门", "support", "目标", "cadence", "类别"),), "zh-CN")),
    ("KAM_STRATEGY", ("重点客户", "口号")),
    ("KAM_SLA", ("普通客户", "重大")),
    ("KAM_SLA", ((("战略客户",), ("Key",), ("Regular",)), None)),
    ("KAM_SLA", (None, "major")),
    ("KAM_SLA", (None, "小事")),
    ("KAM_DUE", (dt.datetime(2026, 11, 20, 17, 0), "重点客户", "重大")),
    ("KAM_DUE", (((dt.datetime(2026, 11, 20, 9, 30),), ("2026-11-20 09:30",), (46346.5,), ("周五",), (None,)), "Key")),
    ("KAM_DUE", ("2026-11-20", (("战略客户",), ("钻石",), (None,)), None)),
    ("KAM_DUE", ("2026-11-20", None, "major")),
    ("KAM_HOURS", (dt.datetime(2026, 11, 20, 17, 0), dt.datetime(2026, 11, 23, 10, 30))),
    ("KAM_HOURS", ((("2026-11-20",), ("2026-11-23 10:00",), ("x",), (None,), ("#N/A",)), "2026-11-23")),
    ("KAM_NEXT_VISIT", (dt.datetime(2026, 10, 20), "重点客户")),
    ("KAM_NEXT_VISIT", ((("2026-10-20",), (46315.0,), ("05/06/2026",), (None,)), "Key")),
    ("KAM_LIFECYCLE", ("2022-10-02", dt.datetime(2026, 10, 30), "重点客户", "2026-11-20")),
    ("KAM_LIFECYCLE", ((("2022-10-02",), (None,), ("x",)), "2026-10-30", "Key", "2026-11-20", "en")),
    ("KAM_LIFECYCLE", ("2022-10-02", "2020-10-30", None, "昨天", "en")),
    ("KAM_NPS", (((10.0,), (9.0,), (None,), ("拒答",), (3.0,)),)),
    ("KAM_NPS", (((10.0, 11.0),),)),
    ("KAM_NPS", (((10.0, "#DIV/0!"),),)),
    ("KAM_NPS", (None,)),
    ("KAM_RISK", (*TABLES, AS_OF)),
    ("KAM_RISK", (*TABLES, AS_OF, "en")),
    ("KAM_RISK", (*TABLES, AS_OF, "en", *OPTIONAL)),
    ("KAM_RISK", (*TABLES, AS_OF, "en", SERVICE, None, RENEWALS)),
    ("KAM_RISK", (INFO, None, None, AS_OF)),
    ("KAM_RISK", (INFO[1:], EVALUATION, TRACKING, AS_OF)),
    ("KAM_CARD", ("C001", *TABLES, AS_OF)),
    ("KAM_CARD", ("某科技", *TABLES, AS_OF, "en")),
    ("KAM_CARD", ("C001", *TABLES, dt.datetime(2023, 11, 20, 10, 30), "zh-CN", *OPTIONAL)),
    ("KAM_CARD", ("C002", *TABLES, AS_OF, "en", *OPTIONAL)),
    ("KAM_CARD", ("C009", *TABLES, AS_OF)),
    ("KAM_CHECK", (*TABLES, AS_OF)),
    ("KAM_CHECK", (*TABLES, AS_OF, "en", *OPTIONAL)),
    ("KAM_CHECK", (*TABLES, "昨天", "en")),
    ("KAM_HEALTH", (*TABLES, SERVICE, AS_OF)),
    ("KAM_HEALTH", (*TABLES, None, AS_OF, "en", CONTACTS)),
    ("KAM_HEALTH", (*TABLES, SERVICE[1:], AS_OF)),
    ("KAM_ROLES", (INFO, EVALUATION, CONTACTS, AS_OF)),
    ("KAM_ROLES", (INFO, EVALUATION, CONTACTS, AS_OF, "en")),
    ("KAM_ROLES", (INFO, EVALUATION, None, AS_OF)),
    ("KAM_WHITESPACE", (INFO, EVALUATION)),
    ("KAM_WHITESPACE", (INFO, EVALUATION, RENEWALS, "en")),
    ("KAM_WHITESPACE", (None, EVALUATION)),
    ("KAM_SHARE", ((("战略客户",), ("Key",), (None,), ("#N/A",)),)),
    ("KAM_SHARE", (None, "en")),
    ("KAM_SCORES", (EVALUATION,)),
    ("KAM_SCORES", (EVALUATION, "en")),
    ("KAM_SCORES", (EVALUATION[1:],)),
    ("KAM_CHANGE", ("C001", MOVES)),
    ("KAM_CHANGE", ("某科技", MOVES, None, "en")),
    ("KAM_CHANGE", ("C009", MOVES)),
    ("KAM_CHANGE", (None, MOVES)),
    ("KAM_CHANGE", ("C001", INFO, None, "en")),
    ("KAM_WHY", ("#N/A", None)),
    ("KAM_WHY", (89.4, None, "en")),
    ("KAM_VERSION", ()),
)  # fmt: skip


def _whole(*cells: object) -> tuple:
    return tuple((cell,) for cell in cells) + ((None,),) * (exchange.WHOLE - len(cells))


#: Whole columns as COM hands them over, used to different rows, one of them holding an error.
WHOLE_COLUMNS = ("KAM_SCORE", (_whole(92.0, 55.0, None, 70.0), _whole(88.0, 45.0, 60.0), _whole(85.0, "#N/A")))


@pytest.fixture(scope="module")
def under_excel() -> Result:
    """Every call as VBA would make it: errors as Excel's own numbers, optional arguments left out where they are None."""
    numbers = {"#N/A": NOT_AVAILABLE, "#DIV/0!": DIVISION_BY_ZERO}

    def handed_over(cell: object) -> object:
        return tuple(map(handed_over, cell)) if isinstance(cell, tuple) else numbers.get(cell, cell)

    def all_handed_over(name: str, arguments: tuple) -> tuple:
        parameters = inspect.signature(udfs.FUNCTIONS[name]).parameters.values()
        left_out = [one.default is None and cell is None for one, cell in zip(parameters, arguments, strict=False)]
        return tuple(LEFT_OUT if out else handed_over(cell) for out, cell in zip(left_out, arguments, strict=True))

    return through_xlwings([(name, all_handed_over(name, arguments)) for name, arguments in (*CALLS, WHOLE_COLUMNS)])


@functools.cache
def _answer(number: int) -> object:
    """What a call is answered here: many assess whole tables."""
    return udfs.call(*CALLS[number])


def _as_vba_gets_it(answer: object) -> object:
    """The server flattens a single row, and COM knows moments of a time zone only."""
    if isinstance(answer, list | tuple):
        rows = tuple(map(_as_vba_gets_it, answer))
        return rows[0] if len(rows) == 1 and isinstance(rows[0], tuple) else rows
    return answer.replace(tzinfo=None) if isinstance(answer, dt.datetime) else answer


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_answers_through_xlwings_as_directly(under_excel: Result, number: int) -> None:
    assert _as_vba_gets_it(under_excel.answers[number]) == _as_vba_gets_it(_answer(number))


def test_whole_columns_through_xlwings_are_answered_down_to_the_last_used_row(under_excel: Result) -> None:
    name, arguments = WHOLE_COLUMNS
    direct = udfs.call(name, arguments)
    assert len(direct) == 4
    assert [row[0] if isinstance(row[0], float) else row[0][:6] for row in direct] == [89.4, *["#!2042"] * 3]
    assert _as_vba_gets_it(under_excel.answers[len(CALLS)]) == _as_vba_gets_it(direct)


def test_of_a_whole_column_xlwings_looks_at_the_used_rows_alone() -> None:
    """It makes each cell it looks at anew, a million of them in seconds; what is blank to the end is cut off before."""
    looked: list = []
    options = {"ndim": 2, "err_to_str": True}
    stages = udfs._HandedOver.reader(options)
    cleaning = next(i for i, stage in enumerate(stages) if type(stage).__name__ == "CleanDataFromReadStage")
    context = SimpleNamespace(range=None, value=_whole("价值", 92.0), meta={})
    stages[cleaning] = lambda one: looked.append(len(one.value))
    stages(context)
    assert looked == [2]
    assert isinstance(context.value, exchange.Whole)


#: Functions that answer with a sentence: the argument that is another one in each cell, by how much, and the others.
SENTENCES = {
    "KAM_EXPLAIN": (40.0, 1 / 70, (60.0, 70.0, "zh-CN")),
    "KAM_PATH": (40.0, 1 / 70, (60.0, 70.0, "战略客户", "zh-CN")),
    "KAM_LIFECYCLE": (44_000.0, 1, (45_000.0, "重点客户", None, "zh-CN")),
}


def many(name: str, count: int) -> list[tuple]:
    """Calls of such a function, of different cells, so that no answer is remembered."""
    first, step, rest = SENTENCES[name]
    return [(name, (first + number * step, *rest)) for number in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("name", SENTENCES)
def test_a_thousand_cells_cost_a_second_or_less(name: str) -> None:
    """A tenth of them here."""
    first, *others = many(name, 101)
    assert not udfs.call(*first).startswith("#")
    began = time.process_time()
    for call in others:
        udfs.call(*call)
    assert time.process_time() - began < 0.2


def _cells(answer: object) -> list:
    return [cell for row in answer for cell in row] if isinstance(answer, tuple) else [answer]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_every_cell_is_something_a_host_can_show(number: int) -> None:
    for cell in _cells(_answer(number)):
        assert type(cell) in (float, str, bool, dt.datetime)
        assert cell == cell  # noqa: PLR0124 (NaN does not)
        assert not str(cell).startswith("#") or re.match(r"#!(2042|2015):.", cell, re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), [call for call in CALLS if "lang" in inspect.signature(udfs.FUNCTIONS[call[0]]).parameters])  # fmt: skip
def test_english_answers_have_no_chinese_of_ours(name: str, arguments: tuple) -> None:
    parameters = list(inspect.signature(udfs.FUNCTIONS[name]).parameters)
    told = dict(zip(parameters, arguments, strict=False)) | {"lang": "en"}
    typed = sorted({str(cell) for argument in arguments for cell in _cells(argument)}, key=len, reverse=True)
    quoted = re.compile("|".join(map(re.escape, typed)))
    for cell in _cells(udfs.call(name, [told.get(parameter) for parameter in parameters])):
        assert not re.search("[\u4e00-\u9fff]", quoted.sub("", str(cell))), cell


def test_personal_data_stays_masked() -> None:
    card = udfs.call("KAM_CARD", ("C001", *TABLES, AS_OF, None, *OPTIONAL))
    assert "138****1234" in _cells(card)
    assert all(phone not in str(cell) for cell in _cells(card) for phone in ("13800001234", "13900002222"))


def test_our_own_failure_is_an_error_cell_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "kam_xl"):
        assert udfs.call("KAM_NOTHING", ()).startswith("#!2015:")
        assert udfs.KAM_TIER(1, 2, 3, 4) == udfs.call("KAM_TIER", (1, 2))
    assert "KAM_NOTHING failed" in caplog.text


def test_an_answer_to_the_same_cells_is_remembered() -> None:
    worksheet._remembered.cache_clear()
    assert udfs.call("KAM_SCORE", (92.0, 88.0, 85.0)) == udfs.call("KAM_SCORE", (((92.0,),), ((88.0,),), 85.0))
    assert worksheet._remembered.cache_info().hits == 1


@pytest.mark.slow
def test_today_is_read_anew_and_never_remembered() -> None:
    first, second = (
        worksheet.answer("KAM_RISK", TABLES, day, None) for day in (dt.date(2023, 11, 1), dt.date(2024, 11, 1))
    )
    assert first != second


def test_wrappers_are_what_the_functions_make_them() -> None:
    assert wrappers.text() == wrappers.MODULE.read_text("ascii"), "run python -m kam_xl.doors.wrappers"


def _signatures(module: str) -> dict[str, str]:
    return dict(re.findall(r"^Function (\w+)\((.*)\)$", module, re.MULTILINE))


#: Words of VBA that cannot name an argument; there are more, which nobody would think of.
_TAKEN = set("and as by call case date do each else end exit false for function get if in is let like loop me mod new next not "
             "nothing null on option or set stop string sub then to true type until wend while with xor".split())  # fmt: skip


def test_no_argument_is_a_word_of_vba() -> None:
    for function in udfs.FUNCTIONS.values():
        assert _TAKEN.isdisjoint(inspect.signature(function).parameters)


def test_wrappers_take_the_arguments_that_import_functions_would_give_them(under_excel: Result) -> None:
    assert _signatures(wrappers.text()) == _signatures(under_excel.module)
    assert list(_signatures(wrappers.text())) == list(udfs.FUNCTIONS) == list(worksheet.FUNCTIONS)


def test_wrappers_hand_over_as_many_values_as_the_function_takes() -> None:
    for name, function in udfs.FUNCTIONS.items():
        handed = re.search(rf'KamCall\("{name}", Array\((.*)\)\)$', wrappers.text(), re.MULTILINE)[1]
        assert len(re.findall(r"Kam(?:Val|Place)\(", handed)) == len(inspect.signature(function).parameters)


def test_arguments_in_the_words_stand_in_the_order_of_the_formula() -> None:
    for lang in LANGUAGES:
        keys = [key for key in resources.words(lang).texts if key.startswith("functions.")]
        for name, function in udfs.FUNCTIONS.items():
            shown = [each for each in inspect.signature(function).parameters if each not in udfs.HIDDEN]
            prefix = f"functions.{name}.arguments."
            assert [key.removeprefix(prefix) for key in keys if key.startswith(prefix)] == shown
            assert {f"functions.{name}.{text}" for text in ("description", "example", "result")} <= set(keys)
        assert {key.split(".")[1] for key in keys} == set(udfs.FUNCTIONS)


def test_the_wizard_can_show_every_text() -> None:
    for lang in LANGUAGES:
        for key, text in resources.words(lang).texts.items():
            if re.match(r"functions\.\w+\.(description|arguments)", key):
                assert len(text) <= 255
                assert lang != "en" or text.isascii()


def _examples() -> list[tuple[str, str, str]]:
    """(language, formula, result) of every example that needs no table and no sheet."""
    texts = ((lang, name, resources.words(lang)) for lang in LANGUAGES for name in udfs.FUNCTIONS)
    told = (
        (lang, words(f"functions.{name}.example"), words(f"functions.{name}.result")) for lang, name, words in texts
    )
    return [each for each in told if not re.search(r"tbl|F5|!", each[1])]


@pytest.mark.parametrize(("lang", "formula", "result"), _examples())
def test_examples_give_what_they_say(lang: str, formula: str, result: str) -> None:
    call = formulas.call_in(formula)
    parameters = [name for name in inspect.signature(udfs.FUNCTIONS[call.name]).parameters if name != "lang"]
    given = [argument.value for argument in call.arguments]
    answer = udfs.call(call.name, (*given, *[None] * (len(parameters) - len(given)), lang)[: len(parameters) + 1])
    assert (answer.isoformat(" ")[: len(result)] if isinstance(answer, dt.datetime) else raw.text(answer)) == result


def test_docstrings_are_the_english_descriptions() -> None:
    for name, function in udfs.FUNCTIONS.items():
        assert function.__doc__ == resources.words("en")(f"functions.{name}.description")


@pytest.mark.slow
def test_loading_takes_less_than_a_second() -> None:
    timed = "import sys, time; t = time.process_time(); import udfs; print(time.process_time() - t, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, cwd=PROJECT, check=True)
    seconds, *modules = done.stdout.split()
    assert float(seconds) < 1
    assert not {"holidays", "jinja2", "icalendar"}.intersection(modules)
