"""The ribbon: valid by the rules of its schema, every callback there in VBA, every text in both languages.

The rules are those of the 2006 schema that Office checks ribbons against ([MS-CUSTOMUI], customUI.xsd), as far as our
file goes: which elements may stand where, which attributes each may have, which of them exclude each other, and how long
their values may be. Office drops a ribbon that breaks one of them, without a word.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kam_xl import actions, resources
from kam_xl.core.words import LANGUAGES
from kam_xl.template import macros

FILE = Path(macros.__file__).with_name("ribbon.xml")
NAMESPACE = "{http://schemas.microsoft.com/office/2006/01/customui}"

#: Element → the elements that may stand in it.
CHILDREN = {
    "customUI": {"commands", "ribbon"},
    "ribbon": {"officeMenu", "qat", "tabs", "contextualTabs"},
    "tabs": {"tab"},
    "tab": {"group"},
    "group": {"button", "separator"},
    "button": set(),
}
_NAMED = {"id", "idQ", "idMso", "tag", "insertAfterMso", "insertBeforeMso", "insertAfterQ", "insertBeforeQ"}
_LABEL = {"label", "getLabel", "visible", "getVisible", "keytip", "getKeytip"}
_TIPS = {"screentip", "getScreentip", "supertip", "getSupertip"}
_IMAGE = {"image", "imageMso", "getImage"}
#: Element → the attributes it may have.
ATTRIBUTES = {
    "customUI": {"onLoad", "loadImage"},
    "ribbon": {"startFromScratch"},
    "tabs": set(),
    "tab": _NAMED | _LABEL,
    "group": _NAMED | _LABEL | _TIPS | _IMAGE,
    "button": _NAMED | _LABEL | _TIPS | _IMAGE
    | {"onAction", "enabled", "getEnabled", "size", "getSize", "showLabel", "getShowLabel", "showImage", "getShowImage",
       "description", "getDescription"},
}  # fmt: skip
#: Of each group of attributes an element has one at most.
ALTERNATIVES = (
    {"id", "idQ", "idMso"}, {"label", "getLabel"}, {"screentip", "getScreentip"}, {"supertip", "getSupertip"},
    {"image", "imageMso", "getImage"}, {"size", "getSize"}, {"visible", "getVisible"}, {"keytip", "getKeytip"},
    {"enabled", "getEnabled"}, {"showLabel", "getShowLabel"}, {"showImage", "getShowImage"},
    {"description", "getDescription"}, {"insertAfterMso", "insertBeforeMso", "insertAfterQ", "insertBeforeQ"},
)  # fmt: skip
LONGEST, LONGEST_KEYTIP = 1024, 3
#: Callback attribute → the arguments its procedure has.
SIGNATURES = {
    "onLoad": "ribbon As Object",
    "getLabel": "control As Object, ByRef returnedVal",
    "getScreentip": "control As Object, ByRef returnedVal",
    "getSupertip": "control As Object, ByRef returnedVal",
    "onAction": "control As Object",
}


@pytest.fixture(scope="module")
def root() -> ET.Element:
    return ET.parse(FILE).getroot()  # noqa: S314 (our own file)


@pytest.fixture(scope="module")
def procedures() -> dict[str, str]:
    """Public Sub → its arguments, of every module of the workbook."""
    found = re.finditer(r"^(?:Public )?Sub (\w+)\((.*)\)$", "\n".join(m.text for m in macros.modules([])), re.MULTILINE)
    return {match[1]: match[2].strip() for match in found}


def elements(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for element in root.iter():
        assert element.tag.startswith(NAMESPACE), element.tag
        yield element.tag.removeprefix(NAMESPACE), element


def controls(root: ET.Element) -> list[ET.Element]:
    return [element for _, element in elements(root) if "id" in element.attrib]


def buttons(root: ET.Element) -> list[ET.Element]:
    return list(root.iter(f"{NAMESPACE}button"))


# --- the schema ---------------------------------------------------------------------------------------------------


def test_every_element_stands_where_it_may(root: ET.Element) -> None:
    assert root.tag == f"{NAMESPACE}customUI"
    for name, element in elements(root):
        assert {child.tag.removeprefix(NAMESPACE) for child in element} <= CHILDREN[name]
        assert not (element.text or "").strip()


def test_every_attribute_is_one_of_its_element(root: ET.Element) -> None:
    for name, element in elements(root):
        assert set(element.attrib) <= ATTRIBUTES[name], name
        assert "" not in element.attrib.values()


def test_no_attribute_stands_beside_its_alternative(root: ET.Element) -> None:
    for name, element in elements(root):
        for group in ALTERNATIVES:
            assert len(group & set(element.attrib)) <= 1, (name, element.attrib)


def test_every_control_has_an_id_of_its_own(root: ET.Element) -> None:
    for name, element in elements(root):
        if name in {"tab", "group", "button"}:
            assert element.attrib.keys() & {"id", "idQ", "idMso"} == {"id"}
    ids = [element.get("id") for element in controls(root)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"KamXl_[A-Za-z]{1,30}", each) for each in ids)


def test_values_keep_to_their_kinds(root: ET.Element) -> None:
    for _, element in elements(root):
        assert all(len(value) <= LONGEST for value in element.attrib.values())
        assert element.get("size", "normal") in {"normal", "large"}
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", element.get("imageMso", "Info"))
        assert re.fullmatch(rf"[A-Z0-9]{{1,{LONGEST_KEYTIP}}}", element.get("keytip", "K"))


def test_no_two_buttons_share_a_key(root: ET.Element) -> None:
    keys = [button.get("keytip") for button in buttons(root)]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 1 for key in keys)  # or one would begin another


# --- what it shows ------------------------------------------------------------------------------------------------


def test_the_tab_has_the_seven_groups_in_their_order(root: ET.Element) -> None:
    (tab,) = root.iter(f"{NAMESPACE}tab")
    assert tab.get("id") == "KamXl_Tab"
    groups = [group.get("id").removeprefix("KamXl_Group").lower() for group in tab]
    assert groups == ["score", "risk", "account", "plan", "team", "view", "help"]


def test_every_action_of_a_group_is_a_button_there_in_its_order(root: ET.Element) -> None:
    for group in root.iter(f"{NAMESPACE}group"):
        name = group.get("id").removeprefix("KamXl_Group").lower()
        expected = [action.sub for action in actions.ACTIONS.values() if action.group == name]
        assert [button.get("id") for button in group] == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_there_and_fits(root: ET.Element, lang: str) -> None:
    words = resources.words(lang)
    subs = [action.sub for action in actions.ACTIONS.values()]
    for control in {*(element.get("id") for element in controls(root)), *subs}:
        parts = ("label", "screentip", "supertip") if control in subs else ("label",)
        for part in parts:
            text = words(f"ribbon.{control}.{part}")
            assert 1 <= len(text) <= LONGEST
    assert all(len(words(f"ribbon.{sub}.label")) <= 18 for sub in subs)


def test_the_two_languages_do_not_share_a_screentip() -> None:
    zh, en = (resources.words(lang) for lang in LANGUAGES)
    for action in actions.ACTIONS.values():
        assert zh(f"ribbon.{action.sub}.screentip") != en(f"ribbon.{action.sub}.screentip")


def test_every_button_asks_for_its_texts_and_its_action(root: ET.Element) -> None:
    for button in buttons(root):
        told = {name: value for name, value in button.attrib.items() if name in SIGNATURES}
        assert told == {
            "getLabel": "KamXl_GetLabel",
            "getScreentip": "KamXl_GetScreentip",
            "getSupertip": "KamXl_GetSupertip",
            "onAction": "KamXl_OnAction",
        }


# --- what it calls ------------------------------------------------------------------------------------------------


def test_every_callback_exists_with_its_signature(root: ET.Element, procedures: dict[str, str]) -> None:
    for _, element in elements(root):
        for attribute, name in element.attrib.items():
            if attribute.startswith(("get", "on")):
                assert procedures[name] == SIGNATURES[attribute]


def test_every_callback_traps_its_errors(root: ET.Element) -> None:
    text = next(module.text for module in macros.modules([]) if module.name == "KamRibbon")
    names = {
        value for _, element in elements(root) for key, value in element.attrib.items() if key.startswith(("get", "on"))
    }
    for name in names:
        body = re.search(rf"^Public Sub {name}\(.*\)$\n(.*?)^End Sub", text, re.MULTILINE | re.DOTALL)[1]
        assert body.lstrip().startswith("On Error ")


def test_every_action_has_a_sub_that_names_it(procedures: dict[str, str]) -> None:
    text = next(module.text for module in macros.modules([]) if module.name == "KamActions")
    for key, action in actions.ACTIONS.items():
        assert procedures[action.sub] == ""
        assert re.search(rf'^Public Sub {action.sub}\(\)\n(    .*\n)*? +KamRun "{key}"$', text, re.MULTILINE)


def test_no_other_sub_could_be_taken_for_an_action(procedures: dict[str, str]) -> None:
    callbacks = {"KamXl_OnLoad", "KamXl_GetLabel", "KamXl_GetScreentip", "KamXl_GetSupertip", "KamXl_OnAction"}
    subs = {name for name in procedures if name.startswith("KamXl_")} - callbacks
    assert subs == {action.sub for action in actions.ACTIONS.values()}


@pytest.mark.parametrize("module", ["KamActions", "KamHost", "KamRibbon", "KamTexts", "ThisWorkbook", "xlwings"])
def test_our_vba_is_plain(module: str) -> None:
    """ASCII, no `Declare`, no conditional compilation: LibreOffice would run none of it, and editors would garble it."""
    text = next(each.text for each in macros.modules([]) if each.name == module)
    assert text.isascii()
    assert not re.search(r"^\s*(Private |Public )?Declare\b|^\s*#(If|Const)\b", text, re.MULTILINE | re.IGNORECASE)
    assert ("Option Explicit" in text) == (module != "KamHost")  # which names what only LibreOffice knows


def test_texts_that_vba_looks_up_exist() -> None:
    words = resources.words("en")
    for module in macros.modules([]):
        for key in re.findall(r'KamText\("([\w.]+)"\)', module.text):
            assert key in words, f"{module.name}: {key}"
