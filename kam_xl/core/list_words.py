"""The words that tell what a list holds: whom it is about, and what lists of goods, orders, payments, suppliers and staff have.

They are compared folded (`texts.heading`); `headings` and `guesses` read them.
"""

from __future__ import annotations

# fmt: off
#: What other programs call a phone, mobile ones first: one of them is read, another beside it is an own column.
PHONES = (
    "手机号码", "手机号", "手机电话", "移动电话", "行动电话", "手机/电话", "电话/手机", "联系手机", "联系人手机", "电话号码", "联系人电话", "联络电话",
    "连络电话", "客户电话", "公司电话", "单位电话", "办公电话", "固定电话", "固话", "座机", "座机号", "座机号码", "市话", "Mobile Phone", "Mobile No",
    "Mobile Number", "Cell", "Cell Phone", "Cellphone", "Contact Phone", "Contact Number", "Contact No", "Phone Number", "Phone No", "Telephone Number",
    "Telephone No", "Tel", "Tel No", "Business Phone", "Office Phone", "Primary Phone", "Landline", "TELF1",
)
#: Headers of lists of anything: below customers they name a field, yet they are no sign that there are customers below.
EVERYWHERE = (
    "编号", "编码", "代码", "代号", "单位编码", "ID", "No", "Number", "Code", "Record ID",
    "名称", "公司名称", "企业名称", "单位名称", "公司全称", "公司", "企业", "Name", "Company", "Company Name", "Organization",
    "Organisation", "Organization Name", "Organisation Name", "Business Name", "Legal Name", "Display Name",
    "电话", "手机", "Phone", "Telephone", "Mobile", "Phone No", "移动电话", "办公电话", "公司电话", "规模",
    "产品", "主要产品", "主营产品", "产品/服务", "Products", "交易额", "交易金额", "Amount", "Total Amount", "标签", "Labels", "Tags",
    "备注", "说明", "附注", "Remarks", "Remark", "Notes", "Comments",
)
#: What a header or the name of a sheet says of customers, and of what lists of something else hold.
CUSTOMERS = ("客户", "顾客", "客商", "往来单位", "customer", "client", "account")
SOMETHING_ELSE = (
    "单价", "价格", "售价", "进价", "成本", "库存", "仓库", "规格", "型号", "品牌", "条码", "数量", "订单号", "订单编号", "单据", "发票", "快递",
    "供应商", "采购员", "预算", "科目", "工号", "工资", "薪", "员工", "学历", "price", "cost", "stock", "inventory", "warehouse", "sku",
    "barcode", "quantity", "qty", "orderno", "orderid", "ordernumber", "invoice", "supplier", "vendor", "budget", "balance", "debit",
    "salary", "employee", "借方", "贷方",
)
#: How a header of a list of payments begins; when a customer last paid may stand in a list of customers: 最近收款日期.
PAYMENTS = (
    "收款单", "付款单", "收款日期", "付款日期", "回款日期", "到账日期", "paymentno", "paymentid", "paymentnumber", "paymentdate", "receiptno",
    "receiptnumber", "receiptdate", "amountreceived",
)
SUPPLIERS = ("供应商", "供货商", "供货单位", "supplier", "vendor")
#: Whom and what a title tells of that stands above a list of anything but customers.
NO_CUSTOMERS = (
    "供应商", "供货商", "员工", "职工", "花名册", "人员名单", "商品", "产品目录", "产品清单", "物料", "存货", "仓库", "固定资产", "supplier", "vendor", "employee", "staff",
    "product list", "item list",
)
#: What a header is made of that is nearly one of the customers' IDs or names: whom it is about, and what of them.
PARTIES = (
    "客户", "顾客", "会员", "客商", "往来单位", "单位", "门店", "经销商", "代理商", "商户", "店铺", "终端", "网点", "医院", "学校", "用户", "公司", "企业", "customer", "client", "account", "acct", "cust",
    "company", "member", "dealer", "kunden", "kunde",
)  # fmt: skip
ID_WORDS = ("编码", "编号", "代码", "代号", "卡号", "序列号", "号码", "号", "识别码", "id", "no", "nr", "nummer", "number", "code", "key", "ref")
NAME_WORDS = ("名称", "全称", "全名", "名", "抬头", "name", "title")
#: IDs that authorities give: they tell customers apart where nothing better does.
OFFICIAL_IDS = ("统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "taxid", "vatid", "vatnumber", "vatno")
# fmt: on
