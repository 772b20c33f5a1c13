"""Small workbooks of KAM XL on disk: a table, the version, texts, a configuration, macros and a ribbon."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

import kam_xl
from kam_xl.engines.office_file import opc, vba

RIBBON = b'<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui"/>'
SHEETS = ("Info", "_i18n", "xlwings.conf")
CODE_NAMES = ("Sheet1", "Sheet2", "Sheet3")
CONF = (
    ("Interpreter_Win", r"%LOCALAPPDATA%\kam_xl\venv\Scripts\python.exe"),
    ("Interpreter_Mac", "$HOME/kam_xl/venv/bin/python"),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "False"),
    ("Debug UDFs", "False"),
)
TEXTS = ("ribbon.KamXl_Tab.label", "message.done")


def bridge(version: str = "0.37.8") -> vba.Module:
    """A module that says it is xlwings' of some version."""
    return vba.Module("xlwings", f'Public Const XLWINGS_VERSION As String = "{version}"\n', "standard")


STUB = vba.Module("xlwings", "' not installed\n", "standard")
ACTIONS = vba.Module("KamActions", "Sub KamXl_ScoreAll()\nEnd Sub\n", "standard")


def modules(code_names: Sequence[str] = CODE_NAMES, *others: vba.Module) -> tuple[vba.Module, ...]:
    """The modules of a project: the workbook's, the sheets' and the others."""
    book = vba.Module("ThisWorkbook", "Option Explicit\n", "document")
    return (book, *(vba.Module(name, "", "document") for name in code_names), *(others or (bridge(), ACTIONS)))


def package(
    *,
    version: str | None = kam_xl.__version__,
    conf: Sequence[tuple[object, object]] | None = CONF,
    texts: Sequence[str] = TEXTS,
    table: str = "tblCustomers",
    macros: Sequence[vba.Module] | None = modules(),
    ribbon: bytes | None = RIBBON,
    sheets: Sequence[str] = SHEETS,
    code_names: Sequence[str] = (),
    schema: int | None = None,
) -> bytes:
    """The bytes of a workbook; each argument takes away or changes one of the facts that are looked at."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.set_vba_name("ThisWorkbook")
        if schema is not None:
            book.set_custom_property("kam_schema_version", schema)
        made = {}
        named = code_names or [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
        for name, code_name in zip(sheets, named, strict=True):
            made[name] = book.add_worksheet(name)
            made[name].set_vba_name(code_name)
        first = made[sheets[0]]
        first.add_table("A4:B6", {"name": table, "columns": [{"header": "客户ID"}, {"header": "客户名称"}]})
        first.write_row("A5", ["C001", "某科技"])
        if version is not None:
            first.write_string("B1", version)
            book.define_name("kam_xl_version", f"={sheets[0]}!$B$1")
        if "_i18n" in made:
            made["_i18n"].write_row(0, 0, ["key", "zh-CN", "en"])
            for row, key in enumerate(texts, 1):
                made["_i18n"].write_row(row, 0, [key, "字", "word"])
        for name in ("xlwings.conf", "_xlwings.conf"):
            if name in made:
                for row, pair in enumerate(conf or ()):
                    made[name].write_row(row, 0, pair)
    done = data.getvalue()
    done = opc.with_project(done, vba.project(macros)) if macros is not None else done
    return opc.with_ribbon(done, ribbon) if ribbon is not None else done


def write(path: Path, **facts) -> Path:
    """A workbook on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(package(**facts))
    return path
