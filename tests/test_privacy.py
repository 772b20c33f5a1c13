"""No number of a person leaves the master: planted in every column, name and header, it is in nothing else that is made.

The columns come from the one table of columns, so a new one is tried as soon as it is there.
"""

import datetime as dt
import inspect
import itertools
import logging
from email.message import EmailMessage
from pathlib import Path

import pytest

from kam_xl import actions, nightly, resources
from kam_xl.actions import leaflet, result_sheets
from kam_xl.core import own_sheets, sheets
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import doctor
from kam_xl.doors import udfs
from kam_xl.hosts import excel
from kam_xl.hosts.settings import Settings
from kam_xl.reports import moves_sheet, views
from kam_xl.showing import fields
from tests import commands, files
from tests.conftest import assessed_once
from tests.desk import machines
from tests.planted import SHORT, Planted, everything, logged, rows_of, text_of, workbook
from tests.receivers import mail_server, web_server

pytestmark = pytest.mark.usefixtures("quiet_log")
FIRST, SECOND = dt.datetime(2026, 11, 27, 2), dt.datetime(2026, 11, 28, 2)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


@pytest.fixture(scope="module")
def teams(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workbooks with numbers in all they hold and in their names, good and bad ones."""
    teams = tmp_path_factory.mktemp("nights") / f"teams {planted('folder of all', SHORT)}"
    workbook(teams / f"华东 {planted('file name', SHORT)}.xlsx", planted)
    workbook(teams / planted("folder", "021 {0}{1}") / "华南.xlsx", planted)
    files.team(teams / "华北.xlsx", info=[files.CUSTOMER | {"customer_id": f"N{n}"} for n in range(3)])
    (teams / f"坏 {planted('damaged file', '852 {0}{1}')}.xlsx").touch()
    (teams / f"~$锁 {planted('lock file', '400 {0} 888')}.xlsx").touch()
    return teams


def arrived(mail: EmailMessage) -> str:
    """What a mail says: subject and people, its texts decoded, the names of its files; no boundary made of random digits."""
    parts = [part for part in mail.walk() if not part.is_multipart()]
    said = [str(part.get_filename()) + part.get_content() for part in parts]
    return "\n".join([*(str(mail[name]) for name in ("Subject", "From", "To")), *said])


@pytest.mark.parametrize(("lang", "nights"), [("zh-CN", [FIRST, SECOND]), ("en", [FIRST])])
def test_a_night_writes_logs_and_tells_no_number(
    planted, teams, lang, nights, tmp_path, caplog, readers_in_this_process
):
    policy = tmp_path / "policy.toml"
    own = Path(resources.__file__).with_name("policy.toml")
    policy.write_text(own.read_text("utf-8").replace("keep_phones = true", "keep_phones = false"), "utf-8")

    with mail_server() as box, web_server() as web, caplog.at_level(logging.DEBUG, "kam_xl"):
        settings = Settings((box.address(), web.address), risks_told=1000)
        job = nightly.Job(teams, tmp_path / "out", lang, policy, settings=settings, views=tuple(views.VIEWS))
        for night in nights:
            nightly.run(job, night)

    log = logged(caplog.records)
    told = [("mail", arrived(mail)) for mail in box.mails] + [("chat", str(one)) for one in web.got]
    assert told
    assert len([*(job.out / "calendars").iterdir()]) > 5
    assert planted.leaks(itertools.chain(everything(job.out), [("log", log)], told)) == []


@pytest.mark.usefixtures("nights_in_short")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_screen_shows_no_number(planted, teams, lang, tmp_path, readers_in_this_process):
    books = [path for path in teams.rglob("*.xlsx") if not path.name.startswith("~$")]

    ended = [commands.call("check", path, "--lang", lang) for path in books]
    ended.append(commands.call("run", teams, "--out", tmp_path / "out", "--lang", lang))

    assert {one.exit_code for one in ended} == {1, 2}  # findings, the damaged one
    assert planted.leaks(((f"check {n}", one.output) for n, one in enumerate(ended))) == []


def test_the_doctor_shows_no_number(planted, teams, tmp_path):
    machine = machines.linux(tmp_path).machine
    book = next(path for path in teams.rglob("*.xlsx") if path.name.startswith("华东"))

    checks = doctor.report("zh-CN", machine, str(book))

    assert any("华东" in check.name for check in checks)
    assert planted.leaks([("doctor", doctor.as_markdown(checks, "zh-CN", machine, FIRST))]) == []


# --- the open workbook -----------------------------------------------------------------------------------------------


def cells_of(answer: object) -> str:
    """What a function answers, as the cells show it."""
    rows = answer if isinstance(answer, tuple) else ((answer,),)
    return "\n".join(" x ".join(map(str, row)) for row in rows)


def moves(planted, lang):
    """What a night told of a customer, in a workbook that keeps numbers."""
    listed = fields.listed(moves_sheet.FIELDS)
    row = {"customer_id": "C001", "figure": resources.words(lang)("bridge.figure.score")}
    names = [column or field.name for column, field in listed]
    return [[field.header(lang) for _, field in listed], [row.get(name, planted(f"moves.{name}")) for name in names]]


@pytest.mark.slow
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
        "since_day": None,
        "customer_id": "C001",
        "tiers": [["战略客户"], [planted("tier")]],
        "moves": moves(planted, lang),
    }

    told = []
    for name, function in udfs.FUNCTIONS.items():
        if name == "KAM_SCORES":  # what stands in its one table as an ID is one
            continue
        arguments = [given.get(one, planted(f"{name}.{one}")) for one in inspect.signature(function).parameters]
        told.append((name, cells_of(udfs.call(name, arguments))))

    answers = dict(told)
    assert all(len(answers[name].splitlines()) > 20 for name in ("KAM_CHECK", "KAM_CARD", "KAM_HEALTH"))
    assert len(answers["KAM_RISK"].splitlines()) > 6  # a row a matter
    assert len(answers["KAM_CHANGE"].splitlines()) == 2
    assert planted.leaks(told) == []


def test_no_button_shows_a_number(planted, office, tmp_path, monkeypatch):
    monkeypatch.setattr(leaflet, "opened", lambda _page: True)
    monkeypatch.setattr(leaflet.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setitem(actions.ACTIONS, "about", actions.Action(None, "", lambda _request: planted("a sentence")))
    book = office.open(workbook(tmp_path / f"华东 {planted('file name', SHORT)}.xlsx", planted))
    typed = book.sheets[sheets.TASKS.zh].used_range.last_cell.row  # below that the button adds lines
    shown = [one for one, action in actions.ACTIONS.items() if action.group in ("score", "risk", "account", "plan")]

    told = []
    with assessed_once():
        for one in (*shown, "validate", "measures", "about"):
            book.sheets[sheets.INFO.zh].activate()
            book.sheets[sheets.INFO.zh].range("B3").select()  # a customer to explain and to plan for
            told.append((one, actions.run(one, book, FIRST)))
    results = {result_sheets.name_of(key, "zh-CN") for key in own_sheets.RESULTS}
    for sheet in book.sheets:
        first = 1 if sheet.name in results else typed + 1 if sheet.name == sheets.TASKS.zh else None
        if first and sheet.used_range.last_cell.row >= first:
            cells = sheet.range((first, 1), sheet.used_range.last_cell.address)
            told.append((sheet.name, cells_of(tuple(map(tuple, excel.values(cells))))))
    told += [(path.name, text_of(path)) for path in (tmp_path / "kam_xl").iterdir()]
    book.close()

    #: Of no customer; of a list, whose numbers `test_actions` looks for; of a night, read as the function reads it.
    elsewhere = {"预算分配", "采用名单", "为何变化"}
    assert {sheets.TASKS.zh, *results} - elsewhere <= {name for name, _ in told}
    assert planted.leaks(told) == []
