"""What is shown outside the master: every frame and text of an assessment without what is personal, and nothing else changed."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from kam_xl.core.customer_cells import unlike_any
from kam_xl.core.outside import frame, inside, of_customers, outside


def texts(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in columns.items()})


# --- frames ----------------------------------------------------------------------------------------------------------


def test_every_text_of_a_frame_is_masked_and_nothing_else_changed() -> None:
    rows = texts(remarks=["找王总 13800001234", None, "老客户"], agenda=["021-88885675", "", "续约"])
    rows = rows.assign(amount=[520.0, 1e8, None], on=pd.Timestamp("2026-11-28"), open=True, count=13_800_001_234)
    rows = rows.set_axis([7, 8, 9])

    shown = frame(rows)

    assert shown["remarks"].fillna("-").tolist() == ["找王总 138****1234", "-", "老客户"]
    assert shown["agenda"].tolist() == ["021-****5675", "", "续约"]
    pd.testing.assert_frame_equal(shown.drop(columns=["remarks", "agenda"]), rows.drop(columns=["remarks", "agenda"]))
    assert shown.dtypes.tolist() == rows.dtypes.tolist()


def test_a_column_of_texts_and_other_things_keeps_the_others() -> None:
    rows = pd.DataFrame({"note": pd.Series(["电话 13800001234", None, 5, ("x",)], dtype="object")})

    assert frame(rows)["note"].tolist() == ["电话 138****1234", None, 5, ("x",)]


def test_columns_of_personal_data_are_masked_whatever_they_hold() -> None:
    rows = texts(phone=["88885675", "1234567", None]).assign(
        birthday=pd.to_datetime(["1990-05-03", None, "1904-02-29"])
    )

    shown = frame(rows)

    assert shown["phone"].fillna("-").tolist() == ["****5675", "*******", "-"]
    assert shown["birthday"].fillna("-").tolist() == ["****-**-**", "-", "****-**-**"]


def test_what_was_typed_is_masked_by_the_column_it_was_typed_in() -> None:
    fields = ["phone", "contacts.birthday", "amount"]
    rows = texts(
        field=fields, typed_value=["88885675", "3/5/1990", "88885675"], proposal=["88885675", "1990-05-03", None]
    )

    shown = frame(rows)

    assert shown["typed_value"].tolist() == ["****5675", "*/*/****", "88885675"]
    assert shown["proposal"].fillna("-").tolist() == ["****5675", "****-**-**", "-"]


def test_own_columns_are_masked_by_their_headers() -> None:
    shown = frame(texts(extras=["座机=88885675 ； 生日=1990-05-03 ； 数量=88885675"]))

    assert shown["extras"].tolist() == ["座机=****5675 ； 生日=****-**-** ； 数量=88885675"]


def test_headers_are_masked_and_each_stays_one() -> None:
    rows = texts(**{"A13800001234": ["x"], "13855551234": ["own"], "13800001234": ["offer"]})

    assert list(frame(rows)) == ["A138****1234", "138****1234", "138****1234 (2)"]


def test_a_number_that_can_only_be_a_phones_is_unknown_in_a_column_of_numbers() -> None:
    shown = frame(pd.DataFrame({"open_needs": [13_800_001_234.0, -4_155_552_671.0, 999_999_999.0, float("nan")]}))

    assert shown["open_needs"].isna().tolist() == [True, True, False, True]


def test_ids_of_customers_and_fingerprints_stay() -> None:
    hashes = ["138000012345", "13800001234a"]
    rows = texts(customer_id=["13800001234", "13900005678"], sha256=hashes, key=hashes)

    shown = frame(rows, {"13800001234"})

    assert shown["customer_id"].tolist() == ["13800001234", "139****5678"]
    assert (shown["sha256"].tolist(), shown["key"].tolist()) == (hashes, hashes)


def test_a_key_that_a_team_typed_is_masked_unlike_those_of_ours() -> None:
    rows = texts(key=["138000012345", "138000012345", "138000012345"], source=["visit", "own", "marked"])

    assert frame(rows)["key"].tolist() == ["138000012345", "138*****2345", "138*****2345"]


def test_a_frame_without_rows_or_columns_is_one() -> None:
    assert frame(pd.DataFrame()).empty
    assert list(frame(texts(phone=[], name=[]))) == ["phone", "name"]


# --- assessments -----------------------------------------------------------------------------------------------------


@pytest.fixture
def assessment() -> SimpleNamespace:
    portfolio = SimpleNamespace(
        findings=texts(detail=["王总 13800001234"]),
        letters={("华东 13800001234.xlsx", "info"): {"phone": "F"}},
    )
    return SimpleNamespace(
        portfolio=portfolio,
        customers=texts(customer_id=["13900001111"], name=["某科技 13800001234"]),
        past=texts(customer_id=["13900002222"], name=["某科技"]),
        pasts={},
        policy_notes=(("unreachable", "电话 88885675"),),
        policy=object(),
        words=object(),
        today=dt.date(2026, 11, 28),
        comparable=True,
    )


def test_an_assessment_is_shown_masked_with_all_it_holds(assessment: SimpleNamespace) -> None:
    shown = outside(assessment)

    assert shown.customers["name"].tolist() == ["某科技 138****1234"]
    assert shown.portfolio.findings["detail"].tolist() == ["王总 138****1234"]
    assert shown.portfolio.letters == {("华东 138****1234.xlsx", "info"): {"phone": "F"}}
    assert shown.policy_notes == (("unreachable", "电话 ****5675"),)
    assert (shown.policy, shown.words, shown.past) == (assessment.policy, assessment.words, assessment.past)
    assert (shown.today, shown.comparable) == (assessment.today, True)


def test_the_ids_of_tonight_and_of_the_night_before_stay_everywhere(assessment: SimpleNamespace) -> None:
    assessment.changes = texts(customer_id=["13900001111", "13900002222", "13900003333"])

    assert outside(assessment).changes["customer_id"].tolist() == ["13900001111", "13900002222", "139****3333"]


def test_the_rows_of_some_customers_are_masked_as_those_of_all_are(assessment: SimpleNamespace) -> None:
    rows = {"customer_id": ["C001", "C002", "C001"], "note": ["13800001234", "13855551234", None]}
    assessment.visits, assessment.portfolio.contacts = texts(**rows), texts(**rows)
    for whole, name in ((outside(assessment), "visits"), (outside(assessment).portfolio, "contacts")):
        found = of_customers(whole, name, ["C001"])

        assert found["note"].fillna("-").tolist() == ["138****1234", "-"]
        assert name not in vars(whole)
        pd.testing.assert_frame_equal(found, getattr(whole, name)[lambda all_rows: all_rows["customer_id"].eq("C001")])
        pd.testing.assert_frame_equal(found, of_customers(whole, name, ["C001"]))
    assert of_customers(assessment, "visits", ["C001"])["note"].tolist()[0] == "13800001234"


def test_a_damaged_id_stays_readable_with_and_without_the_place_that_keeps_it_apart(
    assessment: SimpleNamespace,
) -> None:
    apart = unlike_any("913101151234567000", "2026/12.xlsx!客户!A2")
    assessment.customers = texts(customer_id=[apart, "9.13E+17"])
    assessment.portfolio.findings = texts(typed_value=["913101151234567000", "913101151234567001"])

    assert outside(assessment).customers["customer_id"].tolist() == [apart, "9.13E+17"]
    assert outside(assessment).portfolio.findings["typed_value"].tolist() == [
        "913101151234567000",
        "913***********7001",
    ]


def test_each_part_is_masked_once_when_it_is_asked_for(assessment: SimpleNamespace) -> None:
    shown = outside(assessment)
    del assessment.customers

    assert outside(shown) is shown
    assert shown.portfolio is shown.portfolio
    with pytest.raises(AttributeError):
        shown.customers  # noqa: B018 (nothing had asked for it before)


def test_the_master_may_look_inside(assessment: SimpleNamespace) -> None:
    assert inside(outside(assessment)) is assessment
    assert inside(assessment) is assessment
