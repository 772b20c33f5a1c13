"""What the cells of one row say against each other is said, and what cannot be is unknown."""

from collections.abc import Callable

from kam_xl.core.findings import Finding
from tests.core.one_book import HEAD, ROW, STEPS, info, sheet


def test_a_step_before_the_one_it_follows_is_unknown_and_its_finding_names_both(read: Callable) -> None:
    row = ["C001", "2024-02-02 10:00", "2024-02-01", "2024-02-02", "2024-02-03"]
    book = read(info(HEAD, ROW), sheet("服务记录", STEPS, row))
    steps = book.tables["service"].rows.iloc[0]
    assert steps[["reported", "answered", "resolved", "confirmed"]].isna().tolist() == [False, True, False, False]
    assert Finding(
        "moments_reversed", "服务记录", "C2", "service.answered", "2024-02-01", "C001", "2024-02-02 10:00:00"
    ) in book.findings  # fmt: skip
