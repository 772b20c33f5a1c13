"""A formula as Excel writes it becomes one that LibreOffice's interface takes."""

import pytest

from kam_xl.engines.calc.formulas import for_libreoffice


@pytest.mark.parametrize(
    ("excel", "libreoffice"),
    [
        ("=SUM(B1,C1)", "=SUM(B1;C1)"),
        ('=IF(A1="a,b;c!D1",1,2)', '=IF(A1="a,b;c!D1";1;2)'),
        ("={1,2;3,4}", "={1;2|3;4}"),
        ("=评估!A1+'我的 表'!B2:C3", "=$评估.A1+$'我的 表'.B2:C3"),
        ("='O''Brien'!A1", "=$'O''Brien'.A1"),
        ("=tblMarks[@得分]", "=tblMarks[[#This Row];[得分]]"),
        ("=tblMarks[@[价值维度(50%)]]", "=tblMarks[[#This Row];[价值维度(50%)]]"),
        ("=tblMarks[[#This Row],[a,b;c]]", "=tblMarks[[#This Row];[a,b;c]]"),
        ("=tblMarks[@]", "=tblMarks[[#This Row]]"),
        ("=ROWS(tblMarks[#All],1)", "=ROWS(tblMarks[[#All]];1)"),
        ("=SUM(tblMarks[得分])", "=SUM(tblMarks[得分])"),
        ("=[@得分]*2", "=tblHere[[#This Row];[得分]]*2"),
        ("=LOG10(A1)", "=LOG10(A1)"),
    ],
)
def test_it_is_written_as_the_interface_takes_it(excel, libreoffice):
    assert for_libreoffice(excel, "tblHere") == libreoffice


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("=A1", "=C3"),
        ("=$A1+A$1+$A$1", "=$A3+C$1+$A$1"),
        ("=评估!A1:B2", "=$评估.C3:D4"),
        ('="A1"', '="A1"'),
        ("=LOG10(A1)", "=LOG10(C3)"),
        ("=tblMarks[A1]", "=tblMarks[A1]"),
        ("=rate_A1", "=rate_A1"),
        ("=XFD1", "=#REF!"),
        ("=A1048576", "=#REF!"),
        ("=Z9", "=AB11"),
    ],
)
def test_it_moves_with_its_cell(formula, moved):
    assert for_libreoffice(formula, down=2, right=2) == moved
