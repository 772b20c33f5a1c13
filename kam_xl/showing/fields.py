"""What a column is to people, wherever it is shown: header, kind of value, whether it wraps, whether it may stay empty.

A field is named as in the frames of an assessment; ``kind.field`` tells apart what several frames call the same, an
optional sheet's own columns among them (see `kam_xl.core.sheets.named`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pandas as pd

from kam_xl.core import sheets


@dataclass(frozen=True)
class Field:
    """One column as people see it; ``kind`` is what its values are, as in `kam_xl.core.sheets.Column`.

    ``wrapped`` are sentences, which may take several lines; ``optional`` stays empty where there is nothing to say, while
    any other value that is unknown is a dash.
    """

    name: str
    zh: str
    en: str
    kind: str = "text"
    wrapped: bool = False
    optional: bool = False

    def header(self, lang: str) -> str:
        """What stands above its values, in ``zh-CN`` or ``en``."""
        return self.zh if lang == "zh-CN" else self.en

    def column(self, frame: pd.DataFrame, column: str = "") -> str:
        """Where its values stand in a frame: the column named, else its own, ``renewals.amount`` or just ``amount``."""
        return column or (self.name if self.name in frame else self.name.rpartition(".")[2])

    def of(self, frame: pd.DataFrame, column: str = "") -> pd.Series:
        """Its values in a frame."""
        return frame[self.column(frame, column)]


# fmt: off

#: What the product itself computes or adds; people type none of these.
COMPUTED = (
    Field("score", "计算得分", "Computed score", "score"),
    Field("computed_tier", "计算层级", "Computed tier", "tier"),
    Field("tier_said", "层级把握", "How sure the tier is", optional=True),
    Field("recorded_score", "记录得分", "Recorded score", "score"),
    Field("recorded_tier", "记录层级", "Recorded tier", "tier"),
    Field("verdict", "核对", "Check"),
    Field("value_reason", "价值依据", "Value reason", wrapped=True, optional=True),
    Field("potential_reason", "潜力依据", "Potential reason", wrapped=True, optional=True),
    Field("demand_reason", "需求依据", "Demand reason", wrapped=True, optional=True),
    Field("computed_dimensions", "由指标计算的维度", "Marks computed from indicators"),
    Field("class", "ABC类别", "ABC class"),
    Field("level", "风险等级", "Risk level", "level"),
    Field("risk_score", "风险分", "Risk score", "count"),
    Field("risk_count", "风险数", "Risks", "count"),
    Field("health", "健康度", "Health", "score"),
    Field("health_colour", "健康状态", "Health colour"),
    Field("health_coverage", "健康度数据覆盖率", "Health coverage", "share"),
    Field("health_scale", "合作规模得分", "Scale mark", "score"),
    Field("health_interaction", "互动频率得分", "Interaction mark", "score"),
    Field("health_complaints", "投诉得分", "Complaints mark", "score"),
    Field("health_satisfaction", "满意度得分", "Satisfaction mark", "score"),
    Field("health_execution", "策略执行得分", "Execution mark", "score"),
    Field("health_cap", "健康度受限于", "Health capped by"),
    Field("health_before", "上次健康度", "Health before", "score"),
    Field("health_trend", "健康度走势", "Health trend"),
    Field("lifecycle", "生命周期", "Lifecycle"),
    Field("lifecycle_typed", "生命周期由标签指定", "Lifecycle by tag", "flag"),
    Field("rule", "风险规则", "Risk rule"),
    Field("next_order", "预计下一单", "Next order due", "date"),
    Field("order_late", "下一单已晚（天）", "Next order late (days)", "count"),
    Field("growth", "年订单增长", "Orders, growth over a year", "measured"),
    Field("rfm_class", "RFM 类别", "RFM class"),
    Field("evidence", "依据", "Evidence", wrapped=True, optional=True),
    Field("remedy", "应对措施", "What to do", wrapped=True, optional=True),
    Field("action", "行动", "Action", wrapped=True, optional=True),
    Field("owner", "负责人", "Owner"),
    Field("escalation", "升级至", "Escalates to"),
    Field("escalated_to", "已升级至", "Escalated to"),
    Field("subject", "事项", "Matter", wrapped=True),
    Field("happened", "发生日期", "Happened on", "date"),
    Field("consequences", "连带影响", "What follows from it", wrapped=True, optional=True),
    Field("money", "涉及金额（万元）", "Money at stake (10k CNY)", "amount"),
    Field("days_late", "逾期工作日", "Workdays overdue", "count"),
    Field("visit_for", "拜访缘由", "Visit because of"),
    Field("of", "客户总数", "Of customers", "count"),
    Field("common.count", "条数", "Findings", "count"),
    Field("common.reason", "可能的原因", "Likely reason", wrapped=True),
    Field("begin_with", "先从", "Begin with", wrapped=True),
    Field("kind", "类别", "Kind"),
    Field("by", "应办日期", "To be done by", "date"),
    Field("day", "安排在", "Planned for the", "date"),
    Field("due", "截止日期", "Due", "date"),
    Field("core_strategy", "核心策略", "Core strategy", wrapped=True),
    Field("measures", "具体措施", "Measures", wrapped=True),
    Field("cadence_days", "回访周期（天）", "Cadence (days)", "count"),
    Field("last_contact", "最近接触", "Last contact", "date"),
    Field("next_visit", "下次拜访", "Next visit", "date"),
    Field("sla_hours", "响应时限（小时）", "Response limit (h)", "count"),
    Field("start", "开始日期", "Start", "date"),
    Field("end", "结束日期", "End", "date"),
    Field("current", "现行评估", "Decides", "flag"),
    Field("team", "团队", "Team"),
    Field("teams", "服务团队", "Teams"),
    Field("book", "文件", "File"),
    Field("sheet", "工作表", "Sheet"),
    Field("row", "行", "Row", "count"),
    Field("cell", "单元格", "Cell"),
    Field("as_typed", "原文", "As typed", optional=True),
    Field("cost_typed", "外币成本与汇率", "Cost as typed, and its rate", optional=True),
    Field("groups.level", "最高风险等级", "Highest level", "level"),
    Field("groups.share", "占全部金额", "Share of all amounts", "share"),
    Field("groups.high_amount", "高风险客户的金额（万元）", "Amount at high risk (10k CNY)", "amount"),
    Field("groups.gaps", "金额未知的客户", "Customers of unknown amount", "count"),
    Field("groups.members", "成员客户", "Its customers", wrapped=True),
    Field("amount_typed", "外币原额与汇率", "Amount as typed, and its rate", optional=True),
    Field("profit_typed", "外币利润与汇率", "Profit as typed, and its rate", optional=True),
    Field("extras", "其他列", "Other columns", optional=True),
    Field("field", "字段", "Field"),
    Field("places.field", "字段", "Field"),
    Field("shown", "主工作簿采用", "Shown in master", "flag"),
    Field("typed_value", "填写内容", "What was typed", wrapped=True, optional=True),
    Field("other_id", "疑似客户ID", "Possible same ID", "id"),
    Field("other_name", "疑似客户名称", "Possible same name"),
    Field("similarity", "名称相似度", "Name similarity", "share"),
    Field("severity", "级别", "Severity", "severity"),
    Field("finding", "问题说明", "Finding", wrapped=True, optional=True),
    Field("sha256", "内容指纹（SHA-256）", "Fingerprint (SHA-256)"),
    Field("modified", "保存时间", "Saved", "datetime"),
    Field("outcome", "处理结果", "Outcome"),
    Field("reason", "原因", "Reason", wrapped=True, optional=True),
    Field("info_rows", "客户行数", "Customer rows", "count"),
    Field("evaluation_rows", "评估行数", "Evaluation rows", "count"),
    Field("tracking_rows", "跟踪行数", "Tracking rows", "count"),
    Field("optional_rows", "可选表行数", "Rows of optional sheets", "count"),
    Field("finding_count", "问题数", "Findings", "count"),
    Field("columns_read", "列对应", "Columns read", wrapped=True, optional=True),
    Field("customers", "客户数", "Customers", "count"),
    Field("share", "占比", "Share", "share"),
    Field("target", "目标占比", "Target share"),
    Field("change", "变化", "Change"),
    Field("before", "上次", "Before"),
    Field("after", "本次", "Now"),
    Field("team_count", "团队数", "Teams (count)", "count"),
    Field("profile_contradiction", "与层级画像矛盾", "Contradicts tier profile", "flag"),
    Field("overdue", "是否逾期", "Overdue", "flag"),
    Field("effect_actual", "效果实际值", "Effect so far", "number"),
    Field("effect_target", "效果目标值", "Effect target", "number"),
    Field("size_bytes", "文件大小（字节）", "Size (bytes)", "count"),
    Field("nature", "差异性质", "Nature"),
    Field("other_teams", "填写不同的团队", "Teams that differ", optional=True),
    Field("repeated", "重复行", "Repeated", "flag"),
    Field("indicator", "指标", "Indicator"),
    Field("said", "结果与偏差", "Result and deviation", wrapped=True, optional=True),
    Field("needs", "缺少的数据", "Needs", wrapped=True, optional=True),
    Field("quality", "数据质量分", "Data quality", "score"),
    Field("completeness", "完整性", "Completeness", "score"),
    Field("validity", "有效性", "Validity", "score"),
    Field("consistency", "一致性", "Consistency", "score"),
    Field("freshness", "及时性", "Freshness", "score"),
    Field("coverage", "数据覆盖率", "Coverage", "share"),
    Field("seed", "抽样种子", "Seed"),
    Field("proposal", "建议填写", "Proposed value", wrapped=True, optional=True),
    Field("response_state", "响应情况", "Response"),
    Field("answer_by", "应响应于", "Answer by", "datetime"),
    Field("response_hours", "响应用时（小时）", "Response time (h)", "number"),
    Field("limit_hours", "响应时限（小时）", "Response limit of the case (h)", "number"),
    Field("resolution_state", "解决情况", "Resolution"),
    Field("resolve_by", "应解决于", "Resolve by", "datetime"),
    Field("resolution_hours", "解决用时（小时）", "Resolution time (h)", "number"),
    Field("resolution_limit_hours", "解决时限（小时）", "Resolution limit (h)", "number"),
    Field("days_to_answer", "等待响应（天）", "Days to the answer", "number"),
    Field("days_to_resolve", "等待解决（天）", "Days to the solution", "number"),
    Field("days_to_confirm", "等待确认（天）", "Days to the confirmation", "number"),
    Field("cases.stage", "处理阶段", "Stage of the case"),
    Field("open", "未解决", "Unresolved", "flag"),
    Field("past_limit", "已超过时限", "Past its limit", "flag"),
    Field("strategic", "战略客户", "Strategic", "count"),
    Field("teams.key", "重点客户", "Key", "count"),
    Field("high_risk", "高风险客户", "High risk", "count"),
    Field("medium_risk", "中风险客户", "Medium risk", "count"),
    Field("in_week", "当周计划拜访", "Visits that week", "count"),
    Field("open_cases", "未结事项", "Open cases", "count"),
    Field("severe_open", "未结重大投诉", "Open major complaints", "count"),
    Field("satisfaction_on", "满意度日期", "Surveyed on", "date"),
    Field("nps_on", "NPS日期", "NPS asked on", "date"),
    Field("count", "次数", "Times", "count"),
    Field("first", "最早", "First", "date"),
    Field("last", "最近", "Last", "date"),
    Field("manager", "客户经理", "Manager"),
    Field("planned_visit", "计划拜访", "Planned visit", "date"),
    Field("planned", "计划日期", "Planned for", "date"),
    Field("visits.due", "应访日期", "Visit due", "date"),
    Field("shift", "排期说明", "Why that day"),
    Field("agenda", "拜访议题", "Agenda", wrapped=True, optional=True),
    Field("week", "周", "Week"),
    Field("this_week", "本周", "This week", "flag"),
    Field("utilisation.planned", "计划拜访数", "Visits planned", "count"),
    Field("capacity", "可拜访数", "Room for", "count"),
    Field("utilisation.share", "负荷", "Load", "share"),
    Field("load", "负荷判断", "Load check"),
    Field("purchasing", "采购", "Purchasing"),
    Field("user", "使用部门", "User"),
    Field("technical", "技术", "Technical"),
    Field("executive", "高层", "Executive"),
    Field("covered", "已覆盖角色", "Roles covered", "count"),
    Field("contact_count", "在职联系人", "Contacts there", "count"),
    Field("known", "有联系人表", "Contacts sheet kept", "flag"),
    Field("rank", "推荐次序", "Rank", "count"),
    Field("whitespace.share", "同类购买率", "Share of similar ones", "measured"),
    Field("buyers", "同类中已购", "Similar buyers", "count"),
    Field("similar", "同类客户数", "Similar customers", "count"),
    Field("basis", "同类依据", "Compared with"),
    Field("whitespace.open", "已在洽谈", "Under discussion", "flag"),
    Field("actions.source", "来源", "Source"),
    Field("state", "状态变化", "State"),
    Field("days", "持续天数", "For days", "count"),
    Field("closed.days", "历时（天）", "Lasted (days)", "count"),
    Field("risks.since", "首次发现", "First seen", "date"),
    Field("kpis.period", "考核周期", "Period"),
    Field("kpis.tier", "适用层级", "For tier", "tier"),
    Field("actual", "实际", "Actual", "score"),
    Field("kpis.target", "目标", "Target", "score"),
    Field("unit", "单位", "Unit"),
    Field("deviation", "偏差", "Deviation", "score"),
    Field("kpis.verdict", "结论", "Result"),
    Field("counted", "样本数", "Counted", "count"),
    Field("kpis.since", "自", "Since", "date"),
    Field("metric", "目标指标", "Metric", optional=True),
    Field("baseline", "基线", "Baseline", "number"),
    Field("goals.target", "目标值", "Goal", "number"),
    Field("relative", "目标为变化量", "Goal is a change", "flag"),
    Field("deadline", "完成期限", "Deadline", "date"),
    Field("missing", "缺少", "Missing", wrapped=True, optional=True),
    Field("question", "能回答的问题", "What it would answer", wrapped=True, optional=True),
    Field("indicators.current", "现行指标", "Row that decides", "flag"),
    Field("health_why", "健康度说明", "Health explained", wrapped=True),
    Field("section", "类别", "Section"),
    Field("item", "项目", "Item", wrapped=True),
    Field("content", "内容", "Content", wrapped=True),
    # on result sheets alone
    Field("dimension", "维度", "Dimension"),
    Field("mark", "评分", "Mark", "score"),
    Field("weight", "权重", "Weight", "share"),
    Field("points", "贡献分", "Points", "score"),
    Field("reason_given", "评分依据", "Reason given", wrapped=True),
    Field("way", "最小变化", "Smallest change", wrapped=True),
    Field("score_after", "变化后得分", "Score after", "score"),
    Field("next_actions", "下一步行动", "Next actions", wrapped=True),
    Field("worst_evidence", "最严重的依据", "Worst evidence", wrapped=True),
    Field("pool", "层级", "Tiers"),
    Field("tier_customers", "客户数", "Customers", "count"),
    Field("range", "政策占比范围", "Range in the policy"),
    Field("part", "分配占比", "Share given", "measured"),
    Field("budget_amount", "金额（万元）", "Amount (10k CNY)", "amount"),
    # on pages alone
    Field("person", "谁", "Who"),
    Field("deadline_said", "期限", "By"),
    Field("place", "位置", "Where", optional=True),
    Field("more", "另有", "And more", "count"),
    Field("people.matters", "待办事项", "Matters", "linked"),
    Field("people.overdue", "其中逾期", "Of these overdue", "linked"),
    Field("people.visits", "本周拜访", "Visits this week", "linked"),
    Field("people.upkeep", "工作簿维护", "Workbook upkeep", "linked"),
    Field("people.calendar", "日历", "Calendar"),
    Field("who", "客户", "Customer", "who"),
    Field("standing", "进度", "Progress"),
    Field("now", "现在", "Now", "count"),
    Field("then", "之前", "Then", "count"),
    Field("step", "变化", "Change", "step"),
    Field("share_now", "占比", "Share", "measured"),
    Field("band", "目标", "Target"),
    Field("picture", "占比与目标", "Share and target"),
    Field("colour", "健康状态", "Health"),
    Field("views.stage", "生命周期", "Lifecycle"),
    Field("share_verdict", "结论", "Verdict"),
    Field("whose", "层级", "Tier"),
    Field("views.tier", "层级", "Tier", "tier"),
    Field("score_now", "现在得分", "Score now", "score"),
    Field("score_then", "之前得分", "Score then", "score"),
    Field("score_step", "得分变化", "Change", "rise"),
    Field("satisfaction_now", "满意度", "Satisfaction", "score"),
    Field("satisfaction_then", "之前满意度", "Satisfaction then", "score"),
    Field("nps_now", "NPS", "NPS", "score"),
    Field("nps_then", "之前 NPS", "NPS then", "score"),
    Field("nps_step", "变化", "Change", "rise"),
    Field("answers", "满意度答卷数", "Answers on satisfaction", "count"),
    Field("nps_answers", "NPS 答卷数", "Answers on NPS", "count"),
    Field("missing_points", "距上一层（分）", "To the next tier", "score"),
    Field("checked", "要核对的单元格", "Cells to check"),
    Field("ends", "到期日", "Ends", "date"),
    Field("on", "日期", "Date", "date"),
    Field("proposed", "建议客户数", "Customers proposed", "count"),
    Field("talked", "洽谈中", "Under discussion", "count"),
    Field("mean_share", "同类平均购买率", "Mean share of similar ones", "share"),
    Field("tier_then", "之前层级", "Tier then", "tier"),
    Field("tier_now", "现在层级", "Tier now", "tier"),
    Field("why", "由什么推动", "What drove it"),
    Field("moves.figure", "项目", "Figure"),
    Field("moves.said", "变化", "Change"),
    Field("moves.why", "为何变化", "Why it changed", wrapped=True, optional=True),
    Field("moves.cites", "依据", "Evidence", wrapped=True, optional=True),
    Field("moves.nights", "相比的两晚", "Nights compared"),
    Field("moves.since", "已知自", "Known since", "date", optional=True),
    Field("evaluators.group", "可比组", "Group", "count"),
    Field("shared", "共同评过的客户", "Customers shared", "count"),
    Field("points_off", "比同组平均（分）", "Points off the mean", "rise"),
    Field("points_between", "区间", "Interval", "ready"),
    Field("evaluators.verdict", "宽严", "Verdict"),
    Field("alarms", "预警次数", "Alarms", "count"),
    Field("ratio", "其中变差", "Got worse", "ready"),
    Field("worth.unknown", "尚无结果", "Not known yet", "count"),
    Field("worth.share", "变差比例", "Share that got worse", "ready"),
    Field("base", "未被预警者", "Those not flagged", "share"),
    Field("worth.picture", "比例与未被预警者", "Share and those not flagged"),
    Field("lead", "提前天数", "Days ahead", "ready"),
    Field("false_week", "每周误报", "False alarms a week", "number"),
    Field("worth.verdict", "结论", "Verdict"),
    Field("worth.way", "建议", "Proposal"),
    Field("policy_key", "政策中的键", "Key of the policy"),
    Field("was", "现在", "Now"),
    Field("becomes", "改为", "Becomes"),
    Field("worth.why", "理由", "Why", wrapped=True),
    Field("as_was", "实际", "As it was", "count"),
    Field("as_proposed", "按方案", "As proposed", "count"),
    Field("tier_was", "实际层级", "Tier as it was", "tier"),
    Field("tier_proposed", "方案层级", "Tier proposed", "tier"),
    Field("level_was", "实际风险等级", "Level as it was", "level"),
    Field("level_proposed", "方案风险等级", "Level proposed", "level"),
    Field("score_was", "实际得分", "Score as it was", "score"),
    Field("score_proposed", "方案得分", "Score proposed", "score"),
    Field("replay.since", "自哪晚起", "Since the night of", "date"),
    Field("nights", "共几晚", "Nights", "count"),
    Field("higher", "升层", "Higher tier", "count"),
    Field("lower", "降层", "Lower tier", "count"),
    Field("level_up", "风险更高", "Higher level", "count"),
    Field("level_down", "风险更低", "Lower level", "count"),
    Field("high_was", "实际高风险", "At high risk, as it was", "count"),
    Field("high_proposed", "方案高风险", "At high risk, as proposed", "count"),
    Field("moves_was", "当晚实际换层", "Changed tier that night, as it was", "count"),
    Field("moves_proposed", "当晚方案换层", "Changed tier that night, as proposed", "count"),
    Field("visits_was", "实际全年拜访", "Visits a year, as it was", "count"),
    Field("visits_proposed", "方案全年拜访", "Visits a year, as proposed", "count"),
    Field("hours_was", "实际响应时限（小时）", "Response limit, as it was (h)", "count"),
    Field("hours_proposed", "方案响应时限（小时）", "Response limit, as proposed (h)", "count"),
    Field("share_was", "实际预算占比", "Share of the budget, as it was", "measured"),
    Field("share_proposed", "方案预算占比", "Share of the budget, as proposed", "measured"),
    Field("open_was", "实际未结", "Open, as it was", "count"),
    Field("open_proposed", "方案未结", "Open, as proposed", "count"),
    Field("new_was", "期间实际新增", "New since, as it was", "count"),
    Field("new_proposed", "期间方案新增", "New since, as proposed", "count"),
    Field("lost_reason", "为什么", "Why", wrapped=True),
    Field("low_was", "现行分数线", "Cut-off now", "score"),
    Field("low_proposed", "建议分数线", "Cut-off proposed", "score"),
    Field("miss", "为什么不达标", "Why it misses", wrapped=True, optional=True),
    Field("weight_was", "现行权重", "Weight now", "share"),
    Field("weight_proposed", "找到的权重", "Weight found", "share"),
    Field("parts_alone", "单凭该维度的区分度", "AUC of this dimension alone"),
)

# fmt: on

_OPTIONAL = frozenset("tags period category handler title".split())  # typed, besides sentences


@functools.cache
def fields() -> dict[str, Field]:
    """Every field by its name: typed in a standard sheet, computed, or typed in an optional one."""
    typed = {name: _typed(name, column) for name, column in sheets.columns().items()}
    standard = {name: typed[name] for sheet in sheets.STANDARD for name in sheet.fields}
    return typed | {field.name: field for field in COMPUTED} | standard


def _typed(name: str, column: sheets.Column) -> Field:
    wrapped = column.field in sheets.FREE
    return Field(name, column.zh, column.en, column.kind, wrapped, wrapped or column.field in _OPTIONAL)


def header(name: str, lang: str) -> str:
    """The header of any field, in ``zh-CN`` or ``en``."""
    return fields()[name].header(lang)


@functools.cache
def listed(names: str) -> tuple[tuple[str, Field], ...]:
    """``name renewals.amount by:due``: the fields, each after the column whose values it has; blank: its own."""
    return tuple(_listed(name) for name in names.split())


def _listed(text: str) -> tuple[str, Field]:
    column, _, name = text.rpartition(":")
    return column, fields()[name]
