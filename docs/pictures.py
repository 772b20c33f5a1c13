"""The pictures of README and the guide, taken of the demo and of the template: `make pictures`.

Needs LibreOffice, Chromium and pdftoppm, and fonts as wide as those of the workbooks: Noto Sans CJK, Carlito.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

from kam_xl import actions, demo, nightly, resources
from kam_xl.actions import result_sheets
from kam_xl.core import assessment, consolidation, sheets, validation
from kam_xl.core.words import LANGUAGES
from kam_xl.doors import adopting, libreoffice
from kam_xl.engines.office_file import opc
from kam_xl.hosts import excel, workbooks
from kam_xl.reports import account_plan
from kam_xl.showing import theme
from kam_xl.template import build, plain, samples

HERE = resources.GUIDE / "pictures"
TONIGHT = dt.datetime(2026, 11, 21, 2, 0)
TEAM = "华东.xlsx"  # whose own workbook is shown
ARRIVES_LATE = "华南.xlsx"  # a team that handed in its book one day later, so that the second night has news

#: Sheet of the template → its printed page, and how much of the page's height the picture shows.
TEMPLATE = {
    "start": (1, 0.94),
    "dashboard": (2, 0.955),
    "actions": (3, 0.94),
    "info": (4, 0.38),
    "evaluation": (5, 0.42),
    "tracking": (6, 0.42),
    "indicators": (7, 0.42),
    "service": (8, 0.42),
    "contacts": (9, 0.5),
    "renewals": (10, 0.42),
    "tasks": (11, 0.55),
    "orders": (12, 0.42),
    "lists": (14, 0.5),  # the orders take two
    "parameters": (15, 0.94),
}
#: Action → the sheet of its result, and how much of the page's height the picture shows; each result is one page.
RESULTS = {"health": ("health", 0.74), "service": ("cases", 0.32), "relationships": ("relationships", 0.42)}
#: Sheet of the workbook without macros → the same.
PLAIN = {"quality": (5, 0.78), "evaluation": (7, 0.42)}
_ROOM = 20  # rows of it that are ready to be typed into, instead of hundreds to be printed
DASHBOARD = "xl/worksheets/sheet2.xml"
STAND_INS = {"zh-CN": "Noto Sans CJK SC", "en": "Carlito"}  # for the workbooks' fonts, which come with Windows


def two_nights(folder: Path, lang: str) -> Path:
    """Run the demo on two nights; the folder of the second night's outputs."""
    demo.make(folder / "teams", today=TONIGHT.date())
    late = folder / "teams" / ARRIVES_LATE
    late.rename(folder / ARRIVES_LATE)
    job = nightly.Job(folder / "teams", folder / "out", lang, views=("weekly",))
    nightly.run(job, TONIGHT - dt.timedelta(days=1))
    (folder / ARRIVES_LATE).rename(late)
    nightly.run(job, TONIGHT)
    return folder / "out"


def photograph_page(page_file: Path, picture: Path, width: int, height: int) -> None:
    """The top of the HTML summary, as high as asked."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": width, "height": height}, offline=True).new_page()
        page.goto(page_file.resolve().as_uri())
        page.screenshot(path=picture)
        browser.close()


def photograph_paper(page_file: Path, picture: Path) -> None:
    """The HTML summary as it is printed, on its one sheet."""
    pdf = page_file.with_suffix(".pdf")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        page.goto(page_file.resolve().as_uri())
        page.pdf(path=pdf, prefer_css_page_size=True)
        browser.close()
    photograph(pdf, 1, picture, "-r", "90")


def busiest(folder: Path) -> Path:
    """The longest of the persons' pages."""
    return max(sorted(folder.iterdir()), key=lambda path: path.stat().st_size)


def photograph_pages(workbook: Path, lang: str, sheets: dict[str, int]) -> None:
    """Printed pages of a workbook: name of the picture → page number."""
    pdf = printed(workbook)
    for name, page in sheets.items():
        photograph(pdf, page, HERE / f"{name}.{lang}", "-r", "90")


def photograph_template(folder: Path, lang: str) -> None:
    """The sheets of the template as they come, the dashboard on one page."""
    workbook = folder / "template.xlsm"
    workbook.write_bytes(still(build.template(lang)))
    pdf = printed(workbook)
    for name, (page, shown) in TEMPLATE.items():
        size = (8.27, 11.69) if name == "dashboard" else (11.69, 8.27)  # A4, in inches
        width, height = round(size[0] * 120), round(size[1] * 120 * shown)
        crop = ("-x", "0", "-y", "0", "-W", str(width), "-H", str(height))
        photograph(pdf, page, HERE / f"template-{name}.{lang}", "-r", "120", *crop)


def photograph_plain(folder: Path, lang: str) -> None:
    """Sheets of the workbook without macros, with the samples typed into it, on the samples' day."""
    workbook = folder / "plain.xlsx"
    rows = {kind: samples.rows(kind, resources.words(lang)) for kind in plain.TABLES}
    workbook.write_bytes(plain.workbook(lang, rows=rows, room=_ROOM))
    with libreoffice.start(lang=lang) as office:
        book = office.open(workbook)
        excel.put(book, "kam_as_of", dt.datetime.combine(samples.as_of(), dt.time()))
        book.api.calculateAll()  # what was typed came with no answers
        book.save()
    pdf = printed(workbook)
    for name, (page, shown) in PLAIN.items():
        crop = ("-x", "0", "-y", "0", "-W", str(round(11.69 * 120)), "-H", str(round(8.27 * 120 * shown)))
        photograph(pdf, page, HERE / f"plain-{name}.{lang}", "-r", "120", *crop)


def photograph_results(folder: Path, lang: str) -> None:
    """What some buttons show on the samples, on the samples' day."""
    workbook = folder / "results.xlsm"
    workbook.write_bytes(build.template(lang))
    with libreoffice.start(lang=lang) as office:
        book = office.open(workbook)
        excel.put(book, "kam_as_of", dt.datetime.combine(samples.as_of(), dt.time()))
        for action in RESULTS:
            office.run(book, actions.ACTIONS[action].sub)
        shown = {result_sheets.name_of(sheet, lang) for sheet, _ in RESULTS.values()}
        for sheet in [sheet for sheet in book.sheets if sheet.name not in shown]:
            sheet.delete()
        book.save()
    pdf = printed(workbook)
    for page, (name, (_, part)) in enumerate(RESULTS.items(), start=1):
        crop = ("-x", "0", "-y", "0", "-W", str(round(11.69 * 120)), "-H", str(round(8.27 * 120 * part)))
        photograph(pdf, page, HERE / f"result-{name}.{lang}", "-r", "120", *crop)


def photograph_plan(folder: Path, lang: str) -> None:
    """The account plan of the samples' strategic customer."""
    words, policy, day = resources.words(lang), resources.policy(), samples.as_of()
    (folder / "team.xlsm").write_bytes(build.template(lang))
    read = validation.validate(workbooks.read(folder, "team.xlsm"), policy, day)
    moment = dt.datetime.combine(day, dt.time(9))
    assessed = assessment.assess(consolidation.consolidate([read], policy), policy, moment, words)
    page = folder / "plan.html"
    page.write_text(account_plan.render(assessed, "C003"), "utf-8")
    photograph_page(page, HERE / f"plan.{lang}.png", 900, 1270)


#: A list as it comes out of a program, in each language; all rows are invented.
LISTS = {
    "zh-CN": ("客户导出_202611.csv", "客户代号,客户名,主要联系人姓名,联系人手机号码,客户所属行业大类,累计交易额,城市,备注",
              ("HD-001,甲辰机电有限公司,赵某,13900000001,机械,5200000,上海,年度框架", "HD-002,乙巳贸易有限公司,钱某,13900000002,零售,900000,苏州,拖欠货款两个月",
               "HD-003,丙午物流有限公司,孙某,13900000003,物流,1800000,杭州,"), "合计,,,,,7900000,,"),
    "en": ("customers-2026-11.csv", "Acct #,Account,Main contact,Direct line,Industry sector,Total Amount,City,Notes",
           ("A-001,Alder Machines Ltd,Ann Lee,+44 113 555 0101,Machinery,5200000,Leeds,frame contract", "A-002,Birch Trading GmbH,Bo Roy,+49 228 555 0102,Retail,900000,Bonn,two invoices overdue",
            "A-003,Cedar Logistics Inc,Cy Ash,+1 202-555-0103,Logistics,1800000,Boston,"), "Total,,,,,7900000,,"),
}  # fmt: skip
#: Who comes in with the next month's export in place of the second one.
NEXT = {
    "zh-CN": "HD-004,丁未食品有限公司,李某,13900000004,食品,600000,南京,要求价格再降一成",
    "en": "A-004,Dogwood Foods plc,Di Moe,+44 151 555 0104,Food,600000,York,is looking at a competitor",
}
SALES = {"zh-CN": "累计交易额=amount（元）", "en": "Total Amount=amount（元）"}


def photograph_adoption(folder: Path, lang: str) -> None:
    """A newcomer's way: the list in the command and on the button's sheet, the workbook it becomes, the night after it."""
    name, head, rows, total = LISTS[lang]
    (folder / "lists").mkdir()
    (folder / "lists" / name).write_text("\n".join([head, *rows, total, ""]), "utf-8")
    photograph_bringing(folder, lang)
    adopting.console = screen = Console(record=True, width=128, force_terminal=True, file=io.StringIO())
    asked = adopting.Asked(folder / "lists" / name, None, (SALES[lang],), yes=True)
    screen.print(f"$ kam-xl adopt {name} --map '{SALES[lang]}' --yes", highlight=False)
    adopting.adopt(asked, resources.words(lang))
    page = folder / "adopt.html"
    told = screen.export_html(code_format=_TERMINAL, inline_styles=True)
    page.write_text(told.replace(f"{folder / 'lists'}{os.sep}", "").replace(str(folder / "lists"), "."), "utf-8")
    photograph_page(page, HERE / f"adopt.{lang}.png", 1180, 32 + 19 * told.count("\n"))
    workbook = folder / "adopted.xlsm"
    workbook.write_bytes(still((folder / "lists" / name).with_suffix(".xlsm").read_bytes()))
    crop = ("-x", "0", "-y", "0", "-W", str(round(11.69 * 120)), "-H", str(round(8.27 * 120 * 0.38)))
    photograph(printed(workbook), TEMPLATE["info"][0], HERE / f"adopted.{lang}", "-r", "120", *crop)
    job = nightly.Job(folder / "lists", folder / "first", lang=lang)
    nightly.run(job, TONIGHT)
    photograph_page(job.out / nightly.SUMMARY, HERE / f"adopt-night.{lang}.png", 1200, 620)
    photograph_pages(job.out / nightly.MASTER, lang, {"adopt-master": 1})
    first, *_, last = rows
    later = name.replace("11.csv", "12.csv")
    (folder / "lists" / later).write_text("\n".join([head, first, NEXT[lang], last, total, ""]), "utf-8")
    nightly.run(job, TONIGHT + dt.timedelta(days=31))
    photograph_page(job.out / nightly.SUMMARY, HERE / f"adopt-next.{lang}.png", 1200, 520)


def photograph_bringing(folder: Path, lang: str) -> None:
    """The sheet on which the button shows a list, with the one question answered."""
    name, workbook = LISTS[lang][0], folder / "bringing.xlsm"
    workbook.write_bytes(build.template(lang))
    with libreoffice.start(lang=lang) as office:
        book = office.open(workbook)
        excel.put(book, "kam_as_of", TONIGHT)
        excel.put(book, "kam_list", str(folder / "lists" / name))
        office.run(book, actions.ACTIONS["adopt"].sub)
        shown = book.sheets[result_sheets.name_of("adopt", lang)]
        shown.range("B3").value = name
        column = [row[0] for row in excel.values(shown.range((1, 1), (shown.used_range.last_cell.row, 1)))]
        answer = sheets.INFO.column("amount").header(lang).partition("（")[0].partition(" (")[0]
        shown.range((column.index("F") + 1, 7)).value = f"{answer}（元）"
        for other in [one for one in book.sheets if one.name != shown.name]:
            other.delete()
        book.save()
    crop = ("-x", "0", "-y", "0", "-W", str(round(11.69 * 120)), "-H", str(round(8.27 * 120 * 0.6)))
    photograph(printed(workbook), 1, HERE / f"adopt-sheet.{lang}", "-r", "120", *crop)


#: A terminal as a page: in a font whose Chinese characters are two of its others wide.
_TERMINAL = """<meta charset="utf-8"><style>body {{ margin: 16px; color: #1f2937 }}
pre {{ font: 14px/19px "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap }}</style><pre>{code}</pre>"""


def still(package: bytes) -> bytes:
    """The workbook as it was built, whatever the day and with no macro at work: the formulas that ask these are values."""
    with tempfile.TemporaryFile() as file:
        file.write(package)
        with zipfile.ZipFile(file) as archive:
            sheets = {name: archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name}
    sheets = {name: _ASKING.sub("", sheet) for name, sheet in sheets.items() if "_rels" not in name}
    one_page = (
        sheets[DASHBOARD].replace('orientation="landscape"', 'orientation="portrait"').replace('fitToHeight="0"', "")
    )
    sheets[DASHBOARD] = re.sub(r"<rowBreaks.*?</rowBreaks>", "", one_page, flags=re.DOTALL)
    return opc.replaced(package, {name: sheet.encode() for name, sheet in sheets.items()})


def printed(workbook: Path) -> Path:
    """The PDF that LibreOffice prints a workbook to, in fonts as wide as the workbook's own."""
    folder = workbook.parent
    fonts = folder / "fonts.conf"
    fonts.write_text(
        _FONTS.format("".join(_FONT.format(theme.WORKBOOK_FONTS[lang], STAND_INS[lang]) for lang in LANGUAGES))
    )
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(workbook)]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"FONTCONFIG_FILE": str(fonts)})
    return workbook.with_suffix(".pdf")


def photograph(pdf: Path, page: int, picture: Path, *options: str) -> None:
    """One page of a PDF as a PNG file; the picture's name comes without its suffix."""
    pages = ("-f", str(page), "-l", str(page), "-singlefile")
    subprocess.run(["pdftoppm", *options, *pages, "-png", str(pdf), str(picture)], check=True)


_ASKING = re.compile(r"<f>[^<]*(?:KAM_|TODAY\(|NOW\()[^<]*</f>")
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>{}</fontconfig>
"""
_FONT = """<match target="pattern"><test name="family"><string>{}</string></test>
<edit name="family" mode="assign" binding="strong"><string>{}</string></edit></match>"""


def main() -> None:
    """Take every picture anew, in both languages."""
    HERE.mkdir(exist_ok=True)
    for lang in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            out = two_nights(Path(folder), lang)
            photograph_page(out / nightly.SUMMARY, HERE / f"summary.{lang}.png", 1200, 1000)
            photograph_page(out / nightly.SUMMARY, HERE / f"phone.{lang}.png", 390, 844)
            photograph_paper(out / nightly.SUMMARY, HERE / f"paper.{lang}")
            photograph_page(out / nightly.page_name("weekly"), HERE / f"weekly.{lang}.png", 1200, 1000)
            photograph_pages(out / nightly.MASTER, lang, {"master": 1, "master-matters": 2})
            photograph_pages(out / nightly.TEAMS / TEAM, lang, {"team": 1})
            photograph_page(busiest(out / nightly.MANAGERS), HERE / f"manager.{lang}.png", 1200, 1000)
            photograph_template(Path(folder), lang)
            photograph_plain(Path(folder), lang)
            photograph_results(Path(folder), lang)
            photograph_plan(Path(folder), lang)
            photograph_adoption(Path(folder), lang)


if __name__ == "__main__":
    main()
