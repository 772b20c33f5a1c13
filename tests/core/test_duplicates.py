"""Names that are nearly the same under two IDs are suggested, and never merged."""

from __future__ import annotations

import pytest

from tests.core.several_books import info


class TestPossibleDuplicates:
    @pytest.mark.parametrize(
        ("one", "two", "alike"),
        [
            ("上海恒信科技有限公司", "上海恒信科技股份有限公司", True),
            ("Acme Industrial Ltd", "ACME Industrial", True),
            ("上海恒信科技有限公司", "苏州远通医疗有限公司", False),
            ("第一分店1", "第一分店2", False),
            ("*科技有限公司", "*科技有限公司", False),
        ],
    )
    def test_near_names_under_two_ids_are_suggested_and_never_merged(self, gather, one, two, alike):
        portfolio = gather(a={"info": [info("C001", one), info("C002", two)]})

        assert len(portfolio.customers) == 2
        assert bool(len(portfolio.duplicates)) is alike
