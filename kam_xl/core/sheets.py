"""The sheets of a team's workbook as one table of columns: every header the product reads or writes stands here, once.

Reading, validation, the master workbook, the template, the demo data and the documentation loop over these tables
(handbook §2). A header is matched after `heading` has folded width, script, case, brackets and punctuation away, so the
table holds Simplified Chinese and English; Traditional Chinese is folded into Simplified, and only words that differ
between regions (聯絡人 / 联系人) need an alias.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

from kam_xl.core.list_words import PHONES


@dataclass(frozen=True)
class Column:
    """One column: ``field`` in code, the header in both languages, and what kind of cell stands below it."""

    field: str
    zh: str
    en: str
    kind: str = "text"
    required: bool = False
    unit: str | None = None  # the unit a bare number means, where the header names no other
    personal: bool = False  # personal data (handbook §10): masked everywhere outside the master
    aliases: tuple[str, ...] = ()  # best first: where two columns claim one field, the better alias has it
    exports: tuple[str, ...] = ()  # how CRM, ERP and accounting programs head it in their exports; these come last
    choices: tuple[str, ...] = ()  # the keys a cell may mean; words: ``terms.<kind of sheet>.<field>.<key>``
    scale: tuple[float, float] | None = None  # what a number may be, both ends included; None: anything from 0 up
    ours: bool = False  # a button writes it for people to read, or for itself; a sheet without it lacks nothing
    hidden: bool = False  # no reader has a use for it
    spare: bool = False  # for those who have a use for it: a sheet without it lacks nothing
    brought: bool = False  # it comes with lists of other programs; the workbooks we make do without

    def header(self, lang: str) -> str:
        """The header to write, in ``zh-CN`` or ``en``."""
        return self.zh if lang == "zh-CN" else self.en

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header this column is known by, best first."""
        return (self.zh, self.en, *self.aliases, *self.exports)


@dataclass(frozen=True)
class Sheet:
    """One sheet of data: ``kind`` in code, its names, the name of its native table, and its columns in order."""

    kind: str
    zh: str
    en: str
    table: str
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()
    key: str = "customer_id"  # the column a row cannot do without
    told_by: tuple[str, ...] = ()  # the fields without which headers alone never announce such a sheet

    def name(self, lang: str) -> str:
        """The sheet's name to write, in ``zh-CN`` or ``en``."""
        return self.zh if lang == "zh-CN" else self.en

    @property
    def written(self) -> tuple[Column, ...]:
        """The columns of the workbooks we make: in these another currency stands in the amount, 12,000 USD, and whoever tracks a strategy is the manager."""
        return tuple(column for column in self.columns if not column.brought)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields in their written order."""
        return tuple(column.field for column in self.columns)

    def column(self, field: str) -> Column:
        """The column of one field."""
        return next(column for column in self.columns if column.field == field)


# fmt: off
INFO = Sheet(
    kind="info",
    zh="客户基础信息表",
    en="Customer info",
    table="tblCustomers",
    aliases=("企业客户基础信息表", "企业客户基础资讯表", "客户基础资讯表", "客户信息", "客户信息表", "客户档案", "客户", "客户资料", "客户名单", "客户列表", "客户清单",
             "客户台账", "Customers", "Accounts", "Account info", "Customer information", "Customer list", "Customer master"),
    columns=(
        Column("customer_id", "客户ID", "Customer ID", "id", required=True,
               aliases=("客户编号", "客户代码", "客户号", "编号", "Account ID", "Customer No", "Customer Code", "ID"),
               exports=("客户编码", "客户代号", "顾客编号", "客商编码", "客商编号", "往来单位编码", "往来单位编号", "单位编码", "编码", "代码", "代号",
                        "Customer Number", "Customer Ref", "Cust No", "Cust ID", "Account Number", "Account No", "Account Code",
                        "Client ID", "Client No", "Client Number", "Client Code", "Company ID", "Record ID", "KUNNR", "CardCode",
                        "No", "Number", "Code")),
        Column("name", "客户名称", "Customer name", required=True,
               aliases=("公司名称", "企业名称", "客户", "客户全称", "Account Name", "Company", "Company Name", "Customer",
                        "Name"),
               exports=("客户名", "客户全名", "顾客名称", "客商名称", "往来单位名称", "往来单位", "单位名称", "公司全称", "公司", "企业", "名称",
                        "Client Name", "Client", "Organization Name", "Organisation Name", "Organization", "Organisation",
                        "Business Name", "Legal Name", "Display Name", "NAME1", "CardName", "客户简称")),
        Column("industry", "所属行业", "Industry", aliases=("行业", "Sector"),
               exports=("客户行业", "所在行业", "行业类别", "行业分类", "行业类型", "行业名称", "Industry Type", "Industry Sector",
                        "Industry Name", "Business Sector", "BRSCH")),
        Column("size", "客户规模（员工数/营收）", "Size (employees/revenue)", "size", aliases=("规模", "企业规模", "Company Size")),
        Column("contact", "联系人及职务", "Contact & title", "contact",
               aliases=("联系人", "联系人/职务", "联络人", "联络人及职务", "关键联系人", "Contact", "Contact Person", "Contact and Title",
                        "Key Contact"),
               exports=("联系人姓名", "联系人名称", "主要联系人", "首要联系人", "客户联系人", "业务联系人", "对接人", "Contact Name",
                        "Primary Contact", "Main Contact")),
        Column("phone", "联系方式（工作电话）", "Work phone", "phone", personal=True,
               aliases=("联系方式", "联络方式", "电话", "工作电话", "联系电话", "手机", "Phone", "Telephone", "Mobile"),
               exports=PHONES),
        Column("since", "合作起始时间", "Start date", "date",
               aliases=("开始合作日期", "合作开始时间", "起始合作时间", "首次合作时间", "合作起始日期", "Since", "Customer Since",
                        "Cooperation Start"),
               exports=("发展日期", "开户日期", "合作开始日期", "合作日期", "首次合作日期", "首次成交日期", "首次成交时间", "首次交易日期",
                        "首次下单日期", "首单日期", "Relationship Start", "First Order Date", "First Purchase Date", "First Deal Date")),
        Column("last_deal", "最近合作时间", "Last deal date", "date",
               aliases=("最后成交日期", "最近成交时间", "最近合作日期", "最近交易时间", "最后合作时间", "Last Deal", "Last Order Date",
                        "Last Cooperation"),
               exports=("最近成交日期", "末次成交日期", "末次交易日期", "末次下单日期", "末单日期", "最近交易日期", "最后交易日期", "最后成交时间", "最后合作日期", "最近下单日期", "最后下单日期", "最近下单时间", "最近下单", "最近一次下单",
                        "最近购买日期", "Last Purchase Date", "Last Purchase", "Last Order", "Last Sale Date",
                        "Last Transaction Date")),
        Column("amount", "累计交易额（万元）", "Cumulative amount (10k CNY)", "amount", unit="万元",
               aliases=("累计成交金额", "累计交易金额", "累计金额", "累计采购额", "累计成交额", "交易额", "Amount", "Total Amount",
                        "Cumulative Revenue"),
               exports=("累计销售额", "累计销售金额", "累计订单金额", "累计消费金额", "累计合同额", "累计合同金额", "成交总额", "交易总额", "成交额", "总成交额", "总交易额", "合同总额", "合同总金额",
                        "销售总额", "成交金额", "交易金额", "Cumulative Sales", "Total Sales", "Total Sales Amount",
                        "Total Purchases")),
        Column("products", "主要合作产品/服务", "Main products/services", "list",
               aliases=("主营产品", "合作产品", "主要产品", "产品", "产品/服务", "Products", "Main Products", "Products and Services")),
        Column("tags", "客户标签", "Tags", "list", aliases=("标签", "客户标记", "Labels")),
        Column("remarks", "备注", "Remarks", aliases=("说明", "附注", "Notes", "Comments", "Remark")),
        Column("group", "所属集团", "Group / parent", spare=True,
               aliases=("集团", "集团/母公司", "所属集团/母公司", "母公司", "上级公司", "集团名称", "Group", "Parent", "Parent Company", "Group Name"),
               exports=("上级客户", "上级单位", "所属母公司", "总公司", "集团客户", "Parent Account", "Parent Customer", "Ultimate Parent", "KONZS")),
        Column("currency", "币种", "Currency", "currency", spare=True, brought=True, aliases=("币别", "货币", "交易币种", "结算币种", "Currency Code", "Ccy"),
               exports=("币种名称", "币别名称", "货币代码", "Amount Currency", "Currency ISO Code", "Deal Currency", "WAERS")),
        Column("named_manager", "客户经理", "Account manager", spare=True, brought=True,
               aliases=("专属客户经理", "大客户经理", "负责客户经理", "Key Account Manager", "Customer Manager"),
               exports=("专管业务员", "专管业务员名称", "业务员", "业务员名称", "负责业务员", "所属业务员", "销售员", "销售员名称", "销售人员", "销售代表", "销售负责人", "所属销售",
                        "跟进人", "客户所有人", "客户归属人", "归属人", "Account Owner", "Account Owner Name", "Company owner", "Customer Owner", "Assigned To", "Sales Rep",
                        "Sales Representative", "Salesperson", "Sales Person", "Sales Employee", "Sales Owner", "SlpName")),
    ),
)

EVALUATION = Sheet(
    kind="evaluation",
    zh="客户多维度分层评估表",
    en="Evaluation",
    table="tblEvaluation",
    aliases=("客户分层评估表", "分层评估表", "客户评估表", "客户评估", "评估", "Evaluations", "Customer Evaluation", "Scoring"),
    columns=(
        INFO.columns[0],
        Column("value", "价值维度（50%）", "Value (50%)", "score", required=True,
               aliases=("价值", "价值得分", "价值评分", "价值分", "Value Score", "Value Dimension")),
        Column("potential", "潜力维度（30%）", "Potential (30%)", "score", required=True,
               aliases=("潜力", "潜力得分", "潜力评分", "潜力分", "Potential Score", "Potential Dimension")),
        Column("demand", "需求维度（20%）", "Demand (20%)", "score", required=True,
               aliases=("需求", "需求得分", "需求评分", "需求分", "Demand Score", "Demand Dimension")),
        Column("composite", "综合得分", "Composite score", "composite",
               aliases=("综合评分", "总分", "总得分", "得分", "Composite", "Total Score", "Score")),
        Column("tier", "层级划分", "Tier", "tier",
               aliases=("层级", "客户等级", "客户层级", "客户级别", "分层", "等级", "Level", "Customer Tier")),
        Column("evaluated_on", "评估日期", "Evaluation date", "date",
               aliases=("评分日期", "评估时间", "评分时间", "Evaluated On", "Date Evaluated", "Assessment Date")),
        Column("evaluator", "评估人", "Evaluator", aliases=("评分人", "评估者", "Evaluated By", "Assessor")),
    ),
)

TRACKING = Sheet(
    kind="tracking",
    zh="客户策略执行效果跟踪表",
    en="Tracking",
    table="tblTracking",
    aliases=("客户策略执行效果追踪表", "策略执行跟踪表", "策略跟踪表", "策略跟踪", "跟踪", "跟进", "跟进表", "Strategy Tracking", "Strategy execution",
             "Follow-up"),
    key="customer",
    columns=(
        Column("customer", "客户ID/名称", "Customer ID/name", "id_name", required=True,
               aliases=("客户ID", "客户编号", "客户编号/名称", "Customer ID", "客户", "客户名称", "Customer", "Account")),
        Column("strategy", "策略内容", "Strategy", aliases=("策略", "执行策略", "Strategy Content")),
        Column("period", "执行起止时间", "Execution period", "period",
               aliases=("起止时间", "执行时间", "执行周期", "起止日期", "Period", "Duration")),
        Column("actions", "关键动作", "Key actions", aliases=("动作", "关键举措", "主要动作", "Actions")),
        Column("status", "完成情况", "Status", "status", aliases=("状态", "执行情况", "进度", "完成状态", "Progress", "Completion")),
        Column("effect", "效果指标", "Effect metric", "effect",
               aliases=("效果", "效果指标值", "成效", "Effect", "Result", "Metric")),
        Column("problem", "存在问题", "Issues", aliases=("问题", "主要问题", "Problem", "Problems", "Issue")),
        Column("improvement", "改进建议", "Suggestions",
               aliases=("建议", "改进措施", "改善建议", "Improvement", "Improvements", "Suggestion")),
        Column("tracker", "跟踪人", "Tracked by", aliases=("负责人", "跟进人", "追踪人", "责任人", "Tracker", "Owner", "Responsible")),
        Column("tracked_on", "跟踪日期", "Tracking date", "date",
               aliases=("更新日期", "跟进日期", "跟踪时间", "追踪日期", "更新时间", "Tracked On", "Updated On")),
    ),
)

INDICATORS = Sheet(
    kind="indicators",
    zh="评分指标",
    en="Indicators",
    table="tblIndicators",
    aliases=("评分指标表", "客户评分指标", "Scoring Indicators", "Score Inputs"),
    columns=(
        INFO.columns[0],
        Column("profit", "累计利润（万元）", "Cumulative profit (10k CNY)", "amount", unit="万元",
               aliases=("利润", "客户利润", "Profit", "Cumulative Profit")),
        Column("tenure", "合作时长（年）", "Tenure (years)", "number", unit="年", scale=(0, 200),
               aliases=("合作年限", "合作年数", "Tenure", "Years of Cooperation")),
        Column("growth", "行业增长率", "Industry growth", "share", scale=(-1, 10), aliases=("行业增速", "Growth", "Industry Growth Rate")),
        Column("open_needs", "未开发需求数", "Open needs", "count",
               aliases=("未开发需求数量", "未开发需求", "未满足需求数", "Unmet Needs")),
        Column("total_needs", "总需求数", "Total needs", "count", aliases=("总需求数量", "需求总数", "All Needs")),
        Column("service_sensitivity", "服务敏感度（1-5）", "Service sensitivity (1-5)", "grade",
               aliases=("服务敏感度等级", "服务敏感等级")),
        Column("price_sensitivity", "价格敏感度（1-5）", "Price sensitivity (1-5)", "grade",
               aliases=("价格敏感度等级", "价格敏感等级")),
        Column("as_of", "数据日期", "As of", "date", aliases=("截止日期", "统计日期", "指标日期", "As-of Date", "Data Date")),
    ),
)

SERVICE = Sheet(
    kind="service",
    zh="服务记录",
    en="Service log",
    table="tblService",
    aliases=("服务记录表", "客户服务记录", "服务台账", "投诉记录", "Service", "Service Records", "Complaints"),
    columns=(
        INFO.columns[0],
        Column("kind", "记录类型", "Record type", "choice", choices=("complaint", "request", "visit", "survey"),
               aliases=("服务类型", "事项类型", "Service Type")),
        Column("category", "问题类别", "Category", aliases=("问题分类", "投诉类别", "Problem Category")),
        Column("severity", "严重程度", "Severity", "choice", choices=("major", "ordinary"), aliases=("严重性", "紧急程度")),
        Column("reported", "提出时间", "Reported", "datetime",
               aliases=("受理时间", "投诉时间", "发生时间", "反馈时间", "Reported At", "Opened")),
        Column("answered", "首次响应时间", "Answered", "datetime",
               aliases=("响应时间", "答复时间", "Answered At", "First Response")),
        Column("resolved", "解决时间", "Resolved", "datetime", aliases=("处理完成时间", "Resolved At")),
        Column("confirmed", "客户确认时间", "Confirmed", "datetime", aliases=("确认时间", "关闭时间", "Confirmed At")),
        Column("satisfaction", "满意度（0-100）", "Satisfaction (0-100)", "score", aliases=("满意度评分", "客户满意度", "CSAT")),
        Column("nps", "NPS（0-10）", "NPS (0-10)", "count", scale=(0, 10), aliases=("推荐意愿", "NPS评分", "NPS Answer")),
        Column("description", "内容描述", "Description", aliases=("问题描述", "服务内容", "描述", "Details")),
        Column("handler", "处理人", "Handled by", aliases=("经办人", "受理人", "Handler")),
    ),
)

CONTACTS = Sheet(
    kind="contacts",
    zh="关键联系人",
    en="Contacts",
    table="tblContacts",
    aliases=("关键联系人表", "联系人", "联系人表", "关键联络人", "Key Contacts", "Contact List"),
    columns=(
        INFO.columns[0],
        Column("name", "姓名", "Contact name", required=True,
               aliases=("联系人姓名", "联系人", "联络人", "联络人姓名", "Contact", "Contact Person")),
        Column("title", "职务", "Job title", aliases=("职位", "联系人职务", "Title", "Position")),
        Column("role", "决策角色", "Buying role", "choice", choices=("purchasing", "user", "technical", "executive"),
               aliases=("角色", "决策链角色", "Role", "Decision Role")),
        Column("phone", "联系电话", "Phone", "phone", personal=True,
               aliases=("电话", "手机", "联系方式", "联络方式", "工作电话", "Mobile", "Telephone", "Work Phone"), exports=PHONES),
        Column("birthday", "生日", "Birthday", "date", personal=True, aliases=("出生日期", "生日日期", "Date of Birth")),
        Column("last_contact", "最近联系日期", "Last contacted", "date",
               aliases=("最近联系时间", "最近拜访日期", "上次联系", "Last Contact")),
        Column("left", "是否离职", "Left?", "flag", aliases=("离职", "已离职", "Left", "Has Left")),
        Column("remarks", "备注", "Remarks", aliases=("说明", "附注", "Notes", "Comments", "Remark")),
    ),
)

RENEWALS = Sheet(
    kind="renewals",
    zh="续约与商机",
    en="Renewals & opportunities",
    table="tblRenewals",
    aliases=("续约与商机表", "续约商机", "续约", "商机", "续约计划", "商机表", "Renewals", "Opportunities", "Renewals and Opportunities"),
    columns=(
        INFO.columns[0],
        Column("kind", "商机类型", "Deal type", "choice", choices=("renewal", "opportunity", "trial"),
               aliases=("续约/商机", "业务类型")),
        Column("product", "产品/服务", "Product/service", aliases=("产品", "产品名称", "Product", "Service")),
        Column("amount", "预计金额（万元）", "Expected amount (10k CNY)", "amount", unit="万元",
               aliases=("合同金额", "商机金额", "续约金额", "Deal Amount")),
        Column("renewal_date", "续约/成交日期", "Renewal/closing date", "date",
               aliases=("续约日期", "到期日期", "合同到期日", "预计成交日期", "Renewal Date", "Closing Date")),
        Column("stage", "阶段", "Stage", "choice", choices=("lead", "proposal", "negotiation", "won", "lost"),
               aliases=("商机阶段", "销售阶段", "Sales Stage")),
        Column("owner", "负责人", "Owner", aliases=("跟进人", "责任人", "Responsible")),
        Column("trial_expiry", "试用到期日", "Trial expiry", "date",
               aliases=("试用到期", "试用到期日期", "试用截止日期", "Trial Ends", "Trial Expires")),
        Column("remarks", "备注", "Remarks", aliases=("说明", "附注", "Notes", "Comments", "Remark")),
    ),
)

#: How `risk.keys` names an action that a rule made; a line of the action list with any other ID is a team's own.
RULED_ACTION = r"[0-9a-f]{12}"

TASKS = Sheet(
    kind="tasks",
    zh="行动清单",
    en="Action list",
    table="tblActions",
    aliases=("行动清单表", "行动项", "行动项清单", "待办清单", "Action items", "Actions list", "To-do list"),
    key="action_id",
    columns=(
        INFO.columns[0],
        Column("subject", "事项", "Subject", aliases=("事项主题", "Matter"), ours=True),
        Column("action", "行动", "Action", aliases=("行动内容", "行动项", "Action item")),
        Column("owner", "负责人", "Owner", aliases=("责任人", "Responsible")),
        Column("due", "截止日期", "Due", "date", aliases=("到期日期", "完成期限", "Due Date", "Deadline")),
        Column("status", "状态", "Status", "choice", choices=("open", "done", "postponed"), aliases=("处理状态", "Action Status")),
        Column("postponed_to", "推迟到", "Postponed to", "date", aliases=("推迟至", "延期到", "延期至", "Postponed Until")),
        Column("note", "备注", "Note", aliases=("说明", "附注", "Notes", "Comments", "Remarks")),
        Column("evidence", "依据", "Evidence", ours=True),
        Column("action_id", "行动编号", "Action ID", "key", required=True, aliases=("行动ID", "行动项编号", "Action No"), hidden=True),
        # what the button wrote last beside what a person may have typed over it: a cell that differs was typed
        Column("proposed_owner", "系统建议负责人", "Proposed owner", ours=True, hidden=True),
        Column("proposed_due", "系统建议截止日期", "Proposed due", "date", ours=True, hidden=True),
    ),
)

#: The customer of an order: by its ID, or by the name alone, as most exports of orders have it; a name beside an ID is its name.
_BUYER = replace(
    INFO.columns[0],
    exports=(*INFO.columns[0].exports, "客户名称", "客户", "客户简称", "客户全称", "购货单位", "购买方", "购方名称", "买方", "售达方",
             "Customer", "Customer Name", "Client", "Client Name", "Account Name", "Buyer", "Sold-to Party", "Sold To", "Sold-to",
             "客户姓名", "会员名称", "买家名称", "买家", "买家会员名", "买家昵称", "Billing Company", "Bill-to Name", "Bill To", "Billing Name", "Buyer Name"),
)

#: How exports head the price of one, in lists of orders without a column for what a line comes to, and what is taken off as
#: a share. 折扣 and 扣率 are not among these: with some it is what is taken off, with others what is left to pay.
PRICES = ("单价", "销售单价", "成交单价", "含税单价", "订单单价", "Unit Price", "Price per Unit", "Price Each", "Sales Price", "Price")
DISCOUNTS = ("Discount", "Discount Rate", "Discount %", "Discount Percent", "Disc %")
UNCLEAR_DISCOUNTS = ("折扣", "折扣率", "扣率", "折扣额", "折让", "Discount Amount")
ORDERS = Sheet(
    kind="orders",
    zh="交易记录",
    en="Orders",
    table="tblOrders",
    aliases=("交易记录表", "交易明细", "交易流水", "订单", "订单表", "订单明细", "订单记录", "订单列表", "销售订单", "销售订单明细", "销售明细", "销售明细表", "销售记录",
             "销售流水", "销售出库单", "出库明细", "成交记录", "成交明细", "采购记录", "Order list", "Order lines", "Order details",
             "Sales orders", "Sales order list", "Transactions", "Invoices", "Invoice list", "Sales ledger"),
    told_by=("ordered_on", "amount"),
    columns=(
        _BUYER,
        Column("order_no", "订单号", "Order number",
               aliases=("订单编号", "订单号码", "销售订单号", "交易编号", "交易号", "流水号", "合同编号", "合同号", "Order No", "Order ID"),
               exports=("单据编号", "单据号", "单据号码", "单号", "单据编码", "出库单号", "销售单号", "发票号", "发票号码", "业务编号", "Sales Order",
                        "Sales Order No", "Sales Document", "Document Number", "Document No", "Invoice No", "Invoice Number",
                        "Invoice ID", "InvoiceNo", "Order Ref", "Order Reference", "订单ID", "Sales Doc", "Amazon Order ID", "Transaction ID", "VBELN", "DocNum")),
        Column("ordered_on", "下单日期", "Order date", "date", required=True,
               aliases=("订单日期", "成交日期", "交易日期", "销售日期", "下单时间", "交易时间", "成交时间", "Ordered On", "Date of Order"),
               exports=("单据日期", "开单日期", "业务日期", "制单日期", "出库日期", "发货日期", "开票日期", "发票日期", "签约日期", "签订日期", "记账日期", "日期",
                        "Order Date", "Sale Date", "Sales Date", "Transaction Date", "Document Date", "Invoice Date",
                        "InvoiceDate", "订单创建时间", "订单付款时间", "拼单成功时间", "Purchase Date", "Doc Date", "Posting Date", "Billing Date", "Date", "ERDAT", "AUDAT", "DocDate")),
        Column("product", "产品/服务", "Product/service", aliases=("产品", "产品名称", "商品名称", "商品", "Product", "Product Name"),
               exports=("存货名称", "物料名称", "物料描述", "货品名称", "品名", "服务名称", "项目名称", "Item", "Item Name", "Item Description",
                        "Description", "Material", "Material Description", "Product Description", "宝贝标题", "商品标题", "Lineitem Name", "Order Lines/Product", "Service", "ARKTX", "Dscription")),
        Column("quantity", "数量", "Quantity", "number", scale=(-math.inf, math.inf), aliases=("件数", "订购数量", "Qty", "Units"),
               exports=("销售数量", "实发数量", "出库数量", "发货数量", "订单数量", "Order Quantity", "Quantity Ordered", "商品数量", "购买数量", "宝贝总数量", "Lineitem Quantity", "Quantity Purchased",
                        "Order Lines/Quantity", "KWMENG")),
        Column("amount", "金额（元）", "Amount (CNY)", "amount", unit="元",
               aliases=("金额", "订单金额", "交易金额", "交易额", "成交金额", "成交额", "Amount", "Order Amount"),
               exports=("销售金额", "销售额", "销售收入", "价税合计", "含税金额", "合同金额", "订单实付金额", "买家实际支付金额", "用户实付金额", "商家实收金额",
                        "订单总额", "订单总金额", "商品金额合计", "总金额", "总价", "应收金额", "实收金额", "实付金额", "本币金额",
                        "Order Total", "Order Value", "Total", "Total Amount", "Line Total", "Line Amount", "Sales", "Sales Amount",
                        "Net Amount", "Net Value", "Revenue", "Invoice Amount", "Grand Total", "Item Total", "Total Price", "Subtotal", "Order Lines/Subtotal", "NETWR", "LineTotal")),
        Column("cost", "成本（元）", "Cost (CNY)", "amount", unit="元", aliases=("成本", "成本金额", "Cost", "Cost Amount"),
               exports=("销售成本", "主营业务成本", "总成本", "结转成本", "Total Cost", "Cost of Goods Sold", "COGS", "WAVWR")),
        Column("profit", "毛利（元）", "Gross profit (CNY)", "amount", unit="元", aliases=("毛利", "毛利额", "Gross Profit", "Profit"),
               exports=("销售毛利", "利润", "利润额", "Gross Margin", "Margin")),
        Column("currency", "币种", "Currency", "currency", aliases=("货币", "币别", "Currency Code"),
               exports=("外币", "结算币种", "交易币种", "Curr", "WAERK", "DocCur")),
    ),
)

STANDARD = (INFO, EVALUATION, TRACKING)
#: Sheets a workbook may have besides; each switches on what needs it (handbook §2).
OPTIONAL = (INDICATORS, SERVICE, CONTACTS, RENEWALS, TASKS, ORDERS)
BY_KIND = {sheet.kind: sheet for sheet in STANDARD + OPTIONAL}
# fmt: on

#: Fields in which people write whole sentences; every other cell holds a value, a name or a list.
FREE = frozenset("remarks strategy actions effect problem improvement description subject action note evidence".split())


@functools.cache
def columns() -> dict[str, Column]:
    """Every column by its field, and by ``kind.field`` where it stands in an optional sheet.

    A field several sheets share is the first one's; an optional sheet's own is found under its kind (see `named`).
    """
    table = {f"{sheet.kind}.{column.field}": column for sheet in OPTIONAL for column in sheet.columns}
    for sheet in reversed(STANDARD + OPTIONAL):
        table.update({column.field: column for column in sheet.columns})
    return table


def named(kind: str, field: str) -> str:
    """The key of `columns` that has a field's header in one kind of sheet: ``amount`` in info, ``renewals.amount``."""
    return field if BY_KIND[kind] in STANDARD else f"{kind}.{field}"


def header(field: str, lang: str) -> str:
    """The header of a field that people type, in ``zh-CN`` or ``en``."""
    return columns()[field].header(lang)
