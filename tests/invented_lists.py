"""Customer lists of many makers and habits, all invented: rows as they stand in a sheet, and who is in them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from kam_xl.core.books import Book, RawSheet

BLANK: tuple = ()


class Invented(NamedTuple):
    """One list: its sheets by name, what customers it holds (ID → name), and what only people know of it."""

    sheets: dict[str, list]
    customers: dict[str, str]
    asks: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()  # what `--map` is told
    by_name: bool = False
    name: str = "list.xlsx"

    def book(self) -> Book:
        """The list as it is read."""
        return Book(
            self.name, self.name.rpartition(".")[0], tuple(sheet(name, rows) for name, rows in self.sheets.items())
        )


def sheet(name: str, rows: list) -> RawSheet:
    """A sheet out of rows that may be of different length."""
    width = max(map(len, rows), default=0)
    return RawSheet(name, [[*row] + [""] * (width - len(row)) for row in rows])


def day(year: int, month: int, number: int) -> dt.date:
    return dt.date(year, month, number)


TWO = {"A100": "甲辰机电有限公司", "A200": "乙巳贸易有限公司"}

LISTS: dict[str, Invented] = {
    # --- programs -----------------------------------------------------------------------------------------------------
    "yonyou_u8": Invented(
        {"客户档案": [["客户档案"], ["所属分类：01 华东"], ["客户编码", "客户名称", "客户简称", "所属分类", "分管部门", "专管业务员"],
                    ["01001", "甲辰机电有限公司", "甲辰", "01", "402", "010"], ["01002", "乙巳贸易有限公司", "乙巳", "01", "402", "011"],
                    ["合计", "2"]]},
        {"01001": "甲辰机电有限公司", "01002": "乙巳贸易有限公司"}),
    "kingdee_cloud": Invented(
        {"客户": [["单据状态", "禁用状态", "编码", "名称", "使用组织", "联系电话", "销售员", "备注"],
                ["已审核", "否", "CUST0001", "甲辰机电有限公司", "华东公司", "021-55550001", "张三", ""],
                ["已审核", "否", "CUST0002", "乙巳贸易有限公司", "华东公司", "021-55550002", "李四", "年度框架"]]},
        {"CUST0001": "甲辰机电有限公司", "CUST0002": "乙巳贸易有限公司"}),
    "kingdee_k3": Invented(
        {"Sheet1": [["FItemID", "FNumber", "FName", "FShortName", "FContact", "FPhone", "FTrade"],
                    ["301", "01.001", "甲辰机电有限公司", "甲辰", "周明", "021-55550001", "机械"],
                    ["302", "01.002", "乙巳贸易有限公司", "乙巳", "吴珊", "021-55550002", "贸易"]]},
        {"01.001": "甲辰机电有限公司", "01.002": "乙巳贸易有限公司"}),
    "fxiaoke": Invented(
        {"客户数据": [["客户名称（必填）", "客户编号", "负责人", "负责人主属部门", "归属部门", "成交状态", "最后一次成交时间", "生命状态", "电话"],
                  ["甲辰机电有限公司", "20261101-000001", "张三", "华东一部", "华东", "已成交", day(2026, 9, 1), "正常", "021-55550001"],
                  ["乙巳贸易有限公司", "20261101-000002", "李四", "华东二部", "华东", "未成交", "", "正常", "021-55550002"]]},
        {"20261101-000001": "甲辰机电有限公司", "20261101-000002": "乙巳贸易有限公司"}),
    "salesforce": Invented(
        {"report": [["Account Owner", "Account ID", "Account Name", "Billing City", "Industry", "Account Phone", "Last Modified Date"],
                    ["A. Lee", "0015g00000ABCDE", "Alder Machines Ltd", "Leeds", "Machinery", "+44 113 555 0101", day(2026, 9, 1)],
                    ["B. Roy", "0015g00000ABCDF", "Birch Trading GmbH", "Bonn", "Retail", "+49 228 555 0102", day(2026, 9, 4)]]},
        {"0015G00000ABCDE": "Alder Machines Ltd", "0015G00000ABCDF": "Birch Trading GmbH"}),
    "zoho": Invented(
        {"Accounts": [["Account Id", "Account Owner", "Account Name", "Account Site", "Phone", "Account Type", "Industry", "Employees", "Description"],
                      ["zcrm_4150868000000225013", "Lee", "Alder Machines Ltd", "HQ", "555-0101 22", "Customer", "Machinery", "120", ""],
                      ["zcrm_4150868000000225014", "Roy", "Birch Trading GmbH", "HQ", "555-0102 33", "Customer", "Retail", "40", "renew"]]},
        {"ZCRM_4150868000000225013": "Alder Machines Ltd", "ZCRM_4150868000000225014": "Birch Trading GmbH"}),
    "hubspot": Invented(
        {"hubspot-crm-exports": [["Record ID", "Company name", "Company owner", "Create Date", "Phone Number", "City", "Industry", "Number of Employees"],
                                 ["8123450001", "Alder Machines Ltd", "Lee", "2024-03-01 10:22", "+1 202-555-0101", "Austin", "MACHINERY", "120"],
                                 ["8123450002", "Birch Trading Inc", "Roy", "2024-04-11 09:00", "+1 202-555-0102", "Boston", "RETAIL", "40"]]},
        {"8123450001": "Alder Machines Ltd", "8123450002": "Birch Trading Inc"}),
    "pipedrive": Invented(
        {"organizations": [["Organization - ID", "Organization - Name", "Organization - Owner", "Organization - Address", "Organization - Open deals"],
                           ["17", "Alder Machines Ltd", "Lee", "Leeds, UK", 2.0], ["18", "Birch Trading GmbH", "Roy", "Bonn, DE", 0.0]]},
        {"17": "Alder Machines Ltd", "18": "Birch Trading GmbH"}),
    "sap_kna1": Invented(
        {"KNA1": [["MANDT", "KUNNR", "LAND1", "NAME1", "ORT01", "PSTLZ", "BRSCH", "TELF1", "KTOKD", "ERDAT"],
                  ["100", "0000100001", "CN", "甲辰机电有限公司", "上海", "200000", "MASC", "021-55550001", "KUNA", "20240105"],
                  ["100", "0000100002", "CN", "乙巳贸易有限公司", "苏州", "215000", "TRAD", "0512-55550002", "KUNA", "20240212"]]},
        {"0000100001": "甲辰机电有限公司", "0000100002": "乙巳贸易有限公司"}),
    "odoo": Invented(
        {"res.partner": [["External ID", "Name", "Is a Company", "Related Company", "Salesperson", "Phone", "City", "Tags", "Notes"],
                         ["__export__.res_partner_12_a1b2", "Alder Machines Ltd", "True", "", "Lee", "+44 113 555 0101", "Leeds", "VIP", ""],
                         ["__export__.res_partner_13_c3d4", "Birch Trading GmbH", "True", "", "Roy", "+49 228 555 0102", "Bonn", "", ""]]},
        {"__EXPORT__.RES_PARTNER_12_A1B2": "Alder Machines Ltd", "__EXPORT__.RES_PARTNER_13_C3D4": "Birch Trading GmbH"}),
    "northwind": Invented(
        {"Customers": [["CustomerID", "CompanyName", "ContactName", "ContactTitle", "Address", "City", "Region", "PostalCode", "Country", "Phone", "Fax"],
                       ["ALDER", "Alder Machines Ltd", "Ann Lee", "Owner", "1 Elm St", "Leeds", "", "LS1", "UK", "(113) 555-0101", ""],
                       ["BIRCH", "Birch Trading GmbH", "Bo Roy", "Buyer", "2 Oak St", "Bonn", "", "53111", "Germany", "0228-555 0102", ""]]},
        {"ALDER": "Alder Machines Ltd", "BIRCH": "Birch Trading GmbH"}),
    # --- people -------------------------------------------------------------------------------------------------------
    "title, two rows, footer": Invented(
        {"Sheet1": [["2026年重点客户一览表"], ["填报单位：华东区", "", "", "单位：万元"], BLANK,
                    ["序号", "客户代号", "客户名", "联系方式", "", "本年成交"], ["", "", "", "姓名", "手机", ""],
                    [1.0, "HD-001", "甲辰机电有限公司", "赵某", "13900000001", 120.0], [2.0, "HD-002", "乙巳贸易有限公司", "钱某", "13900000002", 80.0],
                    ["合计", "", "", "", "", 200.0], ["制表人：孙某", "", "审核：李某"], ["第1页 共3页"]]},
        {"HD-001": "甲辰机电有限公司", "HD-002": "乙巳贸易有限公司"}),
    "traditional": Invented(
        {"工作表1": [["客戶編號", "客戶名稱", "產業別", "聯絡人", "電話", "累計交易額（萬元）"],
                   ["T01", "甲辰機電股份有限公司", "機械", "趙某", "02-2555-0101", 30.0], ["T02", "乙巳貿易股份有限公司", "零售", "錢某", "02-2555-0102", 12.0]]},
        {"T01": "甲辰機電股份有限公司", "T02": "乙巳貿易股份有限公司"}),
    "both languages": Invented(
        {"Customers": [["客户编号 Customer No.", "客户名称 Customer Name", "城市 City", "电话 Tel"],
                       ["B1", "甲辰机电 Jiachen", "上海", "021-55550001"], ["B2", "乙巳贸易 Yisi", "苏州", "0512-55550002"]]},
        {"B1": "甲辰机电 Jiachen", "B2": "乙巳贸易 Yisi"}),
    "near words": Invented(
        {"清单": [["客户唯一编码", "客户单位全称", "主要联系人姓名", "联系人手机号码", "客户所属行业大类"],
                ["A100", "甲辰机电有限公司", "赵某", "13900000001", "机械"], ["A200", "乙巳贸易有限公司", "钱某", "13900000002", "零售"]]},
        TWO),
    "member shop": Invented(
        {"会员": [["会员卡号", "门店名称", "店长", "店长电话", "开卡日期", "累计消费（元）"],
                ["A100", "甲辰机电有限公司", "赵某", "13900000001", day(2022, 1, 5), 520000.0],
                ["A200", "乙巳贸易有限公司", "钱某", "13900000002", day(2023, 2, 5), 90000.0]]},
        TWO),
    "tax number as ID": Invented(
        {"往来": [["统一社会信用代码", "单位名称", "开户行", "联系电话"],
                ["91310115MA1K4ABC1X", "甲辰机电有限公司", "工行", "021-55550001"], ["91320594MA1W8DEF2Y", "乙巳贸易有限公司", "建行", "0512-55550002"]]},
        {"91310115MA1K4ABC1X": "甲辰机电有限公司", "91320594MA1W8DEF2Y": "乙巳贸易有限公司"}),
    "no IDs": Invented(
        {"名单": [["客户名称", "联系人", "手机", "地区"], ["甲辰机电有限公司", "赵某", "13900000001", "华东"], ["乙巳贸易有限公司", "钱某", "13900000002", "华南"]]},
        {}, ("id",), by_name=True),
    "row numbers only": Invented(
        {"客户": [["序号", "公司名称", "联系人", "电话"], [1.0, "甲辰机电有限公司", "赵某", "13900000001"],
                [2.0, "乙巳贸易有限公司", "钱某", "13900000002"], [3.0, "丙午物流有限公司", "孙某", "13900000003"]]},
        {}, ("id",), by_name=True),
    "unknown headers": Invented(
        {"data": [["col_a", "col_b", "col_c", "col_d"], ["A100", "甲辰机电有限公司", "021-55550001", "x"], ["A200", "乙巳贸易有限公司", "021-55550002", "y"],
                  ["A300", "丙午物流有限公司", "021-55550003", "z"]]},
        TWO | {"A300": "丙午物流有限公司"}, ("id",), ("col_a=customer_id",)),
    "amount without unit": Invented(
        {"客户": [["客户编码", "客户名称", "Total Amount"], ["A100", "甲辰机电有限公司", 5200000.0], ["A200", "乙巳贸易有限公司", 900000.0]]},
        TWO, ("unit",), ("Total Amount=amount（元）",)),
    "German": Invented(
        {"Kunden": [["Kundennummer", "Firma", "Branche", "Ansprechpartner", "Telefon", "Kunde seit"],
                    ["10001", "Alder Maschinen GmbH", "Maschinenbau", "Anna Lee", "+49 228 555 0101", day(2019, 5, 2)],
                    ["10002", "Birch Handel AG", "Handel", "Bo Roy", "+49 228 555 0102", day(2020, 6, 3)],
                    ["10003", "Cedar Logistik GmbH", "Logistik", "Cy Ash", "+49 228 555 0103", day(2021, 7, 4)]]},
        {"10001": "Alder Maschinen GmbH", "10002": "Birch Handel AG", "10003": "Cedar Logistik GmbH"}),
    "one sheet a month": Invented(
        {"10月": [["客户编码", "客户名称", "销售额（元）"], ["A100", "甲辰机电有限公司", 100.0]],
         "11月": [["客户编码", "客户名称", "销售额（元）"], ["A200", "乙巳贸易有限公司", 200.0]]},
        TWO),
    "beside other sheets": Invented(
        {"说明": [["本表由销售部维护"]], "价格": [["型号", "单价"], ["M1", 5.0]],
         "客户池": [["客户编码", "客户名称", "跟进状态"], ["A100", "甲辰机电有限公司", "签约"], ["A200", "乙巳贸易有限公司", "洽谈"]]},
        TWO),
    "subtotals by region": Invented(
        {"名单": [["客户代号", "客户名", "销售额"], ["华东区"], ["A100", "甲辰机电有限公司", 52.0], ["小计", "", 52.0],
                ["华南区"], ["A200", "乙巳贸易有限公司", 9.0], ["小计", "", 9.0], ["合计", "", 61.0]]},
        TWO),
    "headers said again": Invented(
        {"打印": [["客户代号", "客户名", "城市"], ["A100", "甲辰机电有限公司", "上海"], ["第1页 共2页"], ["客户代号", "客户名", "城市"],
                ["A200", "乙巳贸易有限公司", "苏州"], ["第2页 共2页"], ["合计", "2家"]]},
        TWO),
    "English key accounts": Invented(
        {"Key accounts 2026": [["KEY ACCOUNTS"], BLANK, ["Acct #", "Account", "Segment", "Main contact", "Direct line", "First order"],
                               ["A100", "Alder Machines Ltd", "Enterprise", "Ann Lee", "+44 113 555 0101", day(2020, 1, 5)],
                               ["A200", "Birch Trading GmbH", "SMB", "Bo Roy", "+49 228 555 0102", day(2021, 2, 5)]]},
        {"A100": "Alder Machines Ltd", "A200": "Birch Trading GmbH"}),
    "snake_case": Invented(
        {"dump": [["customer_id", "customer_name", "industry", "phone", "created_at"], ["c-1", "Alder Machines Ltd", "Machinery", "+44 113 555 0101", day(2020, 1, 5)],
                  ["c-2", "Birch Trading GmbH", "Retail", "+49 228 555 0102", day(2021, 2, 5)]]},
        {"C-1": "Alder Machines Ltd", "C-2": "Birch Trading GmbH"}),
}  # fmt: skip

#: Lists of something else, of which nothing may be taken for a customer.
STRANGERS: dict[str, dict[str, list]] = {
    "orders": {"订单": [["订单号", "客户编码", "客户名称", "数量", "金额"], ["S1", "A100", "甲", 1.0, 5.0], ["S2", "A100", "甲", 2.0, 6.0], ["S3", "A200", "乙", 2.0, 6.0]]},
    "visits": {"拜访": [["客户代号", "客户名", "拜访日期"], *[["A100", "甲辰机电有限公司", day(2026, 1, n)] for n in range(1, 6)]]},
    "prices": {"价格表": [["编码", "名称", "规格", "单价", "备注"], ["P1", "螺丝", "M5", 0.2, ""], ["P2", "螺母", "M5", 0.1, ""]]},
    "staff": {"员工": [["工号", "姓名", "部门", "手机"], ["E1", "赵某", "销售部", "13900000001"], ["E2", "钱某", "财务部", "13900000002"]]},
    "suppliers": {"供应商": [["编号", "公司名称", "联系人", "电话"], ["S1", "甲辰机电有限公司", "赵某", "13900000001"]]},
    "suppliers by their title": {"Sheet1": [["供应商名录"], ["编码", "名称", "联系人", "电话"], ["S1", "甲辰机电有限公司", "赵某", "13900000001"], ["S2", "乙巳贸易有限公司", "钱某", "13900000002"]]},
    "ledger": {"科目": [["Account No", "Account Name", "Balance"], ["1001", "Cash", 5.0], ["1002", "Bank", 6.0]]},
    "no header": {"Sheet1": [["A100", "甲辰机电有限公司", "021-55550001"], ["A200", "乙巳贸易有限公司", "021-55550002"], ["A300", "丙午物流有限公司", "021-55550003"]]},
    "text": {"notes": [["Dear all,"], ["please find the list attached."]]},
}  # fmt: skip
