"""Local pages for the browser: the guide out of Markdown, what the doctor found, a customer's plan."""

from __future__ import annotations

import html
import re
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kam_xl import resources
from kam_xl.core.errors import KamError
from kam_xl.core.words import Words
from kam_xl.desk import doctor
from kam_xl.desk.doctor import Check
from kam_xl.desk.scene import State
from kam_xl.showing import theme

_FOLDER = "kam_xl"
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|/", re.IGNORECASE)  # a link that names its own place
_MARKS = {State.OK: "●", State.WARN: "●", State.BAD: "▲", State.NOT_APPLICABLE: "—"}
_ORDER = (State.BAD, State.WARN, State.OK, State.NOT_APPLICABLE)
_VERDICTS = {State.OK: "good", State.WARN: "watch", State.BAD: "bad"}

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0; background: {surface}; color: {ink}; font: 16px/1.7 system-ui, "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif; }}
main {{ max-width: 860px; margin: 0 auto; padding: 40px 32px 64px; background: #fff; }}
h1, h2, h3 {{ color: {header}; line-height: 1.3; margin: 1.6em 0 .5em; }}
h1 {{ font-size: 28px; margin-top: 0; }} h2 {{ font-size: 21px; border-top: 1px solid {line}; padding-top: 1.2em; }} h3 {{ font-size: 17px; }}
img {{ max-width: 100%; border: 1px solid {line}; border-radius: 4px; }}
code {{ background: {surface}; padding: .1em .3em; border-radius: 3px; font-size: 90%; }}
pre {{ background: {surface}; padding: 12px 16px; overflow: auto; }} pre code {{ padding: 0; }}
table {{ border-collapse: collapse; width: 100%; margin: 1em 0; font-size: 15px; }}
th {{ background: {header}; color: #fff; text-align: left; }}
th, td {{ padding: 8px 12px; border-bottom: 1px solid {line}; vertical-align: top; }}
th, td:first-child {{ white-space: nowrap; }}
a {{ color: {link}; }}
.good {{ color: {good}; }} .watch {{ color: {watch}; }} .bad {{ color: {bad}; }}
@media (prefers-reduced-motion: no-preference) {{ html {{ scroll-behavior: smooth; }} }}
@media print {{ body {{ background: none; }} main {{ max-width: none; padding: 0; }} }}
</style>
</head>
<body><main>
{body}
</main></body>
</html>
"""


def of_guide(words: Words) -> Path:
    """The guide in the language of ``words`` as a page; `KamError` where it is not on this computer."""
    source = resources.GUIDE / f"guide.{words.lang}.md"
    try:
        text = source.read_text("utf-8")
    except OSError as error:
        raise KamError(words("message.no_guide", file=source)) from error
    body = rendered(text, source.parent)
    return written(f"guide.{words.lang}.html", _page(words, body, words("ribbon.KamXl_Guide.label")))


def of_doctor(words: Words, workbook: str | None = None) -> tuple[Sequence[Check], Path]:
    """Every check of this computer and workbook that applies, the worst first, and the page that tells them all."""
    checks = sorted(doctor.report(words.lang, workbook=workbook), key=lambda check: _ORDER.index(check.state))
    title = words("doctor.title")
    head = "".join(
        f"<th>{html.escape(words(f'doctor.column.{name}'))}</th>" for name in ("state", "name", "found", "remedy")
    )
    rows = "".join(_row(check, words) for check in checks)
    body = f"<h1>{html.escape(title)}</h1><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    applying = [check for check in checks if check.state is not State.NOT_APPLICABLE]
    return applying, written(f"doctor.{words.lang}.html", _page(words, body, title))


def _row(check: Check, words: Words) -> str:
    state = f"{_MARKS[check.state]} {words(f'doctor.state.{check.state}')}"
    cells = (check.name, check.found, check.remedy)
    told = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr><td class="{_VERDICTS.get(check.state, "")}">{html.escape(state)}</td>{told}</tr>'


def rendered(markdown: str, folder: Path) -> str:
    """Markdown as HTML; pictures and links beside the text lead to where it lies, headings can be linked to."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reader.parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[at + 1].content))
        for child in token.children or ():
            _place(child, folder)
    return reader.renderer.render(tokens, reader.options, {})


def _anchor(heading: str) -> str:
    """A heading's name in links, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _place(token: Token, folder: Path) -> None:
    """Turn a relative picture or link into an address of its own."""
    name = {"image": "src", "link_open": "href"}.get(token.type)
    target = str(token.attrGet(name) or "") if name else ""
    if target and not _ELSEWHERE.match(target):
        path, mark, anchor = target.partition("#")
        token.attrSet(name, (folder / path).resolve().as_uri() + mark + anchor)


def _page(words: Words, body: str, title: str) -> str:
    colours = {verdict: look.text for verdict, look in theme.VERDICTS.items()}
    return _PAGE.format(
        lang=words.lang, title=html.escape(title), body=body, surface=theme.SURFACE, ink=theme.INK,
        header=theme.HEADER_FILL, line=theme.LINE, link=theme.LINK, **colours,
    )  # fmt: skip


def written(name: str, page: str) -> Path:
    """A page in the folder for temporary files; one of last time is replaced."""
    folder = Path(tempfile.gettempdir()) / _FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(page, "utf-8")
    return path


def opened(page: Path) -> bool:
    """Show a page in the browser; False where there is none."""
    try:
        return webbrowser.open(page.as_uri())
    except webbrowser.Error:
        return False
