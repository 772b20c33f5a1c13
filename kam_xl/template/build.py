"""Builds the workbook that account managers keep, with macros and without, in both languages, from one source.

    python -m kam_xl.template.build                 write all four
    python -m kam_xl.template.build --check         are the committed files what the source builds?
    python -m kam_xl.template.build --with-excel    on Windows: write all, then let Excel itself make their VBA projects

The same source gives the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from kam_xl import resources
from kam_xl.core import sheets as sheets_
from kam_xl.core.policy import Policy
from kam_xl.core.sheets import INFO, Column, Sheet
from kam_xl.engines.office_file import opc, vba
from kam_xl.template import buttons, dashboard, data, hidden, lists, package, parameters, plain, samples, start, values
from kam_xl.template.figures import Samples
from kam_xl.template.layout import DATA, ORDER, READ, Draft, Variant, options, set_origin

HERE = Path(__file__).parents[2] / "workbook"  # of the checkout
FILES = {"zh-CN": HERE / "KAM_Template.xlsm", "en": HERE / "KAM_Template.en.xlsm"}
PLAIN = {"zh-CN": HERE / "KAM_Template.plain.xlsx", "en": HERE / "KAM_Template.plain.en.xlsx"}  # without macros
VARIANT = Variant(ORDER, READ, sheets_.BY_KIND, data.formula_of, follows_language=True)
SCHEMA = 1  # raised when a sheet, a table or a name changes so that older programs would not find it
RIBBON = Path(__file__).with_name("ribbon.xml")
EXCEL = 191029  # the calculation engine of Excel 2019 and later; an older number makes Excel recalculate when it opens


@dataclass(frozen=True)
class Customers:
    """Customers to build a workbook with in place of the samples: their rows by field, and fields of columns behind the others."""

    rows: Sequence[Mapping[str, object]]
    others: Mapping[str, str]  # field → header, in order
    as_of: dt.date

    @property
    def sheet(self) -> Sheet:
        """The customers' sheet with these columns."""
        more = tuple(Column(field, header, header) for field, header in self.others.items())
        return replace(INFO, columns=INFO.columns + more)


def template(
    lang: str,
    macros: Sequence[vba.Module] | None = None,
    conf: Mapping[str, str] | None = None,
    customers: Customers | None = None,
) -> bytes:
    """The whole workbook in ``zh-CN`` or ``en``, with macros and ribbon, ready to be saved as .xlsm.

    ``macros`` are the modules of its VBA project, by default those of ``kam_xl/template/vba``; ``conf`` replaces entries of sheet
    xlwings.conf; ``customers`` stand in place of the samples, and its other sheets are blank then.
    """
    from kam_xl.template import macros as own

    project = vba.project(own.modules(code_names()) if macros is None else macros, own.NAME)
    return opc.with_ribbon(opc.with_project(sheets(lang, conf, customers=customers), project), RIBBON.read_bytes())


def code_names() -> tuple[str, ...]:
    """VBA's names of the sheets, in their order."""
    return tuple(f"Sheet{number}" for number in range(1, len(ORDER) + 1))


def sheets(
    lang: str,
    conf: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    customers: Customers | None = None,
) -> bytes:
    """The workbook without macros and ribbon, ready to be saved as .xlsx; by the company policy unless another is given."""
    target = io.BytesIO()
    words, policy = resources.words(lang), policy or resources.policy()
    with Workbook(target, options(lang)) as book:
        as_of = customers.as_of if customers else samples.as_of()
        draft = Draft(book, words, policy, as_of, hidden.texts(policy), VARIANT)
        _set_properties(draft)
        book.calc_on_load = customers is not None  # the dashboard's figures are counted when it is first opened
        rows: dict[str, Sequence[Mapping[str, object]]] = {
            sheet.kind: [] if customers else values.rows(sheet.kind, words) for sheet in DATA
        }
        start.add(draft, len(rows["info"]))
        known = {sheet.kind: values.rows(sheet.kind, words) for sheet in DATA}
        draft.open = customers is not None
        dashboard.add(draft, Samples(known, words, policy, draft.as_of))
        draft.open = False
        buttons.add(draft)
        for sheet in DATA:
            mine = customers if sheet is INFO else None
            data.add(draft, mine.sheet if mine else sheet, mine.rows if mine else rows[sheet.kind])
        lists.add(draft)
        parameters.add(draft)
        hidden.add_texts(draft)
        hidden.add_configuration(draft, conf or {})
    return package.completed(target.getvalue(), draft)


def _set_properties(draft: Draft) -> None:
    book = draft.book
    set_origin(draft)
    book.set_custom_property("kam_schema_version", SCHEMA)
    book.set_vba_name("ThisWorkbook")
    book.set_calc_mode("auto", EXCEL)
    book.calc_on_load = False  # cached values stay until something changes: with macros off they are all there is


# --- the command ------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the committed files; 0 when they are current."""
    parser = argparse.ArgumentParser(prog="python -m kam_xl.template.build", description="Builds the KAM XL template.")
    parser.add_argument(
        "--check", action="store_true", help="say whether the committed files are current, write nothing"
    )
    parser.add_argument("--with-excel", action="store_true", help="on Windows: let Excel make the VBA projects")
    told = parser.parse_args(arguments)
    if told.check:
        stale = [path for path, built in _every() if not current(path, built)]
        for path in stale:
            print(f"{path} is not what the source builds; run  python -m kam_xl.template.build", file=sys.stderr)  # noqa: T201
        return len(stale)
    for path, built in _every():
        path.write_bytes(built)
        if told.with_excel and path in FILES.values():
            with_excel(path)
    return 0


def _every() -> Iterator[tuple[Path, bytes]]:
    """Every committed file with what the source builds."""
    yield from ((path, template(lang)) for lang, path in FILES.items())
    yield from ((path, plain.workbook(lang)) for lang, path in PLAIN.items())


def current(path: Path, built: bytes) -> bool:
    """True when the file holds the same parts; how they are compressed is each machine's own affair."""
    return path.is_file() and opc.unpacked(path.read_bytes()) == opc.unpacked(built)


def with_excel(path: Path) -> None:
    """Let a real Excel on Windows read the modules in and save the project it makes of them.

    Needs "Trust access to the VBA project object model" in Excel's settings.
    """
    import xlwings as xw

    from kam_xl.template import macros as own

    with xw.App(visible=False, add_book=False) as app:
        app.api.EnableEvents = False
        book = app.books.open(path)
        components = book.api.VBProject.VBComponents
        for module in own.modules(code_names()):
            if module.kind == "document":
                code = components(module.name).CodeModule
                code.DeleteLines(1, code.CountOfLines)
                code.AddFromString(_without_attributes(module.text))
            else:
                components.Remove(components(module.name))
                _import(components, module)
        book.save()


def _import(components: Any, module: vba.Module) -> None:
    """Import a module from a file, since only a file carries its attributes."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{module.name}.{'cls' if module.kind == 'class' else 'bas'}"
        file.write_text(module.text, "ascii", newline="\r\n")
        components.Import(str(file))


def _without_attributes(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("Attribute "))


if __name__ == "__main__":
    sys.exit(main())
