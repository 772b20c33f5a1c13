"""Which currency a word, a sign or a cell of a currency column names: ISO 4217 codes (handbook §12).

What could be two is neither: ¥ alone may be China's or Japan's, 卢比 India's or another's. A lone $ is the United States'
unless what stands around it names another dollar.
"""

from __future__ import annotations

import functools
import re

from kam_xl.core.entries import NOTHING, read
from kam_xl.core.texts import lowered

#: The currency that the product counts in; a rate is so many of it for one of another.
BASE = "CNY"

#: Code → what people write for it besides, in Simplified Chinese and small letters, without blanks.
WORDS: dict[str, tuple[str, ...]] = {
    "USD": ("美元", "美金", "美圆", "$", "us$", "usdollar", "usdollars"),
    "EUR": ("欧元", "€", "euro", "euros"),
    "GBP": ("英镑", "£", "poundsterling"),
    "JPY": ("日元", "日圆", "日币", "円", "jp¥", "yen", "japaneseyen"),
    "HKD": ("港元", "港币", "港圆", "港纸", "hk$", "hongkongdollar", "hongkongdollars"),
    "TWD": ("新台币", "台币", "台湾元", "nt$", "ntd", "newtaiwandollar"),
    "MOP": ("澳门元", "澳门币", "葡币", "mop$"),
    "KRW": ("韩元", "韩币", "韩圆", "₩", "won", "koreanwon", "southkoreanwon"),
    "SGD": ("新加坡元", "新加坡币", "新元", "坡币", "s$", "sg$", "singaporedollar", "singaporedollars"),
    "AUD": ("澳元", "澳币", "澳大利亚元", "a$", "au$", "australiandollar", "australiandollars"),
    "NZD": ("新西兰元", "纽元", "纽币", "nz$", "newzealanddollar"),
    "CAD": ("加元", "加币", "加拿大元", "c$", "ca$", "canadiandollar", "canadiandollars"),
    "CHF": ("瑞士法郎", "瑞郎", "swissfranc", "swissfrancs"),
    "SEK": ("瑞典克朗", "swedishkrona"),
    "NOK": ("挪威克朗", "norwegiankrone"),
    "DKK": ("丹麦克朗", "danishkrone"),
    "PLN": ("波兰兹罗提", "兹罗提", "zł", "zloty"),
    "CZK": ("捷克克朗", "kč", "czechkoruna"),
    "HUF": ("匈牙利福林", "福林", "forint"),
    "RUB": ("俄罗斯卢布", "卢布", "₽", "rouble", "ruble", "roubles", "rubles"),
    "UAH": ("乌克兰格里夫纳", "₴", "hryvnia"),
    "KZT": ("哈萨克斯坦坚戈", "坚戈", "₸", "tenge"),
    "TRY": ("土耳其里拉", "₺", "turkishlira"),
    "INR": ("印度卢比", "₹", "indianrupee", "indianrupees"),
    "PKR": ("巴基斯坦卢比", "pakistanirupee"),
    "BDT": ("孟加拉塔卡", "塔卡", "৳", "taka"),
    "THB": ("泰铢", "泰币", "฿", "baht", "thaibaht"),
    "VND": ("越南盾", "越盾", "₫", "vietnamesedong"),
    "MYR": ("马来西亚林吉特", "林吉特", "令吉", "马币", "ringgit"),
    "IDR": ("印尼盾", "印度尼西亚盾", "印尼卢比", "rupiah"),
    "PHP": ("菲律宾比索", "₱", "philippinepeso"),
    "MMK": ("缅甸元", "缅币", "kyat"),
    "AED": ("阿联酋迪拉姆", "迪拉姆", "uaedirham"),
    "SAR": ("沙特里亚尔", "saudiriyal"),
    "ILS": ("以色列新谢克尔", "新谢克尔", "₪", "shekel"),
    "EGP": ("埃及镑", "egyptianpound"),
    "NGN": ("尼日利亚奈拉", "奈拉", "₦", "naira"),
    "KES": ("肯尼亚先令", "kenyanshilling"),
    "ZAR": ("南非兰特", "兰特", "rand", "southafricanrand"),
    "BRL": ("巴西雷亚尔", "雷亚尔", "r$", "brazilianreal"),
    "MXN": ("墨西哥比索", "mx$", "mexicanpeso"),
    "CLP": ("智利比索", "chileanpeso"),
    "PEN": ("秘鲁索尔", "peruviansol"),
}  # fmt: skip
#: What $ alone may stand for.
DOLLARS = frozenset({"USD", "HKD", "TWD", "SGD", "AUD", "NZD", "CAD", "MOP", "MXN", "CLP"})
#: A word or sign, folded → its code.
FOREIGN = {word: code for code, words in WORDS.items() for word in (lowered(code), *words)}
_BASE_WORDS = dict.fromkeys(
    ("cny", "cnh", "rmb", "本币", "本位币", "cn¥", "人民币", "人民币元", "元", "yuan", "chineseyuan", "renminbi"), BASE
)
_NAMED = FOREIGN | _BASE_WORDS
_NAMES_OF_BASE = ("CNY", "CNH", "RMB")
#: Words that name money wherever they stand: won, rand and real are English words as well.
PLAIN = tuple(
    word for word in FOREIGN if not (word.isascii() and word.isalpha() and (len(word) > len(BASE) or word == "won"))
)
#: How the characters of these words are written in Traditional Chinese, for whoever has no dictionary at hand.
_TRADITIONAL = dict(zip("圆欧镑币纸台湾门韩亚兰纽麦兹罗卢乌纳萨坚铢马来宾缅联尔谢秘鲁",
                        "圓歐鎊幣紙臺灣門韓亞蘭紐麥茲羅盧烏納薩堅銖馬來賓緬聯爾謝祕魯", strict=True))  # fmt: skip
_PARTS = re.compile(r"[\s()\[\]{}【】,;、/|:\-–—]+")


def pattern() -> str:
    """A pattern of what names money within a text: codes in capitals, signs, and words in either script."""
    codes = "|".join((*WORDS, *_NAMES_OF_BASE))
    words = sorted(
        {word for word in (*PLAIN, "人民币") if not word.isalnum() or not word.isascii()}, key=len, reverse=True
    )
    return rf"(?<![A-Za-z])(?:{codes})(?![A-Za-z])|" + "|".join("".join(map(_in_either, word)) for word in words)


def _in_either(char: str) -> str:
    other = _TRADITIONAL.get(char)
    return f"[{char}{other}]" if other else re.escape(char)


def folded(text: str) -> str:
    """A text as the words of this table are written."""
    return "".join(read(text).split()).rstrip(".")


@functools.lru_cache(maxsize=4096)
def named(text: str) -> tuple[str | None, str | None]:
    """The code of the one currency that a cell names: ``USD``, ``美元``, ``美元(USD)``, ``HKD - Hong Kong Dollar``; blank names none."""
    if read(text) in NOTHING:
        return None, None
    whole = _NAMED.get(folded(text))
    found = {whole} if whole else {_NAMED[part] for part in _PARTS.split(read(text)) if part in _NAMED}
    return (found.pop(), None) if len(found) == 1 else (None, "currency_unparsed")


#: The language that a number format names for its sign, where the sign alone may be two: 411 is Japan's.
_BY_LANGUAGE = {
    "411": "JPY",
    "804": BASE,
    "404": "TWD",
    "c04": "HKD",
    "1404": "MOP",
    "1004": "SGD",
    "c09": "AUD",
    "1009": "CAD",
}
_SHOWN = re.compile(r'\[\$([^\]\-]*)(?:-([0-9a-f]+))?\]|"([^"]*)"|\\(.)|([$€£₩])', re.IGNORECASE)
_SECTION_END = re.compile(r'^(?:"[^"]*"|\\.|[^;"\\])*')


@functools.lru_cache(maxsize=4096)
def shown(code: str) -> str | None:
    """The currency, other than the product's own, that a number format shows: ``[$€-2] #,##0``, ``"US$"0.00``, ``$#,##0``."""
    section = _SECTION_END.match(code)
    found = {_of_format(*one.groups()) for one in _SHOWN.finditer(section[0] if section else "")} - {None}
    return found.pop() if len(found) == 1 else None


def _of_format(
    sign: str | None, language: str | None, quoted: str | None, escaped: str | None, plain: str | None
) -> str | None:
    word = folded(sign or quoted or escaped or plain or "")
    by_language = _BY_LANGUAGE.get(lowered(language or "").lstrip("0")) if word in ("$", "¥") else None
    found = by_language or FOREIGN.get(word)
    return None if found == BASE else found
