"""The doors to the real computer, as far as they open on any system; Windows' registry on a stand-in of its module."""

import os
import shutil
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from kam_xl.desk import machine
from tests.desk import machines


def test_this_machine_tells_its_facts():
    this = machine.this()

    assert this.system in ("windows", "macos", "linux")
    assert this.python == Path(sys.executable)
    assert this.version == sys.version_info[:3]
    assert this.run((sys.executable, "-c", "print('客户')"), 30) == machine.Ran(0, "客户\n")


def test_a_program_that_fails_is_missing_or_hangs_is_told():
    assert machine.run((sys.executable, "-c", "import sys; print('why'); sys.exit(3)")) == machine.Ran(3, "why\n")
    assert machine.run(("no-such-program",)).code == -1
    assert machine.run((sys.executable, "-c", "import time; time.sleep(30)"), 0.5).code == -1


@pytest.mark.slow
@pytest.mark.parametrize(("slow", "told"), [(0, machine.Ran(0, "客户")), (100, None)])
def test_what_a_program_leaves_running_is_not_waited_for(tmp_path, slow, told):
    """Under Wine the first program with a window leaves the desktop, which holds that program's output for ever."""
    program = (
        "import pathlib, subprocess, sys, time\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(left.pid))\n"
        f"print('客户', end='', flush=True); time.sleep({slow})\n"
    )
    began = time.monotonic()

    ran = machine.run((sys.executable, "-c", program, tmp_path / "left"), 3 if slow else 30)

    took = time.monotonic() - began
    os.kill(int((tmp_path / "left").read_text()), signal.SIGTERM)
    assert ran == told or (told is None and ran.code == -1)
    assert took < 60


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (r"%LOCALAPPDATA%\kam_xl", "/local/kam_xl"), (r"%localappdata%\a\%OTHER%", "/local/a/over"),
        (r"%GONE%\a", "%GONE%/a"), ("plain", "plain"), ("50%", "50%"),
    ],
)  # fmt: skip
def test_windows_paths_are_expanded_as_excel_does(tmp_path, text, path):
    fake = machines.windows(tmp_path, LocalAppData="/local", Other="over")

    assert fake.machine.expanded(text) == Path(path)


def test_macos_expands_only_a_leading_home(tmp_path):
    fake = machines.macos(tmp_path)

    assert fake.machine.expanded("$HOME/kam_xl") == fake.home / "kam_xl"
    assert fake.machine.expanded("/a/$HOME") == Path("/a/$HOME")


@pytest.mark.skipif(os.name == "nt", reason="a program to copy is a Unix one")
def test_programs_that_run_from_a_folder_are_seen_until_they_end(tmp_path):
    program = shutil.copy(shutil.which("sleep"), tmp_path / "sleeper")

    assert machine._running(tmp_path) == ()
    with subprocess.Popen([program, "60"]) as running:
        assert machine._running(tmp_path) == ("sleeper",)
        running.kill()
    assert machine._running(tmp_path) == ()


def test_the_mark_of_a_download_is_a_second_stream_on_windows(tmp_path):
    path = tmp_path / "a.xlsm"
    path.touch()
    assert machine._stream(path) == ""
    Path(f"{path}:{machine.WEB_MARK}").write_text("[ZoneTransfer]\nZoneId=3")

    assert "ZoneId=3" in machine._stream(path)


@pytest.mark.skipif(os.name == "nt", reason="a program of the kind is made with a script")
def test_the_mark_of_a_download_is_an_attribute_on_macos(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(machine, "run", lambda command: asked.append(command) or machine.Ran(0, "0083;Safari\n"))

    assert machine._quarantine(tmp_path) == "0083;Safari"
    assert asked == [["xattr", "-p", "com.apple.quarantine", tmp_path]]
    monkeypatch.setattr(machine, "run", lambda command: machine.Ran(1, "No such xattr"))
    assert machine._quarantine(tmp_path) == ""


class Winreg(types.SimpleNamespace):
    """As much of winreg as is used, over a dict."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, HKEY_CLASSES_ROOT = "u", "m", "c"
    KEY_READ, KEY_WRITE, KEY_WOW64_64KEY, REG_DWORD, REG_SZ = 1, 2, 256, "dword", "sz"

    class Key(str):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    def OpenKeyEx(self, root, path, _, access):  # noqa: N802
        assert access & 256
        if not any(key == f"{root}\\{path}" or key.startswith(f"{root}\\{path}\\") for key in self.keys):
            raise FileNotFoundError
        return self.Key(f"{root}\\{path}")

    def CreateKeyEx(self, root, path, *_):  # noqa: N802
        self.keys.setdefault(f"{root}\\{path}", {})
        return self.Key(f"{root}\\{path}")

    def QueryValueEx(self, key, name):  # noqa: N802
        if name not in self.keys.get(key, {}):
            raise FileNotFoundError
        return self.keys[key][name]

    def SetValueEx(self, key, name, _, kind, value):  # noqa: N802
        self.keys[key][name] = (value, kind)

    def EnumKey(self, key, number):  # noqa: N802
        names = sorted({known[len(key) + 1 :].split("\\")[0] for known in self.keys if known.startswith(key + "\\")})
        if number >= len(names):
            raise OSError
        return names[number]

    def DeleteKeyEx(self, root, path, *_):  # noqa: N802
        if f"{root}\\{path}" not in self.keys:
            raise FileNotFoundError
        del self.keys[f"{root}\\{path}"]


def test_the_registry_of_windows_is_read_written_and_forgiving(monkeypatch):
    monkeypatch.setitem(sys.modules, "winreg", Winreg(keys={r"c\Excel.Application\CLSID": {"": ("{1}", "sz")}}))
    registry = machine.WindowsRegistry()

    assert registry.read(r"HKCR\Excel.Application\CLSID") == "{1}"
    assert registry.read(r"HKCR\Excel.Application\CLSID", "no such value") is None
    assert registry.read(r"HKLM\Gone") is None
    assert registry.names(r"HKCU\Gone") == ()
    registry.write(r"HKCU\A\Location1", {"Path": "C:\\", "AllowSubfolders": 1})
    assert registry._api.keys[r"u\A\Location1"] == {"Path": ("C:\\", "sz"), "AllowSubfolders": (1, "dword")}
    assert registry.names(r"HKCU\A") == ("Location1",)
    registry.delete(r"HKCU\A\Location1")
    registry.delete(r"HKCU\A\Location1")
    assert registry.names(r"HKCU\A") == ()


def test_a_system_without_a_registry_has_an_empty_one():
    registry = machine.NoRegistry()

    registry.write(r"HKCU\A", {"a": 1})
    registry.delete(r"HKCU\A")
    assert registry.read(r"HKCU\A", "a") is None
    assert registry.names(r"HKCU") == ()
