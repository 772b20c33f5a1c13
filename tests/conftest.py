"""What every test may ask for: other programs' opinion of our files, golden files, and the corpora beside the project.

A test whose tool is missing skips with the reason; where CI is set it fails, so that nothing goes unseen there. What a
test asks for says how it is marked: `make quick` leaves out what starts another program and what runs whole nights.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import hypothesis
import pytest
import xlwings as xw
from filelock import FileLock
from playwright.sync_api import sync_playwright

from kam_xl.actions.request import Request
from kam_xl.core.assessment import Assessment
from kam_xl.core.errors import KamError
from kam_xl.doors import libreoffice
from kam_xl.hosts import isolation
from kam_xl.nightly import job, writing
from kam_xl.resources import words
from tests import nights

HERE = Path(__file__).parent
TOOLS = HERE / "tools"
WORKBOOKS = HERE.parent / "workbook"
CORPORA = HERE.parents[1] / "shared" / "corpora"
IN_CI = bool(os.environ.get("CI"))
TOOL_SECONDS = 180

# Test processes share the cores, so a time limit on one example says nothing; CI tries the same examples every time.
hypothesis.settings.register_profile("project", deadline=None, derandomize=IN_CI, print_blob=True)
hypothesis.settings.load_profile("project")


#: Fixtures that start another program, and fixtures with whole nights in them.
PROGRAMS = {"soffice", "office", "open_page", "ooxml_errors", "under_excel"}
NIGHTS = set("readers_in_this_process five_nights nights_in again side_by_side corpora first_night mixed_night".split())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it asks for; modules that start programs go first, then those with whole nights.

    So the last ones are short, and no worker waits long for the other.
    """
    place: dict[str, int] = {}
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        marks = [name for name, fixtures in (("programs", PROGRAMS), ("slow", NIGHTS)) if fixtures & asked]
        for name in marks:
            item.add_marker(name)
        module = item.nodeid.partition("::")[0]
        own = 0 if "programs" in marks else 1 if item.get_closest_marker("slow") else 2
        place[module] = min(own, place.get(module, 2))
    items.sort(key=lambda item: place[item.nodeid.partition("::")[0]])


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: nobody need look through it for garbage again and again."""
    _kept()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def nights_give_nothing_back() -> Iterator[None]:
    """A night of this process looks for no garbage between its steps: among all that tests hold it would take a fifth of its time.

    What giving back does is tried in tests/hosts/test_memory.py, and what a night of its own process takes in test_corpora.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (job, writing):
            patch.setattr(module, "memory", SimpleNamespace(give_back=lambda: None, kept_aside=contextlib.nullcontext))
        yield


@pytest.fixture(scope="module", autouse=True)
def left_behind() -> Iterator[None]:
    """What a module leaves to the others stays too, so that nobody looks through it."""
    yield
    _kept()


def _kept() -> None:
    gc.collect()
    gc.freeze()


def pytest_configure() -> None:
    """Let a run be interrupted or ended in the background too, where a shell makes it deaf to Ctrl+C.

    Its fixtures end what they started then; and the programs that tests start hear Ctrl+C as they do elsewhere.
    The Pythons among them find the package compiled: each would else take half as long again to start.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files with what the tests got")


@pytest.fixture(autouse=os.name == "nt")
def links_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that makes a link skips where Windows lets this user make none, or Wine only says that it made one."""
    really = os.symlink

    def symlink(source: os.PathLike, target: os.PathLike, target_is_directory: bool = False, **options: int) -> None:
        with contextlib.suppress(OSError):
            really(source, target, target_is_directory, **options)
        if not (Path(target).is_symlink() or Path(target).name.endswith("current")):  # which pytest makes for itself
            pytest.skip("this system makes no links for this user")

    monkeypatch.setattr(os, "symlink", symlink)


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """Each command adds its own handler to the product's log; in one process they would add up."""
    log = logging.getLogger("kam_xl")
    before = log.handlers[:], log.level
    yield
    log.handlers, log.level = before


@pytest.fixture
def readers_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are read without a child process each; what children do is tried in tests/hosts and tests/doors.

    A night takes half the time so.
    """
    monkeypatch.setattr(isolation, "read_one", isolation._answer)


@pytest.fixture
def nights_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that look at nothing a night writes for people, not into its archive, and not why anything changed."""
    nights.in_short(monkeypatch.setattr)


@pytest.fixture(scope="session")
def five_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of `tests.nights.five`, which nobody writes to; the worker that asks first makes them for all of them."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made, ready = shared / "five", shared / "five.made"
    with FileLock(shared / "five.lock"), pytest.MonkeyPatch.context() as patch:
        if not ready.exists():
            patch.setattr(isolation, "read_one", isolation._answer)
            nights.in_short(patch.setattr)
            made.mkdir(exist_ok=True)
            nights.five(made)
            ready.touch()
    return made / "out"


# --- other programs ---------------------------------------------------------------------------------------------------


def _missing(tool: str) -> NoReturn:
    reason = f"{tool} is not installed; tests/tools/install.sh installs it on Debian"
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _tool(*names: str, folder: Path | None = None) -> str:
    """The program of the first name found, in ``folder`` or on the PATH."""
    found = (shutil.which(name, path=folder) for name in names)
    return next(filter(None, found), None) or _missing(names[0])


def _run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, encoding="utf-8", timeout=TOOL_SECONDS, check=False
    )


@pytest.fixture(scope="session")
def ooxml_errors() -> Callable[[Path], list[str]]:
    """Path of a workbook → what Microsoft's Open XML SDK has against it; an empty list when it is valid."""
    _tool("node")
    validator = _tool("ooxml-validator", folder=TOOLS / "node_modules" / ".bin")

    def errors(path: Path) -> list[str]:
        done = _run(validator, path)
        assert done.returncode in (0, 1), done.stderr
        found = json.loads(done.stdout)["errors"]
        return [f"{error['path']} {error['xPath']}: {error['description']}" for error in found]

    return errors


@pytest.fixture(scope="session")
def soffice() -> str:
    """The program of LibreOffice."""
    return _tool("soffice", "soffice.com")


@pytest.fixture(scope="session")
def as_pdf(
    tmp_path_factory: pytest.TempPathFactory, open_page: Callable, request: pytest.FixtureRequest
) -> Callable[[Path], Path]:
    """Path of a document → the PDF it prints to: a workbook through LibreOffice, a page through Chromium."""
    profile = f"-env:UserInstallation={tmp_path_factory.mktemp('soffice-profile').as_uri()}"

    def printed_book(path: Path, pdf: Path) -> None:
        done = _run(
            request.getfixturevalue("soffice"),
            profile,
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            pdf.parent,
            path,
        )
        assert pdf.exists(), f"LibreOffice could not print {path}: {done.stdout}{done.stderr}"

    def printed_page(path: Path, pdf: Path) -> None:
        with open_page(path) as page:
            page.pdf(path=pdf, format="A4", prefer_css_page_size=True)

    def pdf(path: Path) -> Path:
        target = tmp_path_factory.mktemp("pdf") / f"{path.stem}.pdf"
        (printed_page if path.suffix in (".html", ".htm") else printed_book)(path, target)
        return target

    return pdf


@pytest.fixture(scope="session")
def as_png(as_pdf: Callable[[Path], Path]) -> Callable[[Path], list[Path]]:
    """Path of a document → its printed pages as PNG files, in order."""
    pdftoppm = _tool("pdftoppm")

    def pages(path: Path) -> list[Path]:
        pdf = path if path.suffix == ".pdf" else as_pdf(path)
        done = _run(pdftoppm, "-r", 80, "-png", pdf, pdf.with_suffix(""))
        assert done.returncode == 0, done.stderr
        return sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))  # pdftoppm pads the numbers

    return pages


@pytest.fixture(scope="session")
def open_page() -> Callable:
    """Path of a page and the window's width → a context with it open in Chromium, offline, as a Playwright page."""

    @contextlib.contextmanager
    def opened(path: Path, width: int = 1280) -> Iterator:
        chromium = _tool("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
        with sync_playwright() as driver:
            arguments = ["--no-sandbox", "--disable-background-networking"]  # root in a container has no sandbox
            browser = driver.chromium.launch(executable_path=chromium, args=arguments)
            page = browser.new_context(viewport={"width": width, "height": 900}, offline=True).new_page()
            page.goto(path.absolute().as_uri())
            yield page
            browser.close()

    return opened


@pytest.fixture(scope="session")
def screenshot(open_page: Callable, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, int], Path]:
    """Path of a page and the window's width in pixels → the whole page, top to bottom, as a PNG file."""

    def shot(path: Path, width: int) -> Path:
        png = tmp_path_factory.mktemp("screenshot") / f"{path.stem}-{width}.png"
        with open_page(path, width) as page:
            page.screenshot(path=png, full_page=True)
        return png

    return shot


# --- LibreOffice as the host ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def office(soffice: str) -> Iterator[libreoffice.Office]:
    """One running LibreOffice for all tests; `office.open(path)` gives an xlwings Book that calculates through Python."""
    try:
        running = Steady()
    except KamError as error:
        _missing(f"LibreOffice with its module uno ({error})")
    with running:
        yield running


class Steady(libreoffice.Office):
    """One that is started anew where it died while it opened a workbook.

    LibreOffice 7.4 does so about once in a thousand times: it lets go of an object that it has thrown away already.
    Whether macros are ours is asked once of equal files: it takes as long as to open one.
    """

    def __init__(self) -> None:
        super().__init__(words("zh-CN"))
        self._known: dict[bytes, tuple[bool, str]] = {}

    def open(self, path: Path) -> xw.Book:
        try:
            return super().open(path)
        except KamError as error:
            if self._program.answers:
                raise
            warnings.warn(f"{error} ({path.name})", stacklevel=2)
        self.close()
        self.__init__()  # in place: fixtures hold it
        return super().open(path)

    def _is_ours(self, path: Path) -> bool:
        content = hashlib.sha256(path.read_bytes()).digest()
        if content not in self._known:
            self._known[content] = super()._is_ours(path), self.said.replace(path.name, "{}")
        ours, said = self._known[content]
        self.said = said.format(path.name)
        return ours


def template_name(lang: str) -> str:
    """The name of the workbook that people get."""
    return "KAM_Template.xlsm" if lang == "zh-CN" else f"KAM_Template.{lang}.xlsm"


@pytest.fixture(scope="module")
def blank(office: libreoffice.Office) -> Iterator[xw.Book]:
    """A new workbook of one sheet."""
    book = xw.Book(impl=office.app.books.add())
    yield book
    book.close()


@pytest.fixture
def template_book(office: libreoffice.Office, tmp_path: Path) -> Iterator[Callable[..., xw.Book]]:
    """``template_book("en")`` opens a fresh copy of the workbook that people get; it is closed after the test."""
    opened = []

    def template(lang: str = "zh-CN") -> xw.Book:
        copy = tmp_path / template_name(lang)
        shutil.copyfile(WORKBOOKS / copy.name, copy)
        opened.append(office.open(copy))
        assert not office.said, office.said
        return opened[-1]

    yield template
    for book in opened:
        book.close()


@contextlib.contextmanager
def assessed_once() -> Iterator[None]:
    """Buttons that read the same cells share what is assessed of them; else each assesses anew, as every other test sees."""
    anew = Request.inside.func
    known: list[tuple[tuple, Assessment]] = []

    def inside(asked: Request) -> Assessment:
        cells = [(sheet.name, sheet.rows) for sheet in asked.raw.sheets if sheet.rows], asked.now, asked.words.lang
        found = next((one for before, one in known if before == cells), None) or anew(asked)
        known.append((cells, found))
        return found

    shared = functools.cached_property(inside)
    shared.__set_name__(Request, "inside")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Request, "inside", shared)
        yield


# --- files beside the tests -------------------------------------------------------------------------------------------


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str | Path, str], None]:
    """``golden("summary.html", text)`` holds the text against the file beside the test; line ends do not count.

    Only ``--update-golden`` writes the file, a first one too.
    """

    def compare(path: str | Path, text: str) -> None:
        file = request.path.parent / path
        text = text.replace("\r\n", "\n")
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8", newline="\n")
        assert file.exists(), f"{file} does not exist; --update-golden writes it"
        assert text == file.read_text("utf-8"), f"differs from {file}; --update-golden accepts the change"

    return compare


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of workbooks that the product is tried on; it lies beside the project, where there is one."""
    if not CORPORA.is_dir():
        pytest.skip(f"there is no {CORPORA}")
    return CORPORA
