"""What is measured: each line with its words, its unit, what it is aimed at, and how far it may go before the guard says no.

Every line is a ratio of two things measured in one run, ours and another, or a size of ours alone. The guard is for the small
folder, where what is done once counts most, on a machine of any speed with anything else going on: about twice what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the table; ``aim`` and ``guard`` bound ours / theirs, or ours alone where nothing stands against it."""

    key: str
    zh: str
    en: str
    unit: str = "s"
    aim: float | None = None
    guard: float | None = None

    def said(self, lang: str) -> str:
        """The line's words."""
        return self.zh if lang == "zh-CN" else self.en


LINES = {line.key: line for line in (
    Line("read", "读取、校验、评分 ／ calamine 只把单元格读出来", "read, validate and score / calamine reading the bare cells",
         aim=2, guard=16),
    Line("night", "一整夜 ／ pandas + openpyxl 直写脚本", "a whole night / the plain pandas + openpyxl script", aim=0.5, guard=7),
    Line("night.read", "　其中：读", "… of it reading"),
    Line("night.consolidate", "　其中：合并", "… of it consolidation"),
    Line("night.assess", "　其中：评估", "… of it the rules"),
    Line("night.master", "　其中：写主工作簿", "… of it writing the master"),
    Line("night.teams", "　其中：写各团队工作簿", "… of it writing the teams' workbooks"),
    Line("night.rest", "　其中：页面、计划、日历、归档、记录", "… of it pages, plans, calendars, archive, record"),
    # Of the small folder that guards are held against: a later night also says why figures changed, the first does not.
    Line("few.read", "5% 的工作簿变了：读 ／ 第一夜", "one workbook in twenty changed: reading / the first night", aim=1 / 15, guard=0.8),
    Line("few", "5% 的工作簿变了：一整夜 ／ 第一夜", "one workbook in twenty changed: the whole night / the first night", aim=1 / 2.5, guard=1.5),
    Line("same", "什么都没变：一整夜 ／ 第一夜", "nothing changed: the whole night / the first night", aim=1 / 4, guard=1.3),
    Line("memory", "第一夜任务本身的内存峰值", "peak memory of the job, the first night", "MiB", aim=1024),
    Line("memory.few", "　5% 的工作簿变了的那一夜 ／ 第一夜", "… the night on which one workbook in twenty changed / the first", "MiB", guard=1.5),
    Line("memory.reader", "　最大的读取进程", "… of its largest reader", "MiB"),
    Line("out", "一夜写出的全部文件", "all a night writes", "MB"),
    Line("store", "　留底（store）", "… of it the store", "MB"),
    Line("sold", "一整夜，五万家客户、旁边一百万行订单（CSV、Parquet）／ 没有订单",
         "a whole night of 50,000 customers, a million lines of orders beside (CSV, Parquet) / without orders", guard=6),
    Line("sold.read", "　其中：读 ／ 没有订单", "… of it reading / without orders"),
    Line("sold.consolidate", "　其中：合并 ／ 没有订单", "… of it consolidation / without orders"),
    Line("sold.assess", "　其中：评估 ／ 没有订单", "… of it the rules / without orders"),
    Line("sold.master", "　其中：写主工作簿和归档 ／ 没有订单", "… of it writing the master and the archive / without orders"),
    Line("sold.teams", "　其中：写各团队工作簿 ／ 没有订单", "… of it writing the teams' workbooks / without orders"),
    Line("sold.memory", "　任务本身内存峰值 ／ 没有订单", "… peak memory of the job / without orders", "MiB"),
    Line("master", "主工作簿 ／ XlsxWriter 直接写同样的单元格", "the master / bare XlsxWriter writing the same cells", aim=1, guard=5),
    Line("master.size", "主工作簿文件", "the master's file", "MB", aim=15),
    Line("master.opened", "LibreOffice 打开主工作簿", "the master opened by LibreOffice", aim=20),
    Line("team", "一个团队的工作簿 ／ XlsxWriter 直接写同样的单元格", "a team's workbook / bare XlsxWriter writing the same cells",
         aim=1, guard=4),
    Line("sums", "把多行并成一个客户（含每个值的出处）／ DuckDB 求同样的和、最早、最晚",
         "the rows of a customer become one, each value with its origin / DuckDB: the same sums, earliest and latest", guard=40),
    Line("rules", "合并与规则：每个客户", "consolidation and rules: a customer", "µs"),
    Line("orders", "一百万行订单、五万家客户，算出全部数字 ／ DuckDB 求其中的和、节奏、年度",
         "a million lines of orders of 50,000 customers to all their figures / DuckDB: sums, rhythm and years of it", guard=6),
    Line("orders.together", "　哪些产品常一起买", "… which products are bought together"),
    Line("orders.memory", "　算的时候另占的内存 ／ DuckDB", "… memory it takes besides / DuckDB", "MiB"),
    Line("columns", "KAM_SCORES 十万行 ／ numpy 的一个算式", "KAM_SCORES over 100,000 rows / one expression of numpy", "ms"),
    Line("cells", "LibreOffice 里一万个 =KAM_SCORE(…) ／ 同样的普通公式", "10,000 cells =KAM_SCORE(…) in LibreOffice / the same as a plain formula"),
    Line("cells.way", "　其中：从 Basic 到 Python 再回来", "… of it the way from Basic to Python and back"),
    Line("cells.rule", "　其中：规则本身", "… of it our rule in Python"),
    Line("import", "import udfs ／ import pandas, xlwings", "import udfs / import pandas, xlwings", guard=2),
    Line("help", "kam-xl --help ／ Python 空转", "kam-xl --help / Python doing nothing", guard=50),
    Line("check", "kam-xl check 一个 500 客户的工作簿", "kam-xl check of a workbook of 500 customers", aim=2),
)}  # fmt: skip

#: What a reader of README decides on; the benchmarks' own page shows all.
HEADLINES = ("night", "few", "same", "memory", "memory.few", "read", "master", "master.size", "master.opened", "check")
#: Of every group of rules, so many microseconds a customer at most.
RULE_GROUP_AIM = 15
