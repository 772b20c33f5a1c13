"""VBA projects: ours held against those Excel saved, stream by stream, and read back by olevba and by us.

xlwings brings both kinds: its quickstart.xlsm was saved by Excel, with everything compiled; its other workbooks went
through another program that left their compiled parts out, as we do, and Excel opens them on every desk.
"""

import contextlib
import hashlib
import io
import re
import zipfile
from pathlib import Path

import olefile
import pytest
import xlwings
from hypothesis import given
from hypothesis import strategies as st
from oletools.olevba import VBA_Parser

from kam_xl.engines.office_file import vba
from kam_xl.engines.office_file.compression import compressed, decompressed
from kam_xl.engines.office_file.unusable import Unusable
from kam_xl.engines.office_file.vba import Module

XLWINGS = Path(xlwings.__file__).parent
EXCEL = "quickstart.xlsm"
TAKEN_BY_EXCEL = (
    "quickstart_standalone.xlsm",
    "quickstart_addin.xlam",
    "quickstart_addin_ribbon.xlam",
    "addin/xlwings.xlam",
)

OURS = (
    Module("ThisWorkbook", "Option Explicit\n", "document"),
    Module("Sheet1", "", "document"),
    Module("KamMain", 'Sub Hello()\n    MsgBox "Hi"\nEnd Sub\n', "standard"),
    Module("KamBridge", "Public name As String\n", "class"),
)

#: The records of the stream dir in the order of [MS-OVBA] 2.3.4.2, two hexadecimal digits each.
INFORMATION = "01 (4A )?02 14 03 04 05 40 06 3D 07 08 09 (0C 3C )?"
REFERENCE = "(16 3E )?(0D |0E |(33 )?2F (16 3E )?30 )"
MODULE = "19 47 1A 32 1C 48 31 1E 2C (21|22) (25 )?(28 )?2B "
DIRECTORY = re.compile(f"{INFORMATION}({REFERENCE})*0F 13 ({MODULE})*10 ")
SIZES = {0x01: 4, 0x4A: 4, 0x02: 4, 0x14: 4, 0x03: 2, 0x07: 4, 0x08: 4, 0x09: 6, 0x0F: 2, 0x13: 2, 0x31: 4, 0x1E: 4,
         0x2C: 2, 0x21: 0, 0x22: 0, 0x25: 0, 0x28: 0, 0x2B: 0, 0x10: 0}  # fmt: skip
OFFSET, COOKIE = 0x31, 0x2C

PROJECT_LINES = re.compile(
    r'ID="\{[0-9A-F-]{36}\}"\n'
    r"((Document=\w+/&H[0-9A-F]{8}|Module=\w+|Class=\w+)\n)+"
    r'Name="\w+"\nHelpContextID="0"\nVersionCompatible32="393222000"\n'
    r'CMG="([0-9A-F]{2}){11,14}"\nDPB="([0-9A-F]{2}){8,}"\nGC="([0-9A-F]{2}){8,11}"\n'
    r"\n\[Host Extender Info\]\n&H00000001=\{3832D640-CF90-11CF-8E43-00A0C911005A\};VBE;&H00000000\n"
    r"\n\[Workspace\]\n(\w+=-?\d+, -?\d+, -?\d+, -?\d+, [CZI]\n)+\n*"
)


def in_package(name):
    return zipfile.ZipFile(XLWINGS / name).read("xl/vbaProject.bin")


def streams(project):
    file = olefile.OleFileIO(io.BytesIO(project), raise_defects=olefile.DEFECT_INCORRECT)
    return {"/".join(path): file.openstream(path).read() for path in file.listdir()}


def records(project):
    return list(vba._records(decompressed(streams(project)["VBA/dir"], 2**20)))


def project_text(project):
    return streams(project)["PROJECT"].decode("cp1252").replace("\r\n", "\n")


def read_by_olevba(project):
    parser = VBA_Parser("vbaProject.bin", data=project)
    return {stream.removeprefix("VBA/"): text for _, stream, _, text in parser.extract_macros()}


def revealed(project, key):
    """What CMG, DPB or GC says, decoded as [MS-OVBA] 2.4.3.3 has it."""
    text = project_text(project)
    hidden = bytes.fromhex(re.search(f'^{key}="(.*)"$', text, re.MULTILINE)[1])
    seed, version, key_byte = hidden[0], hidden[0] ^ hidden[1], hidden[0] ^ hidden[2]
    assert version == 2
    assert key_byte == sum(re.search(r"\{.*?\}", text)[0].encode()) % 256
    plain, last = [], key_byte
    for at in range(3, len(hidden)):
        last = hidden[at] ^ (hidden[at - 2] + last) % 256
        plain.append(last)
    plain = bytes(plain[(seed & 6) // 2 :])
    assert int.from_bytes(plain[:4], "little") == len(plain) - 4
    return plain[4:]


# --- held against Excel's ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("project", [vba.project(OURS), *map(in_package, (EXCEL, *TAKEN_BY_EXCEL))], ids=range(6))
def test_every_record_stands_where_the_specification_wants_it(project):
    found = records(project)

    assert DIRECTORY.fullmatch("".join(f"{number:02X} " for number, _ in found))
    for number, content in found:
        assert len(content) == SIZES.get(number, len(content)), hex(number)


def test_the_modules_of_excels_own_project_get_the_very_records_excel_wrote():
    excels = in_package(EXCEL)
    ours = vba.project(vba.modules(excels), "VBAProject")

    def module_records(project):
        numbers = [number for number, _ in records(project)]
        return [record for record in records(project)[numbers.index(0x13) + 1 :] if record[0] not in (OFFSET, COOKIE)]

    assert module_records(ours) == module_records(excels)


def test_a_class_is_described_as_in_a_project_excel_takes():
    theirs = in_package("quickstart_standalone.xlsm")
    description = {number: content for number, content in records(theirs) if number in (0x1C, 0x48) and content}

    assert description[0x1C].startswith(b"Drop-in replacement")
    ours = vba.project(vba.modules(theirs))
    assert {number: content for number, content in records(ours) if number in (0x1C, 0x48) and content} == description


def test_the_information_is_excels_but_for_name_and_version():
    ours, excels = dict(records(vba.project(OURS, "VBAProject"))), dict(records(in_package(EXCEL)))

    for number in (0x01, 0x02, 0x14, 0x03, 0x04, 0x05, 0x40, 0x06, 0x3D, 0x07, 0x08, 0x0C, 0x3C):
        assert ours[number] == excels[number], hex(number)


def test_the_references_are_those_of_xlwings_add_in():
    def references(project):
        return [record for record in records(project) if record[0] in (0x16, 0x3E, 0x0D)]

    assert references(vba.project(OURS)) == references(in_package("addin/xlwings.xlam"))


@pytest.mark.parametrize("project", [vba.project(OURS), *map(in_package, (EXCEL, *TAKEN_BY_EXCEL))], ids=range(6))
def test_the_stream_project_has_excels_lines(project):
    assert PROJECT_LINES.fullmatch(project_text(project))


@pytest.mark.parametrize("project", [vba.project(OURS), *map(in_package, (EXCEL, *TAKEN_BY_EXCEL[:3]))], ids=range(5))
def test_nothing_is_protected_and_all_is_visible(project):
    assert [revealed(project, key) for key in ("CMG", "DPB", "GC")] == [bytes(4), bytes(1), b"\xff"]


def test_the_other_streams_are_excels():
    excels = in_package(EXCEL)
    ours = vba.project(vba.modules(excels))

    assert streams(ours)["PROJECTwm"] == streams(excels)["PROJECTwm"]
    assert streams(ours).keys() == streams(excels).keys()
    assert streams(ours)["VBA/_VBA_PROJECT"] == bytes.fromhex("CC61 FFFF 00 0000")
    assert streams(in_package(TAKEN_BY_EXCEL[0]))["VBA/_VBA_PROJECT"][:4] == bytes.fromhex("CC61 FFFF")


def test_documents_get_the_attributes_excel_gives_them():
    excels = {module.name: module for module in vba.modules(in_package(EXCEL))}

    for name in ("ThisWorkbook", "Sheet1"):
        assert vba.completed(Module(name, "", "document")) == excels[name]


def test_an_exported_class_gets_the_text_it_has_in_a_project():
    attributes = "GlobalNameSpace Creatable PredeclaredId Exposed TemplateDerived Customizable".split()
    header = 'VERSION 1.0 CLASS\r\nBEGIN\r\n  MultiUse = -1  \'True\r\nEND\r\nAttribute VB_Name = "Box"\r\n'
    module = vba.completed(Module("Box", header + "Attribute VB_Exposed = True\r\nPublic x\r\n", "class"))

    first, base, *rest = module.text.split("\n")
    assert first == 'Attribute VB_Name = "Box"'
    assert base == 'Attribute VB_Base = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"'
    assert rest == [*(f"Attribute VB_{name} = {name == 'Exposed'}" for name in attributes), "Public x", ""]
    assert vba.completed(module) == module


# --- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [EXCEL, *TAKEN_BY_EXCEL])
def test_any_project_is_read_as_olevba_reads_it_and_written_without_loss(name):
    modules = vba.modules(in_package(name))

    assert {module.name: module.text for module in modules} == {
        name: text.replace("\r\n", "\n") for name, text in read_by_olevba(in_package(name)).items()
    }
    assert vba.modules(vba.project(modules)) == modules


def test_the_kinds_are_told_apart():
    kinds = {module.name: module.kind for module in vba.modules(in_package("quickstart_standalone.xlsm"))}

    assert kinds == {
        "ThisWorkbook": "document", "Sheet1": "document", "Module1": "standard", "Sheet2": "document",
        "xlwings": "standard", "Dictionary": "class",
    }  # fmt: skip


def test_olevba_reads_exactly_our_text():
    assert read_by_olevba(vba.project(OURS)) == {
        module.name: vba.completed(module).text.replace("\n", "\r\n") for module in OURS
    }


code = st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.just("\t"), max_size=120), max_size=200)


@given(code, st.sampled_from(["standard", "class", "document"]))
def test_any_code_comes_back(lines, kind):
    lines = [f" {line}" for line in lines]  # none is an attribute of the module
    written = vba.completed(Module("Kam", "\r\n".join(lines), kind))

    assert vba.modules(vba.project([written])) == (written,)
    assert read_by_olevba(vba.project([written]))["Kam"] == written.text.replace("\n", "\r\n")


def test_the_same_modules_give_the_same_bytes_everywhere():
    """The digest changes only with what a project is written like: Excel has to be tried again then."""
    assert vba.project(OURS) == vba.project(OURS)
    assert vba.project(OURS) != vba.project(OURS, "Other")
    assert (
        hashlib.sha256(vba.project(OURS, "KamXl")).hexdigest()
        == "3d1e4addbd87e7ff6f710823dad6ce1fb954399cb0dc27a86a8269a21ff58a76"
    )


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modules", "why"),
    [
        ([Module("Kam", "x = 1\n' 客户\n", "standard")], "Kam, line 3: VBA takes ASCII"),
        ([Module("Kam", "' \x0c", "standard")], "Kam, line 2"),
        ([Module("Kam", f"' {'x' * 1022}", "standard")], "1023 characters"),
        ([Module("K" * 32, "", "standard")], "30 letters"),
        ([Module("1Kam", "", "standard")], "a letter and up to"),
        ([Module("客户", "", "standard")], "ASCII"),
        ([Module("", "", "standard")], "a letter"),
        ([Module("Kam", "", "standard"), Module("KAM", "", "class")], "KAM: two modules"),
        ([Module("VbaProject", "", "standard")], "VbaProject: two modules, or one and the project"),
        ([Module("Office", "", "standard")], "Office: two modules, or one and the project, a library"),
        ([Module("Dir", "", "standard")], "Dir: two modules"),
        ([Module("Kam", "", "form")], "Kam: a module is document, standard, class, not 'form'"),
        ([Module("Kam", 'Attribute VB_Name = "Other"\n', "standard")], "Kam: its text names it otherwise"),
    ],
)
def test_what_vba_would_not_take_is_said_with_its_place(modules, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        vba.project(modules)


def test_names_and_lines_may_be_as_long_as_vba_allows():
    module = vba.completed(Module("K" * 31, "x" * 1023, "standard"))

    assert vba.modules(vba.project([module])) == (module,)


def damaged(change):
    """Our project with one stream changed."""
    contents = {"VBA": {}, "PROJECT": b""}
    for path, content in streams(vba.project(OURS)).items():
        storage, _, name = path.rpartition("/")
        (contents[storage] if storage else contents)[name] = change.get(path, content)
    return vba.compound.written(contents)


@pytest.mark.parametrize(
    "project",
    [
        b"",
        b"not a compound file",
        vba.project(OURS)[:1000],
        damaged({"VBA/dir": b"\x01"}),
        damaged({"VBA/dir": compressed(b"\x03\0\xff\xff\xff\xff")}),
        damaged({"VBA/KamMain": b"\x02"}),
        damaged({"PROJECT": b'ID="{}"'}),
        damaged({"VBA/KamMain": b"\x01" + b"\x03\xb0\x02aE\xff" * 5000}),
    ],
    ids=["empty", "other", "short", "no records", "endless record", "no text", "unlisted", "broken copy"],
)
def test_bytes_that_are_no_project_are_refused(project):
    with pytest.raises(Unusable) as caught:
        vba.modules(project)
    assert caught.value.reason == "damaged"


def test_a_text_that_unpacks_without_end_is_refused():
    bomb = b"\x01" + (b"\x03\xb0\x02a" + (4096 - 4).to_bytes(2, "little")) * 5000  # each chunk unpacks to 4096 bytes

    with pytest.raises(Unusable) as caught:
        vba.modules(damaged({"VBA/KamMain": bomb}))
    assert "more than" in str(caught.value.__cause__)


@given(st.data())
def test_a_changed_byte_is_refused_or_harmless(data):
    project = bytearray(vba.project(OURS))
    project[data.draw(st.integers(0, len(project) - 1))] = data.draw(st.integers(0, 255))

    with contextlib.suppress(Unusable):
        vba.modules(bytes(project))
