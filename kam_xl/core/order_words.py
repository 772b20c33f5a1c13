"""The words that tell what became of an order: which columns say it, which words mean that it does not count, or was taken back.

They are compared folded (`texts.heading`, and each part of a cell by itself); `order_lines` reads them.
"""

from __future__ import annotations

import functools
import re

from kam_xl.core.texts import essence, heading, simplified

# fmt: off
#: Columns of what became of an order as a whole: a word nobody knows in them is told.
_STATES = (
    "状态", "订单状态", "订单当前状态", "单据状态", "交易状态", "销售订单状态", "销售状态", "业务状态", "审核状态", "审批状态", "Status", "Order Status", "Document Status",
    "Sales Status", "Order State", "State of Order", "Invoice Status",
)
#: Columns of one side of it: of these only the words known below are heard.
_SIDES = (
    "退款状态", "售后状态", "退货状态", "退款/售后状态", "退换货状态", "付款状态", "支付状态", "发货状态", "Financial Status", "Payment Status", "Refund Status",
    "Return Status", "Fulfillment Status", "Delivery Status",
)
#: Columns of the kind of a document.
_TYPES = (
    "单据类型", "单据类别", "单据名称", "业务类型", "订单类型", "交易类型", "出库类型", "销售类型", "发票类型", "类型", "红蓝字", "红蓝标志", "红蓝标识", "Document Type", "Doc Type",
    "Transaction Type", "Order Type", "Billing Type", "Invoice Type", "Sales Document Type", "Type",
)
#: Columns that say yes, and columns that say when, an order was cancelled.
_FLAGS = ("作废", "已作废", "是否作废", "作废标志", "作废标记", "作废标识", "是否取消", "已取消", "是否删除", "已删除", "Cancelled", "Canceled", "Is Cancelled", "Is Canceled", "Void", "Voided", "Deleted")
_DAYS = ("取消时间", "取消日期", "作废时间", "作废日期", "Cancelled At", "Canceled At", "Cancelled On", "Canceled On", "Cancel Date", "Cancellation Date", "Date Cancelled", "Voided At")
_YES = frozenset("是 y yes true 1 √ ✓ ✔ 对 已作废 作废 已取消 取消 已删除".split())

#: What an order has become that nobody buys any more, or never was more than a thought.
_GONE = (
    "取消", "已取消", "订单取消", "订单已取消", "交易取消", "已撤销", "撤销", "撤单", "已撤单", "作废", "已作废", "订单作废", "废弃", "已废弃", "无效", "已无效", "无效订单", "删除", "已删除", "交易关闭", "交易已关闭",
    "买家取消", "卖家取消", "客户取消", "用户取消", "系统取消", "超时取消", "超时关闭", "退款", "已退款", "退款成功", "退款完成", "全额退款", "全部退款", "全额退款成功", "已全额退款", "已退货", "退货完成", "全部退货",
    "退货退款", "已退货退款", "退货退款成功", "已拒收", "拒收", "驳回", "已驳回", "已拒绝", "草稿", "暂存", "报价", "报价单", "询价", "取消订单", "关闭取消",
    "cancelled", "canceled", "cancel", "order cancelled", "order canceled", "cancelled by customer", "void", "voided", "refunded", "fully refunded", "full refund", "returned", "rejected", "declined",
    "failed", "expired", "deleted", "trash", "abandoned", "annulled", "reversed", "chargeback", "draft", "quotation", "quotation sent", "quote", "storniert",
)
#: What tells by itself neither that an order counts nor that it does not.
_OPEN = (
    "部分退款", "部分退货", "部分取消", "退款中", "退货中", "取消中", "申请退款", "申请取消", "退款申请中", "待退款", "待付款", "未付款", "待支付", "未支付", "等待买家付款", "待审核", "未审核", "待审批", "审批中", "审核中", "待确认", "未确认",
    "关闭", "已关闭", "订单关闭", "订单已关闭", "挂起", "已挂起", "冻结", "已冻结", "partially refunded", "partial refund", "pending", "pending payment", "payment pending", "unpaid", "awaiting payment", "on hold", "hold",
    "holded", "suspended", "closed", "awaiting approval", "pending approval", "unapproved",
)
#: What an order is on its way, or has come to.
_COUNTS = (
    "完成", "已完成", "交易完成", "交易成功", "订单完成", "成功", "已成交", "成交", "已发货", "待发货", "部分发货", "卖家已发货", "买家已付款", "等待卖家发货", "等待发货", "已出库", "待出库", "等待出库", "部分出库", "全部出库", "已收货", "待收货", "已签收",
    "待签收", "已付款", "已支付", "部分付款", "待开票", "已开票", "部分开票", "已审核", "审核", "审核通过", "已审批", "审批通过", "已通过", "通过", "已核准", "已批准", "已确认", "已生效", "生效", "执行中", "执行", "执行完毕", "已执行", "处理中", "进行中", "生产中", "备货中", "已结算",
    "已结清", "已入账", "已过账", "已记账", "已下单", "已接单", "正常", "有效", "已评价", "待评价", "蓝字", "completed", "complete", "done", "success", "successful", "shipped", "partially shipped", "delivered", "received", "dispatched", "paid", "partially paid",
    "processing", "in progress", "fulfilled", "unfulfilled", "partially fulfilled", "invoiced", "fully invoiced", "to invoice", "nothing to invoice", "sales order", "sale", "sale order", "locked", "open", "approved",
    "confirmed", "released", "posted", "booked", "authorized", "captured", "active", "accepted", "new", "ok", "normal", "valid", "fully delivered", "partially delivered", "partial",
)
#: Kinds of documents that take back what was bought, and kinds that are nothing bought.
_RETURNS = (
    "退货", "退货单", "销售退货", "销售退货单", "销售退货订单", "退货订单", "销售退库", "退库", "退库单", "退货入库", "销售退货入库", "红字", "红字发票", "红字单", "红字销售出库单", "红字销售出库", "红字销售发票", "红票", "红冲", "冲红", "负数发票", "退款", "退款单",
    "贷项", "贷项凭证", "贷项通知", "贷项通知单", "折让", "销售折让", "credit note", "credit memo", "credit memo request", "return", "returns", "sales return", "return order", "customer return", "refund",
    "refund receipt", "cancellation invoice", "gutschrift",
)
_NOT_BOUGHT = (
    "收款", "收款单", "销售收款", "付款", "付款单", "预收", "预收款", "预收单", "报价", "报价单", "销售报价", "销售报价单", "估价单", "采购入库", "调拨", "调拨单", "payment", "customer payment", "estimate",
    "quotation", "quote", "proforma", "proforma invoice", "deposit",
)
#: Headers that say that an amount is the whole order's.
_WHOLE = (
    "订单金额", "订单总额", "订单总金额", "订单总价", "订单合计", "订单实付金额", "订单应付金额", "买家实际支付金额", "买家应付货款", "用户实付金额", "商家实收金额", "实付金额", "合同金额", "合同总金额", "合同总额", "发票总额",
    "Order Total", "Order Amount", "Order Value", "Order Total Amount", "Grand Total", "Invoice Total",
)
#: Headers of an amount that may be the whole order's as well as the line's: what several orders say tells.
_PERHAPS_WHOLE = ("总金额", "总额", "总价", "Total", "Total Amount")
# fmt: on

#: What becomes of a line by what its cell says: it goes, nobody can tell, it stays, it is taken off, or it is nothing bought.
GONE, OPEN, COUNTS, RETURN, NOT_BOUGHT = "gone", "open", "counts", "return", "not_bought"
#: Kinds of columns that tell it.
STATE, SIDE, TYPE, FLAG, DAY = "state", "side", "type", "flag", "day"


@functools.cache
def _columns() -> dict[str, str]:
    told = {STATE: _STATES, SIDE: _SIDES, TYPE: _TYPES, FLAG: _FLAGS, DAY: _DAYS}
    return {heading(header): kind for kind, headers in told.items() for header in headers}


def column_kind(header: str) -> str | None:
    """What a column tells of an order: its state, one side of that, its kind, whether or when it was cancelled; else None."""
    return _columns().get(heading(header))


@functools.cache
def _states() -> dict[str, str]:
    return _by_essence({COUNTS: _COUNTS, OPEN: _OPEN, GONE: _GONE})


@functools.cache
def _types() -> dict[str, str]:
    return _by_essence({RETURN: _RETURNS, NOT_BOUGHT: _NOT_BOUGHT})


def _by_essence(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {essence(text): meaning for meaning, texts in words.items() for text in texts}


_PARTS = re.compile(r"[,;/|、()\[\]\n【】]+")
#: No longer text says what became of an order.
_LONGEST = 60


def meaning(kind: str, text: str) -> str | None:
    """What a cell of such a column says of its line; None of a blank one, and where its words are not known."""
    if len(text) > _LONGEST:
        return None
    said = simplified(text)
    if kind == FLAG:
        return GONE if said in _YES else None
    if kind == DAY:
        return GONE if any(char in "123456789" for char in said) else None
    known = _types() if kind == TYPE else _states()
    parts = [known.get(essence(part)) for part in (said, *_PARTS.split(said))]
    return next((one for one in (NOT_BOUGHT, GONE, RETURN, OPEN, COUNTS) if one in parts), None)


@functools.cache
def _whole(headers: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(heading, headers))


def is_of_whole_order(header: str) -> bool:
    """True for a header that says that its amounts are the whole order's."""
    return heading(header) in _whole(_WHOLE)


def may_be_of_whole_order(header: str) -> bool:
    """True for a header that may mean the whole order or its line."""
    return heading(header) in _whole(_PERHAPS_WHOLE)
