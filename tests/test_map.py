"""The map is what the files say of themselves: nothing is missing on it, and no line of it names nothing."""

from docs import map as the_map


def test_the_map_is_what_the_files_say() -> None:
    assert the_map.PAGE.read_text("utf-8") == the_map.page(), "run `python -m docs.map`"


def test_every_file_says_what_it_is_for() -> None:
    assert [path for path in the_map.files() if not the_map.sentence(path)] == []
