"""The doctor: each known trap found where it is, and not found where it is not, with a sentence and a remedy in both languages."""

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pytest

import kam_xl
from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.words import LANGUAGES
from kam_xl.desk import book_traps, doctor, install, record, traps, trust
from kam_xl.desk.doctor import State
from kam_xl.desk.machine import Ran
from kam_xl.desk.record import Made
from kam_xl.hosts import libreoffice
from tests.desk import kam_books, machines
from tests.desk.test_install import carried_out, changed, chinese, planted

NOW = dt.datetime(2026, 11, 21, 9)


@pytest.fixture(autouse=True)
def libreoffice_there(monkeypatch):
    """A LibreOffice that is there; whether this computer has one is no matter here."""
    monkeypatch.setattr(libreoffice, "installed", lambda words: "/usr/bin/soffice")


@pytest.fixture
def whole(project):
    """The real project's program, as an installation copies it; the doctor reads its policy and requirements."""
    root = Path(kam_xl.__file__).parents[1]
    for name in ("kam_xl/policy.toml", "pyproject.toml"):
        (project / name).write_bytes((root / name).read_bytes())
    return project


@pytest.fixture
def installed(windows, whole):
    windows.template = lambda lang, conf: kam_books.package()
    carried_out(windows, whole)
    return windows


@pytest.fixture
def mac(macos, whole, monkeypatch):
    macos.template = lambda lang, conf: kam_books.package()
    carried_out(macos, whole)
    monkeypatch.setattr(traps, "Path", lambda place: Path(str(place).replace("/Applications", str(macos.folder))))
    (macos.folder / "Microsoft Excel.app").mkdir()
    return macos


def seen(fake, key, workbook=None, lang="en"):
    """The state of one check, and what was found."""
    check = next(check for check in doctor.report(lang, fake.machine, workbook) if check.key == key)
    assert bool(check.remedy) == (check.state in (State.WARN, State.BAD))
    return check.state, check.found


def state(fake, key, workbook=None):
    return seen(fake, key, workbook)[0]


# --- a desk on which all is well --------------------------------------------------------------------------------------


def test_on_a_fresh_installation_of_windows_nothing_is_wrong(installed):
    checks = doctor.report("en", installed.machine)

    assert [check for check in checks if check.state not in (State.OK, State.NOT_APPLICABLE)] == []
    assert doctor.healthy(checks)
    assert {check.key for check in checks if check.state is State.NOT_APPLICABLE} == {"runpython", "libreoffice"}
    assert sum(check.key == "book" for check in checks) == 2  # both templates


def test_on_a_fresh_installation_of_macos_nothing_is_wrong(mac):
    checks = doctor.report("en", mac.machine)

    assert [check for check in checks if check.state not in (State.OK, State.NOT_APPLICABLE)] == []


def test_on_linux_what_belongs_to_excel_does_not_apply(tmp_path):
    fake = machines.linux(tmp_path)

    states = {check.key: check.state for check in doctor.report("en", fake.machine)}

    assert states["libreoffice"] == states["functions"] == states["policy"] == states["xlwings"] == State.OK
    assert states["excel"] == states["dll"] == states["installed"] == State.NOT_APPLICABLE


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_there_in_both_languages(lang):
    """Each trap's code names the sentences; a code that has none would be a bug on somebody's desk."""
    words = resources.words(lang)
    sources = Path(traps.__file__).read_text("utf-8") + Path(book_traps.__file__).read_text("utf-8")
    for code in re.findall(r'(?:bad|warn)\("(\w+)"', sources):
        assert any(key.startswith("doctor.") and key.endswith(f".{code}.remedy") for key in words.texts), code
    for trap in (*traps.TRAPS, *book_traps.TRAPS):
        assert f"doctor.{trap.name}.name" in words


# --- the environment --------------------------------------------------------------------------------------------------


def test_nothing_installed(windows):
    assert state(windows, "installed") == State.BAD
    assert state(windows, "dll") == state(windows, "antivirus") == State.NOT_APPLICABLE


def test_a_folder_of_the_installation_is_gone(installed):
    installed.places.venv.rename(installed.places.root / "elsewhere")

    found = seen(installed, "installed")

    assert found[0] == State.BAD
    assert str(installed.places.venv) in found[1]


def test_what_another_user_planted_is_told_and_never_run(tmp_path):
    fake = chinese(tmp_path, "张三")
    planted(fake)

    found = seen(fake, "installed")

    assert found[0] == State.BAD
    assert str(fake.places.root) in found[1]
    assert {command[0] for command in fake.ran} == {str(fake.machine.python)}
    assert not any(str(fake.places.root) in word for command in fake.ran for word in command)


def test_with_a_chinese_user_name_nothing_is_wrong_either(tmp_path, whole):
    fake = chinese(tmp_path, "张三")
    fake.template = lambda lang, conf: kam_books.package(conf=[*{**dict(kam_books.CONF), **json.loads(conf)}.items()])
    carried_out(fake, whole)

    checks = doctor.report("en", fake.machine)

    assert [check for check in checks if check.state not in (State.OK, State.NOT_APPLICABLE)] == []
    assert seen(fake, "conf_interpreter") == (State.OK, str(fake.places.python))


def test_another_version_is_installed(installed):
    (installed.places.site_packages / "kam_xl" / "__init__.py").write_text('__version__ = "0.0.9"\n')

    assert seen(installed, "installed") == (
        State.WARN,
        f"version 0.0.9 is installed, while this is {kam_xl.__version__}",
    )


def test_a_damaged_record_is_an_installation_that_is_missing(installed):
    installed.places.record.write_text("{")

    assert state(installed, "installed") == State.BAD


@pytest.mark.parametrize(("python", "expected"), [("3.10.2", State.BAD), ("3.11.0", State.OK), ("3.9.1", State.BAD)])
def test_pythons_version(installed, python, expected):
    installed.python = python

    assert state(installed, "python") == expected


def test_a_python_that_does_not_run(installed):
    changed(installed, run=lambda command, seconds=60: Ran(-1, "No Python at 'C:\\Python312'"))

    assert state(installed, "python") == State.BAD
    assert seen(installed, "functions")[0] == State.BAD


def test_python_from_the_store(installed):
    store = installed.folder / "WindowsApps" / "PythonSoftwareFoundation.Python.3.12"
    (installed.places.venv / "pyvenv.cfg").write_text(f"home = {store}\n")

    assert state(installed, "store_python") == State.BAD


def test_without_an_environment_it_is_this_python_that_counts(tmp_path):
    fake = changed(machines.windows(tmp_path), base_python=tmp_path / "windowsapps" / "python.exe")

    assert state(fake, "store_python") == State.BAD


def test_a_path_that_is_not_ascii(tmp_path):
    home = tmp_path / "张三"
    fake = machines.windows(tmp_path, LocalAppData=str(home / "Local"), ProgramData=str(home / "ProgramData"))

    assert state(fake, "place") == State.BAD


def test_a_path_with_a_blank_on_macos(tmp_path):
    fake = machines.macos(tmp_path)
    assert state(fake, "place") == State.OK

    assert state(changed(fake, home=tmp_path / "zhang san"), "place") == State.BAD


@pytest.mark.parametrize(("version", "expected"), [("0.37.8", State.OK), ("0.38.0", State.BAD), (None, State.BAD)])
def test_xlwings_version(installed, version, expected):
    (listed,) = installed.places.site_packages.glob("xlwings-*.dist-info")
    for path in listed.iterdir():
        path.unlink()
    listed.rmdir()
    if version:
        (installed.places.site_packages / f"xlwings-{version}.dist-info").mkdir()

    assert state(installed, "xlwings") == expected


def test_a_second_xlwings_among_the_users_packages(installed):
    roaming = Path(installed.machine.env["APPDATA"])
    (roaming / "Python" / "Python312" / "site-packages" / "xlwings-0.30.0.dist-info").mkdir(parents=True)

    assert state(installed, "user_site") == State.WARN


def test_xlwings_only_among_the_users_packages(windows):
    roaming = Path(windows.machine.env["APPDATA"])
    assert state(windows, "user_site") == State.OK
    (roaming / "Python" / "Python312" / "site-packages" / "xlwings-0.37.8.dist-info").mkdir(parents=True)

    assert state(windows, "user_site") == State.BAD


def test_a_dll_that_an_antivirus_program_removed(installed):
    (installed.places.venv / "xlwings64-0.37.8.dll").unlink()

    assert state(installed, "dll") == State.BAD
    assert seen(installed, "antivirus") == (State.BAD, "xlwings64-0.37.8.dll was installed and has vanished")


def test_a_dll_of_another_version(installed):
    (installed.places.venv / "xlwings64-0.37.8.dll").rename(installed.places.venv / "xlwings64-0.30.1.dll")

    assert "there is only xlwings64-0.30.1.dll" in seen(installed, "dll")[1]


def test_a_dll_in_a_place_where_no_macro_looks(installed):
    installed.places.venv.joinpath("xlwings64-0.37.8.dll").rename(
        installed.machine.python.parent / "xlwings64-0.37.8.dll"
    )

    assert state(installed, "dll") == State.BAD
    assert "the macros look in" in seen(installed, "dll")[1]


@pytest.mark.parametrize(
    ("told", "bits"),
    [({"Platform": "x86"}, 32), ({"Platform": "x64"}, 64), ({}, 64)],
)
def test_the_dll_is_the_one_of_excels_own_width(installed, told, bits):
    installed.registry.delete(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration")
    installed.registry.write(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", told)

    assert seen(installed, "dll")[1].startswith(f"xlwings{bits}-")


def test_excel_of_32_bits_is_known_by_its_folder(installed):
    installed.registry.delete(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration")
    installed.registry.write(
        rf"HKCR\CLSID\{machines.CLSID}\LocalServer32", {"": r"C:\Program Files (x86)\Office16\EXCEL.EXE"}
    )

    assert traps.excel_bits(installed.machine) == 32


def test_on_macos_excel_needs_leave_to_call_python(mac):
    (mac.home / install.APPLESCRIPTS / "xlwings-0.37.8.applescript").unlink()

    assert state(mac, "runpython") == State.BAD


@pytest.mark.parametrize(
    ("seconds", "expected"), [("0.4", State.OK), ("2.0", State.OK), ("4.5", State.WARN), ("ImportError: no", State.BAD)]
)
def test_how_long_the_functions_take_to_load(installed, seconds, expected):
    installed.seconds = seconds

    assert state(installed, "functions") == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_policy_that_contradicts_itself(installed, lang):
    assert seen(installed, "policy", lang=lang)[0] == State.OK
    (installed.places.site_packages / "kam_xl" / "policy.toml").write_text("version = 1")

    assert seen(installed, "policy", lang=lang)[0] == State.BAD


def test_a_policy_that_is_gone(installed):
    (installed.places.site_packages / "kam_xl" / "policy.toml").unlink()

    assert state(installed, "policy") == State.BAD


# --- Excel and its company --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "server",
    [
        r'"C:\Program Files (x86)\Kingsoft\WPS Office\12.1.0\office6\et.exe" /automation',
        r"C:\Users\a\AppData\Local\Kingsoft\WPS Office\ksolaunch.exe",
        r'"D:\WPS Office\12.8\office6\wps.exe" /et',
    ],
)
def test_wps_holds_excels_registration(installed, server):
    installed.registry.write(rf"HKCR\CLSID\{machines.CLSID}\LocalServer32", {"": server})

    assert state(installed, "excel") == State.BAD
    assert "WPS" in seen(installed, "excel")[1]


@pytest.mark.parametrize("gone", [r"HKCR\Excel.Application\CLSID", rf"HKCR\CLSID\{machines.CLSID}\LocalServer32"])
def test_no_excel_at_all(installed, gone):
    installed.registry.delete(gone)

    assert state(installed, "excel") == State.BAD
    assert state(installed, "store_office") == State.NOT_APPLICABLE


def test_no_excel_on_the_mac(mac):
    assert state(mac, "excel") == State.OK
    (mac.folder / "Microsoft Excel.app").rmdir()

    assert state(mac, "excel") == State.BAD


def test_office_from_the_store(installed):
    place = r"C:\Program Files\WindowsApps\Microsoft.Office.Desktop.Excel_16051\Office16\EXCEL.EXE"
    installed.registry.write(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe", {"": place})

    assert state(installed, "store_office") == State.BAD


_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_OWN = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_MANAGED = r"HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\Defender"
_CHILDREN, _CALLS = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A", "92E97FA1-2EDF-4476-BDD6-9DD0B4DDDC7B"


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        (_POLICY, {_CHILDREN: "1"}, State.BAD),
        (_OWN, {_CHILDREN.lower(): 1}, State.BAD),
        (_POLICY, {_CALLS: "1"}, State.BAD),
        (_POLICY, {_CHILDREN: "6"}, State.WARN),
        (_POLICY, {_CHILDREN: "2", _CALLS: "0"}, State.OK),
        (_MANAGED, {"AttackSurfaceReductionRules": f"{{{_CALLS}}}=2|{_CHILDREN.lower()}=1"}, State.BAD),
        (_MANAGED, {"AttackSurfaceReductionRules": f"{_CALLS}=2|{_CHILDREN}=2"}, State.OK),
    ],
)
def test_a_rule_that_keeps_excel_from_starting_python(installed, key, values, expected):
    installed.registry.write(key, values)

    assert state(installed, "child_processes") == expected


@pytest.mark.parametrize(
    ("hive", "setting", "expected"),
    [
        (trust.OFFICE, 1, State.OK),
        (trust.OFFICE, 2, State.OK),
        (trust.OFFICE, 3, State.BAD),
        (trust.POLICIES, 4, State.BAD),
    ],
)
def test_macros_that_are_switched_off(installed, hive, setting, expected):
    installed.registry.write(rf"HKCU\{hive}\Excel\Security", {"VBAWarnings": setting})

    assert state(installed, "macros") == expected


def test_in_a_trusted_location_the_setting_is_no_matter(installed):
    installed.registry.write(rf"HKCU\{trust.OFFICE}\Excel\Security", {"VBAWarnings": 4})
    trust.add(installed.registry, trust.free_key(installed.registry), installed.places.books)

    assert state(installed, "macros") == State.OK
    installed.registry.write(trust.LOCATIONS, {"AllLocationsDisabled": 1})
    assert state(installed, "macros") == State.BAD


def test_documents_in_onedrive(installed):
    changed(installed, env={**installed.machine.env, "OneDrive": str(installed.home / "Documents")})

    assert state(installed, "documents") == State.WARN


@pytest.mark.parametrize(
    ("system", "expected"), [("linux", State.BAD), ("macos", State.WARN), ("windows", State.NOT_APPLICABLE)]
)
def test_no_libreoffice(tmp_path, monkeypatch, system, expected):
    def missing(words):
        raise KamError("install it")

    monkeypatch.setattr(libreoffice, "installed", missing)

    assert state(getattr(machines, system)(tmp_path), "libreoffice") == expected


# --- one workbook -----------------------------------------------------------------------------------------------------


def book_state(fake, key, **facts):
    path = kam_books.write(fake.folder / "book" / "华东.xlsm", **facts)
    return state(fake, key, str(path))


def test_a_workbook_of_ours_is_well(installed):
    path = kam_books.write(installed.folder / "book" / "华东.xlsm")

    checks = doctor.report("en", installed.machine, str(path))

    assert doctor.healthy(checks)
    assert next(check.name for check in checks if check.key == "book") == "Workbook · 华东.xlsm"


@pytest.mark.parametrize(
    ("told", "found"),
    [("https://firm.sharepoint.com/sites/kam/a.xlsm", "a web address"), ("gone.xlsm", "does not exist")],
)
def test_what_is_no_file_here(installed, told, found):
    assert found in seen(installed, "book", told)[1]


@pytest.mark.parametrize(
    ("facts", "expected", "found"),
    [
        ({"table": "tblOther"}, State.BAD, "was not made from a template"),
        ({"macros": None}, State.BAD, "no macros"),
        ({"version": "9.0"}, State.WARN, "later" if False else "made by version 9.0"),
    ],
)
def test_whose_workbook_it_is(installed, facts, expected, found):
    path = kam_books.write(installed.folder / "a.xlsm", **facts)

    assert seen(installed, "book", str(path))[0] == expected
    assert found in seen(installed, "book", str(path))[1]


def test_a_workbook_that_cannot_be_read(installed):
    path = installed.folder / "a.xlsm"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1"))

    assert seen(installed, "book", str(path)) == (
        State.BAD,
        "it cannot be read. The workbook is protected by a password",
    )


@pytest.mark.parametrize(
    ("bridge", "expected"),
    [
        (kam_books.bridge("0.37.8"), State.OK), (kam_books.bridge("0.30.1"), State.BAD), (kam_books.STUB, State.BAD),
    ],
)  # fmt: skip
def test_the_macros_belong_to_the_installed_xlwings(installed, bridge, expected):
    macros = kam_books.modules(kam_books.CODE_NAMES, bridge)

    assert book_state(installed, "bridge", macros=macros) == expected


def test_without_an_installation_no_macros_fit(windows):
    kam_books.write(windows.folder / "book" / "华东.xlsm")
    windows.places.python.parent.mkdir(parents=True)
    windows.places.python.touch()
    record.read(windows.places.record, resources.words("en")).note(Made("folder", str(windows.places.venv)))

    assert book_state(windows, "bridge") == State.BAD


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("", State.OK),
        ("[ZoneTransfer]\r\nZoneId=3\r\n", State.BAD),
        ("[ZoneTransfer]\nZoneId=1", State.OK),
        ("rubbish", State.OK),
    ],
)
def test_a_file_from_the_internet(installed, mark, expected):
    installed.marks[installed.folder / "book" / "华东.xlsm"] = mark

    assert book_state(installed, "web") == expected


def test_a_file_in_quarantine_on_macos(mac):
    assert book_state(mac, "web") == State.OK
    mac.marks[mac.folder / "book" / "华东.xlsm"] = "0083;65;Safari;"

    assert book_state(mac, "web") == State.BAD


def test_a_workbook_in_onedrive(installed):
    assert book_state(installed, "url") == State.OK
    changed(installed, env={**installed.machine.env, "OneDriveConsumer": str(installed.folder)})

    assert book_state(installed, "url") == State.WARN


@pytest.mark.parametrize(
    ("code_page", "expected"), [("cp936", State.OK), ("cp1252", State.WARN), ("cp65001", State.OK)]
)
def test_a_chinese_path_on_a_machine_that_cannot_write_it(installed, code_page, expected):
    changed(installed, code_page=code_page)

    assert book_state(installed, "path") == expected


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        (("Info", "_i18n", "xlwings.conf"), State.OK), (("Info", "_i18n", "_xlwings.conf"), State.BAD),
        (("Info", "_i18n", "notes"), State.BAD),
    ],
)  # fmt: skip
def test_the_configuration_sheet(installed, sheets, expected):
    assert book_state(installed, "conf_sheet", sheets=sheets) == expected


def test_without_a_configuration_sheet_its_rows_do_not_apply(installed):
    path = str(kam_books.write(installed.folder / "a.xlsm", sheets=("Info", "_i18n", "notes")))

    assert {state(installed, f"conf_{name}", path) for name in ("interpreter", "keys", "values")} == {
        State.NOT_APPLICABLE
    }


def conf(**rows):
    """The usual rows with some changed; None leaves one out."""
    merged = {**dict(kam_books.CONF), **rows}
    return tuple((key, value) for key, value in merged.items() if value is not None)


@pytest.mark.parametrize(
    ("row", "expected", "found"),
    [
        ({}, State.OK, "python.exe"),
        ({"Interpreter_Win": r"%localappdata%\kam_xl\venv\Scripts\python.exe"}, State.OK, "python.exe"),
        ({"Interpreter_Win": ""}, State.BAD, "empty value counts"),
        ({"Interpreter_Win": "  "}, State.BAD, "empty value counts"),
        ({"Interpreter_Win": None}, State.BAD, "no row Interpreter_Win"),
        ({"Interpreter_Win": r"%PROGRAMDATA%\kam_xl\venv\Scripts\python.exe"}, State.BAD, "there is no Python"),
        ({"Interpreter_Win": r"%UNKNOWN%\python.exe"}, State.BAD, "%UNKNOWN%"),
    ],
)
def test_where_a_workbook_looks_for_python(installed, row, expected, found):
    path = kam_books.write(installed.folder / "a.xlsm", conf=conf(**row))

    told = seen(installed, "conf_interpreter", str(path))

    assert told[0] == expected
    assert found in told[1]


def test_a_workbook_that_uses_another_python(installed):
    told = str(installed.machine.python)

    assert book_state(installed, "conf_interpreter", conf=conf(Interpreter_Win=told)) == State.WARN


def test_where_a_workbook_looks_for_python_on_macos(mac):
    assert book_state(mac, "conf_interpreter") == State.OK
    assert book_state(mac, "conf_interpreter", conf=conf(Interpreter_Mac="")) == State.BAD


@pytest.mark.parametrize(
    ("rows", "expected", "found"),
    [
        ((("A", "1"), ("B", "2")), State.OK, "none twice"),
        ((("Debug UDFs", "x"), ("DEBUG UDFS", "y")), State.BAD, "DEBUG UDFS"),
        ((("A", "1"), ("", ""), ("B", "2")), State.BAD, "row 2 is empty"),
        ((("", ""), ("A", "1")), State.BAD, "row 1 is empty"),
    ],
)
def test_rows_that_xlwings_stumbles_over(installed, rows, expected, found):
    path = kam_books.write(installed.folder / "a.xlsm", conf=rows)

    told = seen(installed, "conf_keys", str(path))

    assert told[0] == expected
    assert found in told[1]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({}, State.OK),
        ({"Use UDF Server": True}, State.BAD),
        ({"ADD_WORKBOOK_TO_PYTHONPATH": False}, State.BAD),
        ({"ADD_WORKBOOK_TO_PYTHONPATH": "True"}, State.WARN),
        ({"ADD_WORKBOOK_TO_PYTHONPATH": None}, State.WARN),
        ({"Debug UDFs": "TRUE"}, State.WARN),
    ],
)
def test_values_that_xlwings_misunderstands(installed, rows, expected):
    assert book_state(installed, "conf_values", conf=conf(**rows)) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("notes.py", State.BAD), ("Notes.PY", State.BAD), ("notes py", State.OK)]
)
def test_a_sheet_that_xlwings_takes_for_code(installed, name, expected):
    assert book_state(installed, "sheet_names", sheets=(*kam_books.SHEETS, name)) == expected


# --- the file to send -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("system", "heading", "other"), [("windows", "## Windows", "## macOS"), ("macos", "## macOS", "## Windows")]
)
def test_the_report_holds_every_check_and_the_checklist_of_the_system(tmp_path, lang, system, heading, other):
    fake = getattr(machines, system)(tmp_path)
    checks = doctor.report(lang, fake.machine)

    text = doctor.as_markdown(checks, lang, fake.machine, NOW)

    assert all(check.name in text for check in checks)
    assert "2026-11-21 09:00" in text
    assert heading in text
    assert other not in text
    assert "- [ ]" in text


def test_a_report_from_linux_holds_both_checklists(tmp_path):
    fake = machines.linux(tmp_path)

    text = doctor.as_markdown(doctor.report("en", fake.machine), "en", fake.machine, NOW)

    assert "## Windows" in text
    assert "## macOS" in text


def test_a_line_of_the_report_is_one_row_whatever_was_found(tmp_path):
    check = doctor.Check("excel", "Excel", State.BAD, "a | b\nc", "do")
    machine = dataclasses.replace(machines.linux(tmp_path).machine)

    assert "| a \\| b c |" in doctor.as_markdown([check], "en", machine, NOW)
