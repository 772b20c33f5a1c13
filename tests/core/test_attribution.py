"""A row stands under the customer that it means, and one that means nobody is kept."""

from __future__ import annotations

from tests.core.several_books import codes, info


class TestTracking:
    def test_a_name_alone_finds_its_only_customer_and_an_orphan_is_kept(self, gather):
        portfolio = gather(
            a={
                "info": [info(), info("C002", "乙"), info("C003", "丙"), info("C004", "丙")],
                "tracking": [{"customer": name, "strategy": "x"} for name in ("乙", "丙", "", "C009/丁")],
            }
        )

        assert portfolio.tracking["customer_id"].fillna("").tolist() == ["C002", "", "", "C009"]
        assert codes(portfolio).count("tracking_unknown_customer") == 1
        assert codes(portfolio).count("customer_unclear") == 1
        assert codes(portfolio).count("customer_missing") == 1
