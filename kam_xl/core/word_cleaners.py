"""What cells of words become: texts as they were typed, words for a choice its key, phone numbers text."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from kam_xl.core import currencies, raw
from kam_xl.core.choices import CHOICES, STATUS_NAMES, parse_choice, parse_status
from kam_xl.core.entries import FORMULA_MARKS, LONGEST_NOTHING, is_nothing
from kam_xl.core.ids import parse_phone
from kam_xl.core.reading import Reading, transposed
from kam_xl.core.sheets import Column


def clean_texts(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Text stays as typed; words for nothing are unknown, and text that starts like a formula is reported."""
    found = known(raw.texts(typed))
    different = set(found)
    if any(text[:1] in FORMULA_MARKS for text in different if text is not None):
        for i, text in enumerate(found):
            if text is not None and text[:1] in FORMULA_MARKS:
                reading.report("formula_like_text", i, column.field, text)
    if column.required and None in different:
        for i in (i for i, text in enumerate(found) if text is None):
            reading.report("name_missing", i, column.field, typed[i])
    return {column.field: found}


def known(texts: list[str]) -> list[str | None]:
    """The texts, None for the words that stand for nothing."""
    void = {text for text in set(texts) if len(text.strip()) <= LONGEST_NOTHING and is_nothing(text)}
    return [None if text in void else text for text in texts]


_status = functools.lru_cache(maxsize=4096)(parse_status)


def clean_statuses(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Status keys; the words typed are kept."""
    texts = raw.texts(typed)
    return {column.field: _keyed(reading, column, texts, map(_status, texts), STATUS_NAMES)}


def clean_choices(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Keys of a column's choices; any word for them but the usual two is kept."""
    return {column.field: _chosen(reading, column, typed, f"{reading.table.kind}.{column.field}")}


def clean_flags(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Yes and no as True and False; blank is unknown."""
    keys = _chosen(reading, column, typed, "flag")
    return {column.field: [None if key is None else key == "yes" for key in keys]}


def _chosen(reading: Reading, column: Column, typed: list, name: str) -> list[str | None]:
    texts = raw.texts(typed)
    readings = {text: parse_choice(text, name) for text in set(texts)}
    labels = {key: words[:2] for key, words in CHOICES[name].items()}
    allowed = "、".join(" · ".join(pair) for pair in labels.values())
    for i, text in enumerate(texts):
        key, code = readings[text]
        if code:
            reading.report(code, i, column.field, typed[i], allowed)
        elif key and text not in labels[key]:
            reading.keep_text(i, column.field, typed[i])
    return [readings[text][0] for text in texts]


def clean_currencies(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Currencies by their ISO 4217 code; any other word for one is kept, and one that nobody knows is reported."""
    texts = raw.texts(typed)
    found, codes = transposed(map(currencies.named, texts), 2)
    reading.report_all(codes, column.field, typed)
    for i, code in enumerate(found):
        if code and texts[i] != code:
            reading.keep_text(i, column.field, typed[i])
    return {column.field: found}


def clean_tiers(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Recorded tiers as they were typed: the policy says what the tiers are called."""
    texts = known(raw.texts(typed))
    reading.to_doubt(column.field, texts, texts)
    return {column.field: texts}


def _keyed(
    reading: Reading, column: Column, texts: list[str], readings: Iterable[tuple], labels: Mapping[str, str]
) -> list[str | None]:
    """Keys out of readings; a text other than the key's usual label is kept beside it."""
    keys, codes = transposed(readings, 2)
    reading.report_all(codes, column.field, texts)
    for i, key in enumerate(keys):
        if key and texts[i] != labels[key]:
            reading.keep_text(i, column.field, texts[i])
    return keys


def clean_phones(reading: Reading, column: Column, typed: list) -> dict[str, list]:
    """Phone numbers as text."""
    texts = raw.texts(typed)
    found, codes = transposed(map(parse_phone, texts), 2)
    reading.report_all(codes, column.field, typed)
    return {column.field: found}
