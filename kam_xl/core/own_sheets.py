"""The sheets that KAM XL itself makes in a workbook: none of them holds what a team recorded."""

from __future__ import annotations

# fmt: off
#: Key → names in zh-CN and en.
PRODUCT = {
    "start": ("开始", "Start"),
    "dashboard": ("仪表盘", "Dashboard"),
    "actions": ("操作台", "Actions"),
    "lists": ("列表", "Lists"),
    "parameters": ("参数", "Parameters"),
    "quality": ("数据健康", "Data health"),
    "i18n": ("_i18n", "_i18n"),
    "conf": ("xlwings.conf", "xlwings.conf"),
    "audit": ("评分核对", "Score audit"),
    "explanation": ("得分说明", "Explanation"),
    "risks": ("风险清单", "Risk list"),
    "check": ("数据检查", "Data check"),
    "repairs": ("修正清单", "Repairs"),
    "health": ("客户健康", "Customer health"),
    "cases": ("服务时限", "Service limits"),
    "relationships": ("关系覆盖", "Relationships"),
    "whitespace": ("交叉销售", "Cross-selling"),
    "measures": ("指标达成", "Targets"),
    "strategies": ("策略与行动", "Strategies"),
    "due": ("本周到期", "Due this week"),
    "budget": ("预算分配", "Budget"),
    "adopt": ("采用名单", "Adopt list"),
    "changes": ("为何变化", "Why it changed"),
}
#: Those of them that hold results, under a title that ends in `SIGNATURE`: a team may have a sheet of that name itself.
RESULTS = ("audit", "explanation", "risks", "check", "repairs", "health", "cases", "relationships", "whitespace", "measures",
           "strategies", "due", "budget", "adopt", "changes")
SIGNATURE = " · KAM XL"
# fmt: on
