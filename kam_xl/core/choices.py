"""The words of closed lists, in Chinese of either script and in English → the keys they mean (handbook §2)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kam_xl.core.entries import is_nothing
from kam_xl.core.texts import heading, simplified

_STATUS_WORDS = {
    "done": ("已完成", "完成", "完结", "已完结", "已结束", "结束", "达成", "已达成", "100%", "done", "completed", "complete",
             "finished", "closed", "achieved"),
    "partial": ("部分完成", "基本完成", "大部分完成", "完成部分", "partly completed", "partially completed", "partial",
                "partially done", "partly done", "mostly done"),
    "running": ("进行中", "执行中", "推进中", "实施中", "处理中", "正在进行", "跟进中", "in progress", "ongoing", "running",
                "active", "wip", "started", "under way"),
    "not_started": ("未开始", "未启动", "待开始", "待启动", "待执行", "未执行", "计划中", "not started", "pending", "planned",
                    "to do", "todo", "open", "0%"),
    "delayed": ("已延期", "延期", "延迟", "已延迟", "推迟", "滞后", "逾期", "超期", "暂停", "搁置", "delayed", "late", "overdue",
                "postponed", "on hold", "behind"),
    "cancelled": ("已取消", "取消", "终止", "已终止", "中止", "作废", "放弃", "未达成", "失败", "丢单", "cancelled", "canceled",
                  "terminated", "dropped", "abandoned", "not achieved", "failed", "lost"),
}  # fmt: skip

#: Status key → its usual label; any other word for it is kept beside the key.
STATUS_NAMES = {key: words[0] for key, words in _STATUS_WORDS.items()}

STATUS = {simplified(word).replace(" ", ""): key for key, words in _STATUS_WORDS.items() for word in words}

#: In brackets after "done" it says that something is not: 完成（80%）, 已完成（部分）.
_BUT_NOT_ALL = re.compile(r"(?<!\d)(?!100%)\d+%|部分|未|没|待|partial|part|not")


def parse_status(text: str) -> tuple[str | None, str | None]:
    """A status key; common synonyms in Chinese and English are accepted, anything else is unknown and reported."""
    if is_nothing(text):
        return None, None
    word, _, remark = re.sub(r"[\s.。_-]", "", simplified(text)).partition("(")
    key = STATUS.get(word)
    if key == "done" and _BUT_NOT_ALL.search(remark):
        key = None
    return key, None if key else "status_unparsed"


def parse_tier(text: str, names: Mapping[str, str]) -> tuple[str | None, str | None]:
    """A tier key by any of its `names` (folded name → key, see `tier_names`)."""
    if is_nothing(text):
        return None, None
    key = names.get(heading(text))
    return key, None if key else "tier_unparsed"


def tier_names(tiers: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Folded name → tier key, from key → (Chinese, English); 战略 and 战略客户, Key and Key customer are the same."""
    names = {}
    for key, (zh, en) in tiers.items():
        stem = zh.removesuffix("客户")
        for name in (key, zh, stem, stem + "级客户", en, f"{en} customer", f"{en} account", f"{en} customers"):
            names[heading(name)] = key
    return names


#: Field of an optional sheet → key → the words for it: Chinese label, English label, synonyms.
CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "service.kind": {
        "complaint": ("投诉", "Complaint", "客户投诉", "客诉", "抱怨", "complaints"),
        "request": ("请求", "Request", "需求", "服务请求", "咨询", "报修", "求助", "inquiry", "enquiry", "service request", "ticket"),
        "visit": ("拜访", "Visit", "回访", "走访", "客户拜访", "上门拜访", "site visit", "call", "meeting"),
        "survey": ("满意度调查", "Survey", "调查", "满意度", "调研", "问卷", "NPS", "NPS调查", "satisfaction survey", "questionnaire"),
    },
    "service.severity": {
        "major": ("重大", "Major", "严重", "紧急", "特急", "高", "critical", "urgent", "severe", "high"),
        "ordinary": ("普通", "Ordinary", "一般", "轻微", "中", "低", "minor", "normal", "medium", "low"),
    },
    "contacts.role": {
        "purchasing": ("采购", "Purchasing", "采购决策", "采购负责人", "采购方", "buyer", "procurement", "purchase"),
        "user": ("使用部门", "User", "使用", "使用者", "使用方", "用户", "使用负责人", "end user", "users"),
        "technical": ("技术", "Technical", "技术负责人", "技术决策", "技术把关", "技术部门", "technology", "engineering", "technical evaluator"),
        "executive": ("高层", "Executive", "高管", "高层决策", "决策者", "决策人", "管理层", "management", "decision maker", "sponsor"),
    },
    "renewals.kind": {
        "renewal": ("续约", "Renewal", "续签", "合同续约", "续费", "extension"),
        "opportunity": ("商机", "Opportunity", "新商机", "销售机会", "增购", "新签", "deal", "upsell", "cross-sell"),
        "trial": ("试用", "Trial", "体验", "免费试用", "试点", "pilot", "poc", "free trial"),
    },
    "renewals.stage": {
        "lead": ("线索", "Lead", "初步接触", "意向", "潜在", "prospect", "qualified"),
        "proposal": ("方案", "Proposal", "报价", "方案报价", "方案阶段", "quotation", "quote", "offer"),
        "negotiation": ("谈判", "Negotiation", "商务谈判", "洽谈", "合同谈判", "negotiating"),
        "won": ("赢单", "Won", "赢", "成交", "已成交", "已签约", "签约", "中标", "已续约", "closed won", "signed"),
        "lost": ("输单", "Lost", "输", "丢单", "失败", "未中标", "流失", "已流失", "closed lost"),
    },
    "tasks.status": {
        "open": ("待办", "Open", "未完成", "未开始", "进行中", "处理中", "待处理", "未处理", "to do", "pending", "in progress",
                 "not started"),
        "done": ("已完成", "Done", "完成", "已处理", "完结", "已办", "completed", "complete", "finished", "closed"),
        "postponed": ("已推迟", "Postponed", "推迟", "延期", "已延期", "顺延", "deferred", "delayed", "snoozed"),
    },
    "flag": {
        "yes": ("是", "Yes", "y", "true", "1", "√", "✓", "✔", "对", "有", "已离职", "离职", "left", "has left"),
        "no": ("否", "No", "n", "false", "0", "×", "✗", "✘", "x", "不是", "未", "未离职", "在职", "still there", "active"),
    },
}  # fmt: skip


def _choice_key(text: str) -> str:
    return re.sub(r"[\s.。_-]", "", simplified(text))


_CHOICE_KEYS = {
    name: {_choice_key(word): key for key, words in choices.items() for word in words}
    for name, choices in CHOICES.items()
}


def parse_choice(text: str, name: str) -> tuple[str | None, str | None]:
    """The key of `CHOICES[name]` that a word means, in Chinese of either script or in English; else unknown, reported."""
    if is_nothing(text):
        return None, None
    key = _CHOICE_KEYS[name].get(_choice_key(text))
    return key, None if key else "flag_unparsed" if name == "flag" else "choice_unparsed"
