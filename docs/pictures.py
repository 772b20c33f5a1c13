"""The pictures of README and the guide, taken of the demo: `make pictures` (needs LibreOffice, Chromium, pdftoppm)."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from kam_xl import demo, nightly
from kam_xl.core.words import LANGUAGES

HERE = Path(__file__).parent / "pictures"
TONIGHT = dt.datetime(2026, 11, 21, 2, 0)
ARRIVES_LATE = "华南.xlsx"  # a team that handed in its book one day later, so that the second night has news


def two_nights(folder: Path, lang: str) -> Path:
    """Run the demo on two nights; the folder of the second night's outputs."""
    demo.make(folder / "teams", today=TONIGHT.date())
    late = folder / "teams" / ARRIVES_LATE
    late.rename(folder / ARRIVES_LATE)
    job = nightly.Job(folder / "teams", folder / "out", lang)
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


def photograph_master(workbook: Path, lang: str, sheets: dict[str, int]) -> None:
    """Printed pages of the master through LibreOffice: name of the picture → page number."""
    folder = workbook.parent
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(workbook)]
    subprocess.run(command, check=True, capture_output=True)
    for name, page in sheets.items():
        target = HERE / f"{name}.{lang}"
        pdf = str(workbook.with_suffix(".pdf"))
        subprocess.run(
            ["pdftoppm", "-r", "90", "-f", str(page), "-l", str(page), "-singlefile", "-png", pdf, str(target)],
            check=True,
        )


def main() -> None:
    """Take every picture anew, in both languages."""
    HERE.mkdir(exist_ok=True)
    for lang in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            out = two_nights(Path(folder), lang)
            photograph_page(out / nightly.SUMMARY, HERE / f"summary.{lang}.png", 1200, 1000)
            photograph_page(out / nightly.SUMMARY, HERE / f"phone.{lang}.png", 390, 844)
            photograph_master(out / nightly.MASTER, lang, {"master": 1, "master-tiers": 3})


if __name__ == "__main__":
    main()
