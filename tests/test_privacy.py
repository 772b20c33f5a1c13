"""No number of a person leaves the master: planted in every column, name and header, it is in nothing else that is made.

The columns come from the one table of columns, so a new one is tried as soon as it is there.
"""

import datetime as dt
import html
import inspect
import itertools
import logging
import random
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import batch
import udfs
from kam_xl import actions, nightly
from kam_xl.actions import leaflet
from kam_xl.core import sheets
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import doctor
from kam_xl.hosts import excel, isolation, resources
from kam_xl.hosts.settings import Settings
from kam_xl.reports import views
from tests import commands, files
from tests.desk import machines
from tests.receivers import mail_server, web_server

pytestmark = pytest.mark.usefixtures("quiet_log")

FIRST, SECOND = dt.datetime(2026, 11, 27, 2), dt.datetime(2026, 11, 28, 2)

#: Ways to write a number; its own digits are eight from 3 to 9, which no date and no amount of the tests has in a row.
SPELLINGS = (
    "138—{0}—{1}", "138\u00a0{0}\u00a0{1}", "13{0} {1}6", "（138）{0}{1}", "+86 138 - {0} - {1}", "0138_{0}_{1}", "１３８{0}{1}",
    "138{0}{1}", "021－{0}{1}", "021{0}{1}转801", "400-{0}-888", "852-{0}{1}", "(415) 7{0} {1}", "0044 20 {0} {1}",
    "02-{0}-{1}", "电话{0}{1}", "37{0}19790808{1}", "6222 {0} {1} {0} 123", "zhang{0}{1}@corp.cn",
)  # fmt: skip
EACH = 4  # spellings a column
_WINDOW = 7  # digits in a row that tell a number

GOOD = {
    "info": files.CUSTOMER,
    "evaluation": files.EVALUATION | {"value": 95, "potential": 95, "demand": 95, "composite": 95, "tier": "战略客户"},
    "tracking": files.TRACKING,
    "indicators": {"customer_id": "C001"},
    "service": {
        "customer_id": "C001",
        "kind": "投诉",
        "severity": "重大",
        "category": "质量",
        "reported": dt.date(2026, 11, 20),
    },
    "contacts": {"customer_id": "C001", "name": "王小明", "role": "采购", "title": "总监"},
    "renewals": {"customer_id": "C001", "kind": "续约", "product": "A产品", "renewal_date": dt.date(2026, 12, 20)},
    "marks": {"action_id": "A-1", "customer_id": "C001", "action": "回访", "due": dt.date(2026, 11, 20)},
}


_KEY = re.compile(r"\b[0-9a-f]{12,64}\b")  # of actions and files: digits of ours


class Planted:
    """Numbers given out one by one, each remembered by where it was planted."""

    def __init__(self) -> None:
        self._random = random.Random(8)
        self._spellings = itertools.cycle(SPELLINGS)
        self._places: dict[str, str] = {}

    def __call__(self, place: str, spelling: str | None = None) -> str:
        """The next number, in the next spelling."""
        number = "".join(self._random.choices("3456789", k=8))
        text = (spelling or next(self._spellings)).format(number[:4], number[4:])
        digits = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isdecimal())
        self._places.update({digits[i : i + _WINDOW]: f"{place}: {text}" for i in range(len(digits) - _WINDOW + 1)})
        return text

    def readable(self, text: str) -> set[str]:
        """Where the numbers were planted of which a text shows seven digits in a row, whatever stands between them."""
        text = _KEY.sub("x", unicodedata.normalize("NFKC", text))
        folded = re.sub(r"[^\w*]|_", "", text)
        windows = (run[i : i + _WINDOW] for run in re.findall(r"\d+", folded) for i in range(len(run) - _WINDOW + 1))
        return {self._places[window] for window in windows if window in self._places}


def rows_of(kind: str, planted: Planted) -> list[dict[str, object]]:
    """A good row, and rows of which one cell holds a number, some for each column."""
    rows = [dict(GOOD[kind])]
    for column in sheets.BY_KIND[kind].columns:
        if (kind, column.field) == ("info", "customer_id"):  # what stands there is an ID of ours
            continue
        for n in range(EACH):
            text = planted(f"{kind}.{column.field}")
            told = f"拖欠，王总 {text}" if column.kind in ("text", "contact") and n % 2 else text
            rows.append(rows[0] | {column.field: told})
    for n, row in enumerate(rows):  # so that every customer has a score, a strategy and a manager
        for key in {"customer_id", "customer"} & {field for field in row if row[field] == GOOD[kind].get(field)}:
            row[key] = f"C{n + 1:03d}"
    return rows


def workbook(path: Path, planted: Planted) -> Path:
    """A workbook of every kind of sheet with numbers in every place that a person can type into."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for kind, standard in sheets.BY_KIND.items():
            sheet = book.add_worksheet(standard.zh)
            sheet.write(0, 0, f"填表人：张三 {planted(f'above {kind}')}")
            own = [f"备用{planted(f'header in {kind}')}", "座机号", "身份证号码", "QQ"]
            sheet.write_row(1, 0, [*(column.zh for column in standard.columns), *own])
            rows = rows_of(kind, planted)
            for number, row in enumerate(rows, 2):
                sheet.write_row(number, 0, [row.get(field, "") for field in standard.fields])
                own_cells = [
                    planted(f"own column in {kind}"),
                    *(planted(f"{name} in {kind}", "{0}{1}") for name in own[1:]),
                ]
                sheet.write_row(number, len(standard.fields), own_cells if number < 8 else [])
            keyless = [planted(f"row without ID in {kind}") for _ in standard.fields]
            keyless[standard.fields.index(standard.key)] = ""
            sheet.write_row(len(rows) + 2, 0, keyless)
            if "phone" in standard.fields:
                sheet.write(
                    len(rows) + 3, standard.fields.index("phone"), planted(f"row without ID in {kind}", "{0}{1}")
                )
                sheet.write(len(rows) + 3, standard.fields.index("name"), "无编号")
            sheet.write(len(rows) + 4, 0, f"制表：李四 {planted(f'footer of {kind}')}")
        book.add_worksheet(f"备忘{planted('sheet name', '138-{0}-{1}')}").write(0, 0, planted("another sheet"))
    return path


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


@pytest.fixture(scope="module")
def teams(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workbooks with numbers in all they hold and in their names, good and bad ones."""
    teams = tmp_path_factory.mktemp("nights") / f"teams {planted('folder of all')}".replace("/", "-")
    workbook(teams / f"华东 {planted('file name', '138-{0}-{1}')}.xlsx", planted)
    workbook(teams / planted("folder", "021 {0}{1}") / "华南.xlsx", planted)
    files.team(teams / "华北.xlsx", info=[files.CUSTOMER | {"customer_id": f"N{n}"} for n in range(3)])
    (teams / f"坏 {planted('damaged file', '852 {0}{1}')}.xlsx").touch()
    (teams / f"~$锁 {planted('lock file', '400 {0} 888')}.xlsx").touch()
    return teams


def texts_of(path: Path) -> str:
    """What a person can read in a file."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            return "\n".join(_without_tags(parts.read(name).decode("utf-8", "replace")) for name in parts.namelist())
    text = path.read_text("utf-8").replace("\r\n ", "")  # how a calendar goes on in the next line
    return _without_tags(text) if path.suffix == ".html" else _parted(text) if path.suffix == ".json" else text


def _without_tags(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " x ", text))


def everything(out: Path) -> Iterator[tuple[str, str]]:
    """Every file of the output folder and the texts in it, its name among them; the master only where it has no phones."""
    for path in sorted(path for path in out.rglob("*") if path.is_file() and path.name != ".kam_xl.lock"):
        yield path.name, f"{_parted(str(path.relative_to(out)))}\n{texts_of(path)}"


def _parted(name: str) -> str:
    """A file's name as one sees it: a line stands there for a star."""
    return name.replace("_", "x")


def leaks(planted: Planted, texts: Iterator[tuple[str, str]]) -> list[str]:
    return sorted(f"{name} ← {place}" for name, text in texts for place in planted.readable(text))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_nights_write_log_and_tell_no_number(planted, teams, lang, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(isolation, "read_one", isolation._answer)
    policy = tmp_path / "policy.toml"
    own = Path(resources.__file__).parents[1] / "policy.toml"
    policy.write_text(own.read_text("utf-8").replace("keep_phones = true", "keep_phones = false"), "utf-8")

    with mail_server() as box, web_server() as web, caplog.at_level(logging.DEBUG, "kam_xl"):
        settings = Settings((box.address(), web.address), risks_told=1000)
        job = nightly.Job(teams, tmp_path / "out", lang, policy, settings=settings, views=tuple(views.VIEWS))
        for night in (FIRST, SECOND):
            nightly.run(job, night)

    log = "\n".join(str(vars(record)) for record in caplog.records)
    told = [("mail", mail.as_string()) for mail in box.mails] + [("chat", str(one)) for one in web.got]
    assert told
    assert len([*(job.out / "calendars").iterdir()]) > EACH
    assert leaks(planted, itertools.chain(everything(job.out), [("log", log)], told)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_screen_shows_no_number(planted, teams, lang, tmp_path, monkeypatch):
    monkeypatch.setattr(isolation, "read_one", isolation._answer)
    books = [path for path in teams.rglob("*.xlsx") if not path.name.startswith("~$")]

    ended = [commands.call(batch.app, "check", path, "--lang", lang) for path in books]
    ended.append(commands.call(batch.app, "run", teams, "--out", tmp_path / "out", "--lang", lang))

    assert {one.exit_code for one in ended} == {1, 2}  # findings, the damaged one
    assert leaks(planted, ((f"check {n}", one.output) for n, one in enumerate(ended))) == []


def test_the_doctor_shows_no_number(planted, teams, tmp_path):
    machine = machines.linux(tmp_path).machine
    book = next(path for path in teams.rglob("*.xlsx") if path.name.startswith("华东"))

    checks = doctor.report("zh-CN", machine, str(book))

    assert any("华东" in check.name for check in checks)
    assert leaks(planted, [("doctor", doctor.as_markdown(checks, "zh-CN", machine, FIRST))]) == []


# --- the open workbook -----------------------------------------------------------------------------------------------


def cells_of(answer: object) -> str:
    """What a function answers, as the cells show it."""
    rows = answer if isinstance(answer, tuple) else ((answer,),)
    return "\n".join("|".join(map(str, row)) for row in rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_function_answers_with_a_number(planted, lang):
    tables = {}
    for kind, standard in sheets.BY_KIND.items():
        rows = [[row.get(field) for field in standard.fields] for row in rows_of(kind, planted)]
        tables[kind] = [[column.header(lang) for column in standard.columns], *rows]
    given = {
        **tables,
        "lang": lang,
        "as_of": FIRST,
        "place": None,
        "customer_id": "C001",
        "tiers": [["战略客户"], [planted("tier")]],
    }

    told = []
    for name, function in udfs.FUNCTIONS.items():
        if name == "KAM_SCORES":  # what stands in its one table as an ID is one
            continue
        arguments = [given.get(one, planted(f"{name}.{one}")) for one in inspect.signature(function).parameters]
        told.append((name, cells_of(udfs.call(name, arguments))))

    answers = dict(told)
    assert all(len(answers[name].splitlines()) > 20 for name in ("KAM_CHECK", "KAM_CARD", "KAM_RISK", "KAM_HEALTH"))
    assert leaks(planted, told) == []


def test_no_button_shows_a_number(planted, office, tmp_path, monkeypatch):
    monkeypatch.setattr(leaflet, "opened", lambda _page: True)
    monkeypatch.setattr(leaflet.tempfile, "gettempdir", lambda: str(tmp_path))
    book = office.open(workbook(tmp_path / f"华东 {planted('file name', '138-{0}-{1}')}.xlsx", planted))
    typed = book.sheets[sheets.MARKS.zh].used_range.last_cell.row  # below that the button adds lines
    shown = [one for one, action in actions.ACTIONS.items() if action.group in ("score", "risk", "account", "plan")]

    told = [(one, actions.run(one, book, FIRST)) for one in (*shown, "validate", "measures")]
    results = {excel.name_of(key, "zh-CN") for key in sheets.RESULTS}
    for sheet in book.sheets:
        first = 1 if sheet.name in results else typed + 1 if sheet.name == sheets.MARKS.zh else None
        if first and sheet.used_range.last_cell.row >= first:
            cells = sheet.range((first, 1), sheet.used_range.last_cell.address)
            told.append((sheet.name, cells_of(tuple(map(tuple, excel.values(cells))))))
    told += [(path.name, texts_of(path)) for path in (tmp_path / "kam_xl").iterdir()]
    book.close()

    assert {sheets.MARKS.zh, *results} - {"预算分配"} <= {name for name, _ in told}
    assert leaks(planted, told) == []
