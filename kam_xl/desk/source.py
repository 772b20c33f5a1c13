"""What an installation puts on a desk: the package that runs this, what it needs, and where pip finds it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import kam_xl
from kam_xl.desk import folders

NAME = "kam-xl"


@dataclass(frozen=True)
class Package:
    """A package in its folder, what pip is asked for to get it, and the requirements pip then reads."""

    package: Path
    asked: str
    requirements: tuple[str, ...]

    @cached_property
    def files(self) -> dict[str, str]:
        """What the package consists of, by path beside it, and what tells the contents apart."""
        return folders.tree(self.package.parent, (self.package.name,))

    @cached_property
    def version(self) -> str:
        """What tells this package with its requirements from any other."""
        return hashlib.sha256(json.dumps([self.files, self.requirements], sort_keys=True).encode()).hexdigest()

    def xlwings(self) -> str:
        """The one version of xlwings that it allows."""
        return pinned_xlwings("\n".join(self.requirements))


def running() -> Package:
    """What runs this."""
    return of(Path(kam_xl.__file__).parent)


def of(package: Path) -> Package:
    """A package in a checkout, or as pip installed it: then it comes from where it came from."""
    project = package.with_name("pyproject.toml")
    if project.is_file():
        told = tomllib.loads(project.read_text("utf-8"))["project"]
        return Package(package, str(package.parent), tuple(told["dependencies"]))
    installed = next(iter(importlib.metadata.distributions(name=NAME, path=[str(package.parent)])))
    origin = json.loads(installed.read_text("direct_url.json") or "{}").get("url")
    return Package(package, origin or f"{NAME}=={installed.version}", tuple(installed.requires or ()))


def pinned_xlwings(text: str) -> str:
    """The one version of xlwings that requirements allow, a line each, be they those of a package's metadata."""
    (version,) = set(re.findall(r"^(?:Requires-Dist: )?xlwings==([\w.]+)", text, re.MULTILINE))
    return version
