"""Excel's trusted locations: folders whose workbooks run their macros without a question."""

from __future__ import annotations

import itertools
from pathlib import Path

from kam_xl.desk.machine import Registry

#: Excel 2016 and every one since.
OFFICE = r"Software\Microsoft\Office\16.0"
POLICIES = r"Software\Policies\Microsoft\Office\16.0"
LOCATIONS = rf"HKCU\{OFFICE}\Excel\Security\Trusted Locations"
_DESCRIPTION = "KAM XL"


def trusts(registry: Registry, folder: Path) -> bool:
    """True when Excel trusts the folder, or one above it with all that it holds."""
    return any(_covers(registry, rf"{LOCATIONS}\{name}", folder) for name in registry.names(LOCATIONS))


def _covers(registry: Registry, key: str, folder: Path) -> bool:
    told = registry.read(key, "Path")
    if not isinstance(told, str) or not told.strip("\\/"):
        return False
    wanted, place = (_comparable(text) for text in (str(folder), told))
    return wanted == place or (registry.read(key, "AllowSubfolders") == 1 and wanted.startswith(f"{place}/"))


def _comparable(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").casefold()


def free_key(registry: Registry) -> str:
    """A key for one more location; Excel numbers them and leaves holes."""
    taken = {name.casefold() for name in registry.names(LOCATIONS)}
    return next(rf"{LOCATIONS}\Location{number}" for number in itertools.count() if f"location{number}" not in taken)


def add(registry: Registry, key: str, folder: Path) -> None:
    """Make Excel trust a folder and those below it."""
    place = str(folder).rstrip("\\/")
    registry.write(key, {"Path": f"{place}\\", "AllowSubfolders": 1, "Description": _DESCRIPTION})


def forbidden(registry: Registry) -> bool:
    """True when the company allows no locations of a user's own, or none at all."""
    return (
        registry.read(rf"HKCU\{POLICIES}\Common\Security\Trusted Locations", "Allow User Locations") == 0
        or registry.read(rf"HKCU\{POLICIES}\Excel\Security\Trusted Locations", "AllLocationsDisabled") == 1
        or registry.read(LOCATIONS, "AllLocationsDisabled") == 1
    )
