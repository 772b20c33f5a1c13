"""Which currency a cell names, in words of either script, as a sign or as a code → its ISO 4217 code (handbook §12)."""

from __future__ import annotations

import re
import string

from kam_xl.core.entries import is_nothing
from kam_xl.core.texts import folded

#: Code → what else people and programs call the currency, as `folded`.
NAMES = {
    "CNY": ("人民币", "人民币元", "元", "rmb", "cnh", "yuan", "¥", "￥", "本币", "本位币"),
    "USD": ("美元", "美金", "usdollar", "dollar", "us$", "$"),
    "EUR": ("欧元", "euro", "€"),
    "JPY": ("日元", "日圆", "yen"),
    "GBP": ("英镑", "poundsterling", "£"),
    "HKD": ("港元", "港币", "港纸", "hk$"),
    "MOP": ("澳门元", "澳门币", "葡币"),
    "TWD": ("新台币", "台币", "ntd", "nt$"),
    "KRW": ("韩元", "韩币", "won", "₩"),
    "SGD": ("新加坡元", "新币", "s$"),
    "AUD": ("澳元", "澳币", "a$"),
    "CAD": ("加元", "加币", "c$"),
    "CHF": ("瑞士法郎", "瑞郎"),
    "THB": ("泰铢", "baht"),
    "VND": ("越南盾",),
    "INR": ("印度卢比", "卢比", "rupee"),
    "RUB": ("卢布", "俄罗斯卢布", "ruble"),
    "MYR": ("林吉特", "马币"),
}
_CODES = {folded(word): code for code, words in NAMES.items() for word in (code, *words)}
#: A code nobody listed is one all the same: three letters.
_CODE = re.compile("[a-z]{3}")
_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def code_of(text: str) -> str | None:
    """The code of a currency: ``美元`` → USD, ``usd`` → USD; None for blanks; any other text as it is, a currency nobody knows."""
    if is_nothing(text):
        return None
    said = folded(text)
    return _CODES.get(said) or (said.translate(_CAPITALS) if _CODE.fullmatch(said) else text.strip())
