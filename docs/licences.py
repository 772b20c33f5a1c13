"""Under which licences the packages stand that KAM XL runs on: `python -m docs.licences` writes docs/licences.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"

#: Licences that ask for no more than their notice; a package under any other is named by README and the button About.
PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "PSF-2.0",
    "Zlib", "public domain",
}  # fmt: skip
#: What older metadata calls a licence → its SPDX name.
SPDX = {
    "Apache Software License": "Apache-2.0",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
#: Where the metadata leaves open which, as the licence files read.
READ = {
    "easygui": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "olefile": "BSD-2-Clause AND HPND",
    "oletools": "BSD-2-Clause AND MIT",
    "partd": "BSD-3-Clause",
    "pg8000": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "requests-oauthlib": "ISC",
    "xlrd": "BSD-3-Clause AND BSD-4-Clause",
    "xlwings": "BSD-3-Clause",
    "zict": "BSD-3-Clause",
}
#: What only Windows or macOS gets → its licence, as the package index says, and what it needs in turn.
ELSEWHERE = {
    "appscript": ("public domain", "lxml"),
    "colorama": ("BSD-3-Clause",),
    "lxml": ("BSD-3-Clause",),
    "pywin32": ("PSF-2.0",),
    "pywin32-ctypes": ("BSD-3-Clause",),
    "win-unicode-console": ("MIT",),
}

TEXT = """\
# 第三方许可 · Third-party licences

由 `python -m docs.licences` 根据已安装各包的元数据写成；测试保证运行环境里的每个包都列在这里，许可一致。KAM XL 自身为 [MIT](../LICENSE) 许可。
· Written by `python -m docs.licences` from the metadata of the installed packages; a test holds every package of the running
environment to it. KAM XL itself is under the [MIT licence](../LICENSE).

## 运行所需 · What it runs on

除 {run_bound} 外，都只要求保留版权声明；certifi 的 copyleft 只及于它自己的文件，我们原样使用。 · All but {run_bound} ask for no more than
that their notice is kept; certifi's copyleft covers its own files, which are used as they are.

{run}
- xlrd 的早期代码要求这句话：This product includes software developed by David Giffin <david@giffin.org>. · xlrd's earliest part asks
  for that sentence.
- opencc-python-reimplemented 附带 OpenCC 的字典数据，二者均为 Apache-2.0，其 NOTICE 为：This product includes dictionary data and
  configurations developed by OpenCC (https://github.com/BYVoid/OpenCC). · It carries OpenCC's dictionaries, both under
  Apache-2.0; that is its NOTICE.
- xlwings 的 `xlwings/pro` 目录另有商业许可；KAM XL 不使用其中的功能，也不需要许可密钥。 · xlwings' folder `pro` stands under a commercial
  licence of its own; KAM XL uses no feature of it and needs no key.
- numpy、pyarrow 等的安装包内含编译好的库，许可文本在各包的 dist-info 目录；numpy 的 libgfortran 为 GPL-3.0，附 GCC 运行库例外。 · The wheels of
  numpy, pyarrow and others carry compiled libraries, whose licences stand in each dist-info folder; numpy's libgfortran is under
  GPL-3.0 with the GCC runtime exception.

## 开发另需 · What development needs besides

测试、检查、测速之用，不随产品分发；其中 {develop_bound} 为 copyleft。 · For tests, linting and measuring, none of it handed on with the
product; {develop_bound} are copyleft.

{develop}"""


@dataclass(frozen=True)
class Member:
    """One package of a closure: its name, who asks for it (a range of ours, or other packages), its licence in SPDX's words."""

    name: str
    asked: str
    licence: str


def closure(file: str) -> list[Member]:
    """Everything that a requirements file brings, whatever the system, by name; what is not installed is `ELSEWHERE`'s."""
    ours = {canonicalize_name(one.name): one for one in _lines(ROOT / file)}
    asked: dict[str, set[str]] = {name: set() for name in ours}
    todo = list(ours.values())
    met: set[tuple[str, frozenset[str]]] = set()
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        if (name, frozenset(one.extras)) in met:
            continue
        met.add((name, frozenset(one.extras)))
        for needed in _needs(one):
            asked.setdefault(canonicalize_name(needed.name), set()).add(name)
            todo.append(needed)
    return [Member(name, _asked(ours.get(name), asked[name]), licence(name)) for name in sorted(asked)]


def licence(name: str) -> str:
    """The licence of a package: as read in its files, as an SPDX expression of its metadata, or by its classifiers."""
    if name in READ or name in ELSEWHERE:
        return READ.get(name) or ELSEWHERE[name][0]
    told = metadata.metadata(name)
    kinds = [text.split(" :: ")[-1] for text in told.get_all("Classifier", []) if text.startswith("License :: ")]
    named = [SPDX[kind] for kind in kinds if kind in SPDX]
    return told.get("License-Expression") or " AND ".join(named) or told.get("License") or "unknown"


def bound(licence: str) -> bool:
    """Whether a licence asks for more than its notice in each of the choices it gives."""
    choices = licence.split(" OR ")
    return not any(PERMISSIVE.issuperset(choice.split(" AND ")) for choice in choices)


def page() -> str:
    """The page as the running environment has it."""
    run = closure("requirements.txt")
    names = {member.name for member in run}
    develop = [member for member in closure("requirements-dev.txt") if member.name not in names]
    return TEXT.format(run=_table(run), run_bound=_bound(run), develop=_table(develop), develop_bound=_bound(develop))


def _lines(path: Path) -> Iterator[Requirement]:
    for line in path.read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            yield from _lines(path.parent / text[3:])
        elif text.startswith("-e ."):
            yield from _project(set(re.findall(r"\w+", text[4:])))
        elif text:
            yield Requirement(text)


def _project(extras: set[str]) -> Iterator[Requirement]:
    """What pyproject.toml asks for, with some of its extras."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [told["dependencies"], *(told["optional-dependencies"][extra] for extra in sorted(extras))]
    yield from (Requirement(text) for group in groups for text in group)


def _needs(one: Requirement) -> Iterator[Requirement]:
    """What a package needs with its extras on some system of ours."""
    elsewhere = ELSEWHERE.get(canonicalize_name(one.name))
    needed = elsewhere[1:] if elsewhere else metadata.requires(one.name) or []
    systems = [
        {"sys_platform": "win32", "platform_system": "Windows"},
        {"sys_platform": "darwin", "platform_system": "Darwin"},
        {},
    ]
    for requirement in map(Requirement, needed):
        rooms = ({**system, "extra": extra} for system in systems for extra in ("", *one.extras))
        if requirement.marker is None or any(map(requirement.marker.evaluate, rooms)):
            yield requirement


def _asked(ours: Requirement | None, others: set[str]) -> str:
    if ours:
        return ",".join(sorted(map(str, ours.specifier), reverse=True))
    return ", ".join([*sorted(others)[:3], *["…"] * (len(others) > 3)])


def _bound(members: list[Member]) -> str:
    return ", ".join(f"{member.name} ({member.licence})" for member in members if bound(member.licence))


def _table(members: list[Member]) -> str:
    rows = [f"| {member.name} | {member.asked} | {member.licence} |\n" for member in members]
    return f"| 包 · package | 要求者 · asked for by | 许可 · licence |\n|---|---|---|\n{''.join(rows)}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
