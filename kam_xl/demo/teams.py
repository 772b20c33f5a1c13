"""Realistic demo team workbooks, from the column table, always the same.

They hold the dirt that real ones do, so that the nightly job has something to find: marks with reasons, units, dates as
text, rows twice, contradictions, a copy, a file that is no workbook. What people type stands in ``teams.toml``.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import os
import shutil
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kam_xl import resources
from kam_xl.core import sheets
from kam_xl.core.policy import Policy, Tier
from kam_xl.demo import optional_sheets
from kam_xl.demo.clerk import Clerk, Customer, Row, Team, bounded, phone, told

TODAY = dt.date(2026, 6, 30)


def make(folder: Path, seed: int = 7, teams: int = 8, customers: int = 40, today: dt.date = TODAY) -> list[Path]:
    """Writes up to 8 teams' workbooks of about ``customers`` (10 to 60) rows each, and what else lies in such a folder.

    Returns the paths: the teams' books, then a copy, a lock file and a file that is no workbook. The same arguments
    give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    policy = resources.policy()
    served = _served([_team(team) for team in told()["team"][:teams]], customers, policy, Random(seed))
    books = []
    for days, (team, mine) in enumerate(served.items()):
        clerk = Clerk(team, policy, today, Random(f"{seed} {team.name}"))
        knows = Clerk(team, policy, today, Random(f"{seed} {team.name} accounts"))
        tables = clerk.tables(mine) | optional_sheets.Accounts(knows, told(), clerk.dealt).tables(mine)
        saved = dt.datetime.combine(today, dt.time(10), dt.UTC) - dt.timedelta(days)
        books.append(_write(folder / f"{team.name}.xlsx", clerk, tables, saved))
    return books + _beside(folder, books)


def _beside(folder: Path, books: list[Path]) -> list[Path]:
    words = told()
    copy = shutil.copy2(books[0], folder / words["copy"].format(books[0].stem))
    lock, broken = folder / words["lock"].format(books[0].stem), folder / words["broken"]["name"]
    lock.write_bytes(b"")
    broken.write_text(words["broken"]["text"], "utf-8", newline="\n")
    return [copy, lock, broken]


def _team(team: dict) -> Team:
    habits: dict[str, Any] = {name: tuple(habit) if isinstance(habit, list) else habit for name, habit in team.items()}
    return Team(**habits)


def _served(teams: list[Team], count: int, policy: Policy, rng: Random) -> dict[Team, list[Customer]]:
    """Each team's customers: four fifths are its own, the others are served by several teams."""
    words, numbers = told(), itertools.count(1)
    chinese = [first + second for first, second in itertools.permutations(words["chinese_names"].split(), 2)]
    english = [head + tail for head in words["english_heads"].split() for tail in words["english_tails"].split()]
    names = {"zh-CN": iter(rng.sample(chinese, len(chinese))), "en": iter(rng.sample(english, len(english)))}

    def found(team: Team, count: int) -> list[Customer]:
        return [_customer(f"C{next(numbers):03}", next(names[team.lang]), team, policy, rng) for _ in range(count)]

    shared = count // 5
    own = {team: found(team, count - shared) for team in teams}
    group = found(teams[0], shared * 2)
    return {team: own[team] + rng.sample(group, shared) for team in teams}


def _customer(customer_id: str, name: str, team: Team, policy: Policy, rng: Random) -> Customer:
    words = told()
    example = words["example"].get(customer_id)
    (drawn,) = rng.choices(policy.tiers, [tier.target_low + tier.target_high for tier in policy.tiers])
    tier = next(tier for tier in policy.tiers if tier.key == (example["printed"][1] if example else drawn.key))
    industry = rng.choice(words["industries"])
    facts = {
        "customer_id": customer_id,
        "name": name + team.say(industry["company"]) + team.say(words["ending"]),
        "industry": team.say(industry["name"]),
        "size": team.say(rng.choice(words["sizes"])),
        "contact": team.say(rng.choice(words["people"])) + team.say(rng.choice(words["contact_titles"])),
        "phone": phone(team, rng),
        "products": team.say(rng.choice(industry["products"])),
        "tags": team.say(rng.choice(words["tags"])),
        "group": team.say(Random(customer_id).choice(words["groups"])),
    }
    amount = words["tier"][tier.key]["amount"] * rng.lognormvariate(0, 0.45)
    marks = example["marks"] if example else _marks(tier, policy, rng)
    return Customer(customer_id, facts, tier, marks, rng.randint(60, 3200), amount)


def _marks(tier: Tier, policy: Policy, rng: Random) -> dict[str, int]:
    """Three marks whose composite lies in the tier's band."""
    aim = rng.uniform(tier.low + 1, tier.high - 1)
    value, potential = (aim + lean + rng.uniform(-4, 4) for lean in told()["tier"][tier.key]["leans"])
    demand = (aim - policy.weights.value * value - policy.weights.potential * potential) / policy.weights.demand
    return bounded({"value": value, "potential": potential, "demand": demand})


def _with_time(moment: Format, page: Worksheet, row: int, column: int, value: dt.datetime, _: object = None) -> int:
    """A date and time in a format that shows both."""
    return page.write_datetime(row, column, value, moment)


def _write(path: Path, clerk: Clerk, tables: dict[str, list[Row]], saved: dt.datetime) -> Path:
    """One team's workbook, saved at that time."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}) as book:
        book.set_properties({"created": saved})
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for kind, rows in tables.items():
            sheet = sheets.BY_KIND[kind]
            headers = clerk.headers(sheet)
            page = book.add_worksheet(clerk.team.spelt(sheet.name(clerk.team.lang)))
            page.set_column(0, len(headers) - 1, 18)
            page.add_write_handler(dt.datetime, functools.partial(_with_time, moment))
            for number, cells in enumerate(clerk.grid(headers, rows)):
                page.write_row(number, 0, cells, bold if list(headers.values()) == cells else None)
            if not clerk.team.listing:
                columns = [{"header": header} for header in headers.values()]
                page.add_table(0, 0, len(rows), len(headers) - 1, {"name": sheet.table, "columns": columns})
    os.utime(path, (saved.timestamp(), saved.timestamp()))
    return path
