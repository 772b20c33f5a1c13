"""The product on workbooks that others made: real ones against ground truth, dirty and odd ones against what is due.

The corpora lie beside the project; without them these tests skip.
"""

import dataclasses
import datetime as dt
import functools
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from kam_xl import nightly, resources
from kam_xl.core import assessment, consolidation, read_books, validation
from kam_xl.core.assessment import Assessment
from kam_xl.core.policy import Policy, Risk
from kam_xl.core.validation import TeamBook
from kam_xl.hosts import arrow_frames, isolation, outcomes, workbooks
from kam_xl.reports import master, team_workbook
from kam_xl.reports.run import Run

TODAY = dt.date(2026, 11, 21)
NIGHT = dt.datetime(2026, 11, 21, 2)
POLICY = resources.policy()
WORDS = resources.words("zh-CN")
DIRTY = Path(__file__).parents[2] / "shared" / "corpora" / "dirty"
MANIFEST = json.loads((DIRTY / "manifest.json").read_text("utf-8")) if DIRTY.is_dir() else {"cases": [], "canary": ""}
CASES = {case["file"]: case["expect"] for case in MANIFEST["cases"]}

each_case = pytest.mark.parametrize("file", CASES)


def read(folder: Path) -> dict[str, "Outcome"]:
    order = isolation.Order(folder)
    with isolation.executor(2, None, WORDS) as executor:
        found = list(isolation.read_all(order, workbooks.listing(folder).books, executor))
    return {one.name: _judged(one) for one in found}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one workbook: what it says today, or the reason why it cannot be used."""

    name: str
    book: TeamBook | None
    reason: str | None
    detail: str
    seconds: float


def _judged(one: outcomes.Outcome) -> Outcome:
    book = None
    if one.content and not one.reason:
        book = validation.on_day(one.book(*arrow_frames.unpacked([one.content])), POLICY, TODAY)
    return Outcome(one.name, book, one.reason, one.detail, one.seconds)


#: The policy without a risk rule: half the work where nobody looks at risks.
CALM = dataclasses.replace(
    POLICY, risk=Risk(**{key: dataclasses.replace(rule, enabled=False) for key, rule in POLICY.rules.items()})
)


def assessed(*outcomes: Outcome, policy: Policy = CALM) -> Assessment:
    portfolio = consolidation.consolidate([outcome.book for outcome in outcomes], policy)
    return assessment.assess(portfolio, policy, TODAY, WORDS, None)


def in_pairs(file: str) -> list[str]:
    """The workbook and its pair, where it has one."""
    return [file, *([CASES[file]["pair"]] if "pair" in CASES[file] and file not in ALONE else [])]


def unpacked(path: Path) -> dict[str, str]:
    """Every part of a workbook as text."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


# --- real workbooks ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(corpora):
    return corpora / "real"


@pytest.fixture(scope="module")
def night(real, tmp_path_factory):
    """(job, exit code, assessment) of one run over the real workbooks."""
    job = nightly.Job(real / "team_workbooks", tmp_path_factory.mktemp("real"))
    return job, *nightly.run(job, NIGHT)


@pytest.fixture(scope="module")
def truth(real):
    return lambda name: pd.read_csv(real / "ground_truth" / f"{name}.csv", dtype={"customer_id": "str"})


def manager(team: str) -> str:
    """Cara_Losch_客户台账 → Cara Losch."""
    return " ".join(team.split("_")[:2])


def test_every_real_workbook_is_used(night):
    _, code, done = night

    assert code == 0
    assert done.portfolio.sources["outcome"].tolist() == ["used"] * 6


def test_every_customer_has_its_true_amount_dates_and_teams(night, truth):
    customers, true = night[2].customers.set_index("customer_id"), truth("customer").set_index("customer_id")

    assert customers.index.tolist() == true.index.tolist()
    assert customers["amount"].tolist() == true["won_wan_cny"].tolist()
    assert customers["since"].dt.strftime("%Y-%m-%d").tolist() == true["first_date"].tolist()
    assert customers["last_deal"].dt.strftime("%Y-%m-%d").tolist() == true["last_activity_date"].tolist()
    teams = customers["teams"].map(lambda teams: "; ".join(sorted(map(manager, teams.split("、")))))
    assert teams.tolist() == true["managers"].tolist()


def test_every_team_has_its_true_share_of_every_customer(night, truth):
    records = night[2].portfolio.records
    true = truth("customer_team").set_index(["customer_id", "manager"]).sort_index()
    mine = records.assign(manager=records["team"].map(manager)).set_index(["customer_id", "manager"]).sort_index()

    assert mine.index.tolist() == true.index.tolist()
    assert mine["amount"].tolist() == true["won_wan_cny"].tolist()
    for mine_dates, true_dates in (("since", "first_date"), ("last_deal", "last_activity_date")):
        assert mine[mine_dates].dt.strftime("%Y-%m-%d").fillna("").tolist() == true[true_dates].fillna("").tolist()


def test_every_tracking_row_is_kept_with_its_customer_and_the_orphans_are_reported(night, truth):
    tracking, true = night[2].portfolio.tracking, truth("tracking")

    mine = tracking.assign(
        deal=tracking["strategy"].str.extract(r"\[(\w+)\]$")[0], manager=tracking["team"].map(manager)
    )
    both = mine.merge(true, left_on=["deal", "manager"], right_on=["opportunity_id", "manager"], how="outer")
    assert (len(tracking), len(both)) == (len(true), len(true))
    assert both["customer_id_x"].fillna("").tolist() == both["customer_id_y"].fillna("").tolist()
    assert tracking["customer_id"].isna().sum() == true["orphan"].sum() == 30
    assert (night[2].portfolio.findings["code"] == "customer_missing").sum() == 30


def test_every_seeded_contradiction_is_listed_with_its_value_and_file(night, real):
    seeded = pd.read_csv(real / "seeded_conflicts.csv")
    conflicts = night[2].portfolio.conflicts

    listed = Counter(
        zip(conflicts["customer_id"], conflicts["field"], conflicts["book"], conflicts["typed_value"], strict=True)
    )
    wanted = list(
        zip(seeded["customer_id"], seeded["field"], seeded["file"], seeded["value_in_this_book"], strict=True)
    )
    assert [listed[one] for one in wanted] == [1] * 37


def test_the_master_workbook_holds_the_true_total(night, truth):
    job, _, _ = night
    sheet = CalamineWorkbook.from_path(job.out / nightly.MASTER).get_sheet_by_name("客户").to_python()
    top = next(i for i, row in enumerate(sheet) if "客户ID" in row)
    column = sheet[top].index("累计交易额（万元）")

    amounts = [row[column] for row in sheet[top + 1 :] if str(row[sheet[top].index("客户ID")]).startswith("C")]
    assert round(sum(amounts), 4) == round(truth("customer")["won_wan_cny"].sum(), 4) == 7003.8738


# --- dirty workbooks, one by one --------------------------------------------------------------------------------------

#: What each outcome of the manifest is with us.
OUTCOMES = {"accept": "used", "warn": "used", "once": "used", "quarantine": "quarantined", "ignore": "skipped"}
REASONS = {
    "19_missing_required_column.xlsx": "key_missing",
    "35_unrelated_budget.xlsx": "no_standard_sheet",
    "50_zip_bomb_sharedstrings.xlsx": "unpacks_too_large",
    "52_xxe_file.xlsx": "has_dtd",
    "53_xxe_http.xlsx": "has_dtd",
    "55_zero_byte.xlsx": "empty_file",
    "57_corrupt_member.xlsx": "damaged",
    "59_missing_sheet_part.xlsx": "missing_part",
    "63_csv_renamed.xlsx": "not_a_workbook",
    "65_password.xlsx": "encrypted",
    "~$00_clean.xlsx": "lock_file",
    ".DS_Store": "hidden_file",
    "Thumbs.db": "no_workbook_name",
}
#: Codes of ours that the manifest calls by another name: an ID that was 1 or C5 is reported and never guessed.
CALLED = {
    ("06_amounts_text_units.xlsx", "amount_unparsed"): "amount_unparsed_or_ambiguous",
    ("15_ids_mangled.xlsx", "id_unusual"): "id_normalised",
}
#: Counts that we judge differently: (file, code of the manifest) → our count, and why.
JUDGED = {
    ("06_amounts_text_units.xlsx", "amount_unparsed_or_ambiguous"): 5,  # of dollars it is known what is missing: a rate
    ("12_periods_many_formats.xlsx", "period_unparsed"): 1,  # 2023Q4 is read as the quarter it is
    # a later version of the same book (same customers, starts, products, evaluator; newer evaluations): it counts alone
    ("14b_dup_between_books.xlsx", "conflict_amount"): 0,
    ("14b_dup_between_books.xlsx", "conflict_industry"): 0,
    ("14b_dup_between_books.xlsx", "conflict_name"): 0,
    ("14b_dup_between_books.xlsx", "evaluation_superseded"): 0,
    ("21_extra_columns.xlsx", "column_without_header"): 0,  # it has no content either: nothing is lost
    ("40_formula_injection.xlsx", "formula_like_text"): 16,  # the remarks have them as well as the names
    ("45_16384_columns.xlsx", "column_unknown"): 20,  # the first ones by name, the others in one finding
}
#: What we report besides, and why.
BESIDES = {
    "02_merged_title_group_header.xlsx": {"text_outside_table": 3},  # the title is no data, but it is not lost
    # the refund of C016, read as -12.5, and the dollars
    "06_amounts_text_units.xlsx": {"amount_negative": 1, "amount_rate_missing": 1},
    "14a_dup_between_books.xlsx": {"no_data_rows": 1},  # its tracking sheet is blank
    "14b_dup_between_books.xlsx": {
        "superseded": 1,
        "no_data_rows": 1,
        "tier_mismatch": 4,  # the newer evaluations record a tier that is not the band of their score
    },
    # an ID that is not guessed leaves its evaluation and its strategies without a customer
    "15_ids_mangled.xlsx": {
        "evaluation_missing": 2,
        "evaluation_unknown_customer": 3,
        "tracking_unknown_customer": 1,
        "customer_meant": 6,  # C001/Acme Corporation, whose ID was spoilt to 1
    },
    "39_error_cells.xlsx": {"evaluation_unknown_customer": 1, "tracking_unknown_customer": 1},  # the ID was an error
    "40_formula_injection.xlsx": {"customer_name_other": 12},  # the strategies still name the customers as before
    "41_live_formulas_cached.xlsx": {"customer_name_other": 2},  # the same
    "45_16384_columns.xlsx": {"columns_unknown": 1},
    "74_copy_A.xlsx": {"copy_of": 1},
    "74_copy_A - 副本 (2).xlsx": {"copy_of": 1},
    "88_evaluation_history.xlsx": {"evaluation_superseded": 10},  # good to know, no warning
}
#: Pairs are judged on the second book.
ALONE = ("14a_dup_between_books.xlsx",)


@pytest.fixture(scope="module")
def dirty(corpora):
    return corpora / "dirty" / "books"


@pytest.fixture(scope="module")
def outcomes(dirty):
    return read(dirty)


@pytest.fixture(scope="module")
def done(outcomes):
    """Names of workbooks → what comes of them but for risks."""
    return functools.cache(lambda *files: assessed(*(outcomes[file] for file in files)))


@pytest.fixture(scope="module")
def together(done):
    """A workbook → what comes of it with its pair, where it has one."""
    return lambda file: done(*in_pairs(file))


@each_case
def test_a_dirty_workbook_ends_as_it_should(file, dirty, outcomes):
    skipped = dict(workbooks.listing(dirty).skipped)
    outcome = outcomes.get(file)

    kind = "skipped" if outcome is None else "quarantined" if outcome.reason else "used"
    expected = CASES[file].get("at_rest", CASES[file]["outcome"])
    assert kind == OUTCOMES[expected]
    assert (outcome.reason if outcome else skipped[file]) == REASONS.get(file)


def used():
    return [file for file, expect in CASES.items() if OUTCOMES[expect.get("at_rest", expect["outcome"])] == "used"]


@pytest.mark.parametrize("file", used())
def test_no_row_of_a_dirty_workbook_is_lost_or_made_up(file, done):
    portfolio = done(file).portfolio

    rows = {"info": len(portfolio.customers), "eval": len(portfolio.evaluations), "track": len(portfolio.tracking)}
    assert rows == (MANIFEST["base_rows"] if file == "79_growing.xlsx" else CASES[file]["rows"])


@pytest.mark.parametrize("file", used())
def test_a_dirty_workbook_has_exactly_the_findings_it_should(file, together):
    warnings = [] if file in ALONE else CASES[file].get("warnings", [])
    expected = Counter({one["code"]: JUDGED.get((file, one["code"]), one["n"]) for one in warnings})
    expected += Counter(BESIDES.get(file, {}))

    found = together(file).portfolio.findings["code"]
    assert Counter(CALLED.get((file, code), code) for code in found) == expected


#: Cells that we judge differently.
READ_AS = {("12_periods_many_formats.xlsx", "2N2MUDOA"): ["2023-10-01", "2023-12-31"]}  # 2023Q4
FIELDS = {"累计交易额": "amount", "客户名称": "name", "联系方式": "phone", "价值维度": "value"}
CHECKS = [(file, *check) for file, expect in CASES.items() for check in expect.get("checks", [])]


@pytest.mark.parametrize("file", dict.fromkeys(check[0] for check in CHECKS))
def test_every_checked_cell_has_its_value(file, done):
    portfolio = done(file).portfolio
    frames = {"info": portfolio.customers, "eval": portfolio.evaluations, "track": portfolio.tracking}

    for _, sheet, key, field, expected in (check for check in CHECKS if check[0] == file):
        if sheet == "track":
            (row,) = portfolio.tracking[portfolio.tracking["strategy"].str.contains(key, regex=False)].itertuples()
            found = [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in (row.start, row.end)]
        else:
            (found,) = frames[sheet].loc[frames[sheet]["customer_id"] == key, FIELDS[field]]
            found = None if pd.isna(found) else found
        assert found == READ_AS.get((file, key), expected), (key, field)


@pytest.mark.parametrize("file", [file for file, expect in CASES.items() if expect.get("same") and file in used()])
def test_a_workbook_that_says_the_same_in_another_form_reads_the_same(file, outcomes):
    clean, other = outcomes["00_clean.xlsx"].book, outcomes[file].book

    assert other.tables.keys() == clean.tables.keys()
    place = ["sheet", "row", "as_typed", "extras", "customer_header"]
    for kind, table in clean.tables.items():
        mine, theirs = (one.rows.drop(columns=place) for one in (other.tables[kind], table))
        pd.testing.assert_frame_equal(mine, theirs, check_dtype=False)


# --- what must not happen ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(outcomes, tmp_path_factory):
    """File → every part of the master and of the teams' workbooks that come of it, as text."""
    folder = tmp_path_factory.mktemp("masters")

    def parts(file):
        path = folder / f"{file}.master.xlsx"
        facts = Run(NIGHT, "teams", "../teams", POLICY.version, "0", "zh-CN", 2, {})
        found = assessed(*(outcomes[one] for one in in_pairs(file)), policy=POLICY)
        master.write(path, found, facts)
        own = [unpacked(folder / team) for team in team_workbook.write(folder, found, facts)]
        return unpacked(path) | {f"{n} {name}": text for n, parts in enumerate(own) for name, text in parts.items()}

    return parts


def formulas(parts):
    return [part.split("</f>")[0] for text in parts.values() for part in text.split("<f>")[1:]]


@pytest.mark.parametrize(
    "file", ["40_formula_injection.xlsx", "41_live_formulas_cached.xlsx", "71_external_links.xlsx"]
)
def test_no_formula_or_link_of_a_cell_reaches_the_master(file, corpora, written):
    parts = written(file)

    dangerous = ("cmd|", "HYPERLINK", "IMPORTXML", "127.0.0.1", "1+1", "SUM(A1)", "[1]")
    assert [formula for formula in formulas(parts) if any(text in formula for text in dangerous)] == []
    assert [name for name in parts if "externalLink" in name] == []
    led = {target for text in parts.values() for target in re.findall(r'Target="([^"]*)" TargetMode="External"', text)}
    # to the cells to put right, a team's workbook and the archive, nowhere else
    assert led <= {"archive", rf"teams\{Path(file).stem}.xlsx", rf"..\..\teams\{file}"}


def test_errors_are_unknown_and_never_a_text_or_a_zero(corpora, together, written):
    customers = together("39_error_cells.xlsx").customers
    findings = together("39_error_cells.xlsx").portfolio.findings
    broken = findings.loc[(findings["code"] == "error_cell") & (findings["field"] == "amount"), "customer_id"]

    assert len(broken) == 7
    assert customers.set_index("customer_id").loc[broken, "amount"].isna().all()
    assert [name for name, text in written("39_error_cells.xlsx").items() if "#N/A" in text or 't="e"' in text] == []


def test_no_amount_is_written_that_is_no_number(corpora, together, written):
    customers = together("08_amount_extremes.xlsx").customers.set_index("customer_id")

    assert pd.isna(customers.loc["C005", "amount"])  # TRUE is not 1
    sheets = (
        text.casefold() for name, text in written("08_amount_extremes.xlsx").items() if "worksheets/sheet" in name
    )
    assert not any(f"<v>{word}" in text for text in sheets for word in ("nan", "inf", "-inf", "1e+15", "true"))


def test_a_row_repeating_an_id_is_neither_added_nor_chosen_in_silence(corpora, done):
    repeating = done("13_dup_ids_in_book.xlsx")

    assert repeating.customers["amount"].tolist() == done("00_clean.xlsx").customers["amount"].tolist()
    conflicts = repeating.portfolio.conflicts.groupby("field")["customer_id"].nunique()
    assert conflicts.to_dict() == {"amount": 3, "phone": 3}


def test_of_two_versions_of_a_book_the_later_counts_in_either_order(corpora, done):
    older, newer = "14a_dup_between_books.xlsx", "14b_dup_between_books.xlsx"
    both = done(older, newer)

    pd.testing.assert_frame_equal(done(newer, older).customers, both.customers)
    assert both.customers["amount"].tolist() == done(newer).customers["amount"].tolist()
    assert both.portfolio.sources["outcome"].tolist() == ["superseded", "used"]


def test_the_example_of_the_source_keeps_what_it_says_beside_what_it_computes(corpora, together):
    rows = together("18_seed_document_example.xlsx").customers.set_index("customer_id")

    shown = rows[["recorded_score", "recorded_tier", "score", "computed_tier"]].to_numpy().tolist()
    assert shown == [[89.6, "strategic", 89.4, "key"], [56.5, "regular", 55.0, "regular"]]


def test_reasons_beside_marks_are_kept_however_they_are_bracketed(corpora, together):
    evaluations = together("37_score_brackets.xlsx").portfolio.evaluations

    without = evaluations[~evaluations["value_reason"].str.contains("合作", na=False)]
    assert without["customer_id"].tolist() == ["C010", "C034", "C057", "C078"]  # their cells say 44 and nothing else


def test_thousands_of_unknown_columns_are_counted_in_one_finding(corpora, outcomes):
    (rest,) = (
        finding for finding in outcomes["45_16384_columns.xlsx"].book.findings if finding.code == "columns_unknown"
    )

    assert int(rest.detail) + 20 == 16384 - 12
    assert outcomes["45_16384_columns.xlsx"].seconds < 30


def test_an_older_evaluation_listed_first_does_not_decide(corpora, done):
    tiers = [done(file).customers["computed_tier"].tolist() for file in ("88_evaluation_history.xlsx", "00_clean.xlsx")]

    assert tiers[0] == tiers[1]


@pytest.mark.parametrize(
    "file", [file for file, expect in CASES.items() if expect["outcome"] == "once" and "pair" in expect]
)
def test_the_same_file_twice_counts_once(file, done, together):
    columns = ["customer_id", "amount"]

    assert together(file).customers[columns].equals(done("00_clean.xlsx").customers[columns])
    assert sorted(together(file).portfolio.sources["outcome"]) == ["copy", "used"]


# --- all of them at once ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(dirty, tmp_path_factory):
    """(job, exit code, assessment, log) of one run over the whole folder of dirty workbooks."""
    out = tmp_path_factory.mktemp("dirty")
    done = subprocess.run(
        [sys.executable, "batch.py", "run", dirty, "--out", out / "out", "--log-file", out / "log"],
        cwd=Path(__file__).parents[1], capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return out, done


def test_every_file_of_the_folder_is_accounted_for(whole, dirty):
    out, done = whole
    record = json.loads((out / "out" / nightly.RECORD).read_text("utf-8"))

    assert (done.returncode, done.stderr) == (1, b"")
    assert sorted(one["book"] for one in record["inputs"]) == sorted(path.name for path in dirty.iterdir())
    assert record["counts"]["books"]["quarantined"] == sum(CASES[file]["outcome"] == "quarantine" for file in REASONS)
    assert {one["reason"] for one in record["inputs"]} == {None, *REASONS.values()}


def test_what_a_hostile_workbook_reaches_for_is_in_no_output_and_no_log(whole):
    out, done = whole

    told = done.stdout + done.stderr
    for path in (path for path in out.rglob("*") if path.is_file()):
        told += path.read_bytes()
        if zipfile.is_zipfile(path):
            told += "".join(unpacked(path).values()).encode()
    assert MANIFEST["canary"].encode() not in told


GROWING = [(1, "quarantined", "damaged"), (1, "quarantined", "still_changing"), (0, "used", "")]


@pytest.mark.slow
@pytest.mark.usefixtures("nights_in_short")
def test_a_workbook_that_grows_while_the_job_runs_is_whole_or_not_there(corpora, tmp_path):
    data = (corpora / "dirty" / "books" / "79_growing.xlsx").read_bytes()
    teams = tmp_path / "teams"
    teams.mkdir()
    shutil.copy(corpora / "dirty" / "books" / "18_seed_document_example.xlsx", teams)
    growing = teams / "79_growing.xlsx"
    growing.write_bytes(data[: len(data) // 2])

    def grow():
        with growing.open("ab", buffering=0) as file:
            for start in range(len(data) // 2, len(data), 400):
                file.write(data[start : start + 400])
                time.sleep(0.05)

    writer = threading.Thread(target=grow)
    writer.start()
    code, during = nightly.run(nightly.Job(teams, tmp_path / "out"), NIGHT)
    writer.join()
    after_code, after = nightly.run(nightly.Job(teams, tmp_path / "out"), NIGHT + dt.timedelta(hours=1))

    source = during.portfolio.sources.set_index("book").loc["79_growing.xlsx"].fillna("")
    assert (code, source["outcome"], source["reason"]) in GROWING
    assert len(during.portfolio.tracking) == (2 if code else 128)
    assert (after_code, len(after.portfolio.tracking)) == (0, 128)


# --- odd files --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def odd(corpora, tmp_path_factory):
    """A folder of every odd file and one good workbook."""
    folder = tmp_path_factory.mktemp("odd")
    for path in [*(corpora / "odd").glob("*.xls*"), corpora / "dirty" / "books" / "00_clean.xlsx"]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def odd_outcomes(odd):
    return read(odd)


ODD_REASONS = {
    "01_oleloop.xls": {"damaged"},
    "03_Test_Issue_12556_corrupt.xls": {"damaged"},
    "05_Test_git_issue_467_empty_continue_leftoverbytes.xls": {"damaged"},
    "23_54764-2.xlsx": {"has_dtd"},
    "25_entity-expansion-exploit-poc-file.xlsx": {"has_dtd"},
    "27_duplicate-filename.xlsx": {"repeated_part"},
    "29_clusterfuzz-testcase-minimized-POIXSSFFuzzer-5937385319563264.xlsx": {"damaged"},
    "33_TestIssue459.xlsx": {"missing_part"},
    "35_agile_AES128_SHA1_CBC_pwd_password.xlsx": {"encrypted"},
}


@pytest.mark.slow
def test_every_odd_file_is_opened_or_refused_with_its_reason_in_time(odd, odd_outcomes):
    assert odd_outcomes.keys() == {path.name for path in odd.iterdir()}
    for name, outcome in odd_outcomes.items():
        if name != "00_clean.xlsx":
            assert outcome.reason in ODD_REASONS.get(name, {"no_standard_sheet"}), name
            assert outcome.seconds < 30, name


@pytest.mark.slow
def test_a_good_workbook_among_them_is_read(odd_outcomes):
    assert odd_outcomes["00_clean.xlsx"].book.count("info") == 60


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's own peak in /proc")
def test_the_job_itself_stays_small_whatever_its_readers_take(odd, tmp_path):
    # not ru_maxrss: a program starts with its parent's peak in it, here that of the tests
    code = (
        "import sys, datetime as dt; from pathlib import Path; from kam_xl import nightly;"
        "code, _ = nightly.run(nightly.Job(Path(sys.argv[1]), Path(sys.argv[2])), dt.datetime(2026, 11, 21, 2));"
        "status = Path('/proc/self/status').read_text();"
        "print(code, int(status.partition('VmHWM:')[2].split()[0]) // 1024)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, odd, tmp_path],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    exit_code, megabytes = map(int, done.stdout.split())
    assert exit_code == 1
    assert megabytes < 400


def test_orders_that_tell_prices_come_to_what_was_worked_out_without_us(corpora):
    [orders] = read_books.read(workbooks.read(corpora / "orders", "northwind_orders.csv")).parts
    truth = pd.read_csv(corpora / "orders" / "northwind_truth.csv", keep_default_na=False, na_values=[""])

    found = 10_000 * orders.rows.groupby("customer_id")["amount"].sum()

    assert set(orders.rows["amount_in"]) == {"USD"}
    np.testing.assert_allclose(found[truth["customer_id"]], truth["amount_usd"], atol=0.0051)
    assert len(found) == len(truth) == 89
