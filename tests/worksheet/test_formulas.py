"""Formula texts as Excel and as LibreOffice write them."""

from __future__ import annotations

import pytest

from kam_xl.worksheet.formulas import Area, Call, Literal, Name, Part, Unread, call_in


def call(*arguments: object, name: str = "KAM_SCORE") -> Call:
    return Call(name, arguments)


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("=KAM_SCORE(A1,$B$2,C3:C9)", call(Area(None, "A1"), Area(None, "B2"), Area(None, "C3:C9"))),
        ("=KAM_SCORE(A1;$B$2;C3)", call(Area(None, "A1"), Area(None, "B2"), Area(None, "C3"))),
        ("=kam_tier( A:A )", call(Area(None, "A:A"), name="KAM_TIER")),
        ("=@KAM_TIER(@A1)", call(Area(None, "A1"), name="KAM_TIER")),
        ("=KAM_TIER('It''s 客户'!B5,Sheet1!$A$1)", call(Area("It's 客户", "B5"), Area("Sheet1", "A1"), name="KAM_TIER")),
        ("=KAM_TIER($'客户 表'.B5;$评估.A1)", call(Area("客户 表", "B5"), Area("评估", "A1"), name="KAM_TIER")),
        ("=KAM_RISK(tblCustomers[#All],tblA[],kam_as_of)",
         call(Part("tblCustomers", "all"), Part("tblA", "data"), Name("kam_as_of"), name="KAM_RISK")),
        ("=KAM_TIER(tblEvaluation[@[价值维度（50%）]])", call(Part("tblEvaluation", "row", *["价值维度（50%）"] * 2), name="KAM_TIER")),
        ("=KAM_TIER(tblEvaluation[[#This Row];[价值维度(50%)]])",
         call(Part("tblEvaluation", "row", *["价值维度(50%)"] * 2), name="KAM_TIER")),
        ("=KAM_TIER([@Score])", call(Part("", "row", "Score", "Score"), name="KAM_TIER")),
        ("=KAM_TIER(t[@[Size '[k'], '#1]])", call(Part("t", "row", *["Size [k], #1"] * 2), name="KAM_TIER")),
        ("=KAM_SHARE(tbl[层级划分])", call(Part("tbl", "data", "层级划分", "层级划分"), name="KAM_SHARE")),
        ("=KAM_CHECK(t[[#All],[A]:[C]],t[[#Headers],[#Data],[A]],t[@])",
         call(Part("t", "all", "A", "C"), Part("t", "all", "A", "A"), Part("t", "row"), name="KAM_CHECK")),
        ("=KAM_SCORE(1,-2.5,50%,1e2)", call(Literal(1.0), Literal(-2.5), Literal(0.5), Literal(100.0))),
        ("=KAM_SCORE(TRUE,#N/A,,)", call(Literal(True), Literal("#N/A"), Literal(None))),
        ('=KAM_TIER("92（高，""稳"";(好）")', call(Literal('92（高，"稳";(好）'), name="KAM_TIER")),
        ("=KAM_SCORE({0.5,0.3;1,2},{0.5;0.3},{1;2|3;4})",
         call(Literal(((0.5, 0.3), (1.0, 2.0))), Literal(((0.5, 0.3),)), Literal(((1.0, 2.0), (3.0, 4.0))))),
        ('=KAM_TIER({"a,b";"c"})', call(Literal((("a,b",), ("c",))), name="KAM_TIER")),
        ('=IFERROR(KAM_TIER(KAM_SCORE(A1,B1,C1),"en"),"")',
         call(call(Area(None, "A1"), Area(None, "B1"), Area(None, "C1")), Literal("en"), name="KAM_TIER")),
        ('=IF(A1="KAM_TIER(1)","",KAM_TIER(B1))', call(Area(None, "B1"), name="KAM_TIER")),
        ("=KAM_SCORE(A1*2,SUM(A1:B2),A1#)", call(Unread("A1*2"), Unread("SUM(A1:B2)"), Unread("A1#"))),
        ("=KAM_TIER(KAM_SCORE(1,2,3)+1)", call(Unread("KAM_SCORE(1,2,3)+1"), name="KAM_TIER")),
        ("=KAM_TIER([Book.xlsx]Sheet1!A1)", call(Unread("[Book.xlsx]Sheet1!A1"), name="KAM_TIER")),
        ("=KAM_TIER({A1,2})", call(Unread("{A1,2}"), name="KAM_TIER")),
        ("=KAM_TIER(t[[A],[B],[C]])", call(Unread("t[[A],[B],[C]]"), name="KAM_TIER")),
        ("=KAM_VERSION()", call(name="KAM_VERSION")),
        ("=SUM(A1)", None),
        ('="KAM_TIER(1)"', None),
        ("=MY_KAM_TIER(1)", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_call_and_its_arguments_are_found(formula: str, found: Call | None) -> None:
    assert call_in(formula) == found
