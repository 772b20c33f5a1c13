"""The script one would write in an afternoon: read every sheet with pandas and openpyxl, stack, score, write.

It is what the nightly job is measured against. It has no limits, no findings, no conflicts, no risks, no report.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

WEIGHTS = {"价值维度（50%）": 0.5, "潜力维度（30%）": 0.3, "需求维度（20%）": 0.2}
TIERS = ((90, "战略客户"), (70, "重点客户"), (50, "普通客户"), (30, "潜力客户"), (0, "待优化客户"))


def mark(cell: object) -> float | None:
    """The number a mark starts with."""
    found = re.match(r"\d+(\.\d+)?", str(cell))
    return float(found[0]) if found else None


def consolidate(folder: Path, out: Path) -> None:
    """Every workbook of `folder` in one workbook."""
    stacked: dict[str, list[pd.DataFrame]] = {}
    for path in sorted(folder.glob("*.xlsx")):
        for name, frame in pd.read_excel(path, sheet_name=None, engine="openpyxl").items():
            stacked.setdefault(name, []).append(frame.assign(文件=path.name))
    info, evaluation, tracking = (pd.concat(frames) for frames in stacked.values())
    evaluation["计算得分"] = sum(evaluation[name].map(mark) * weight for name, weight in WEIGHTS.items()).round(1)
    evaluation["计算层级"] = evaluation["计算得分"].map(
        lambda score: next((t for low, t in TIERS if score >= low), None)
    )
    customers = info.groupby("客户ID", as_index=False).agg({"客户名称": "first", "累计交易额（万元）": "sum"})
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        for name, frame in (("客户", customers), ("客户信息", info), ("评估", evaluation), ("跟踪", tracking)):
            frame.to_excel(writer, sheet_name=name, index=False)


if __name__ == "__main__":
    consolidate(Path(sys.argv[1]), Path(sys.argv[2]))
