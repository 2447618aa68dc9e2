"""What one cell of a text file says: nothing, a number, a date, or a number in another dress.

Python's ``float`` takes more for numbers than people do: ``1_1``, digits of other scripts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

MISSING = {"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "?"}
TRUTH_VALUES = {"true", "false"}
POINT, COMMA = ".", ","
_NUMBER = {
    sign: re.compile(rf"[+-]?(\d+{mark}?\d*|{mark}\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
    for sign, mark in ((POINT, r"\."), (COMMA, ","))
}
_INFINITY = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_CODE = re.compile(r"0\d+", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_GROUPS = r"[1-9]\d{0,2}(?:([,.'’ \u00a0\u202f])\d{3})(?:\1\d{3})*"
_GROUPED = re.compile(rf"[+-]?{_GROUPS}", re.ASCII)
_PLAIN = r"[+−-]?[\d.,]*\d[\d.,]*"
_CURRENCY = "(?:[$€£¥]|EUR|USD|GBP|CHF)"
#: kinds of text that a person reads as a number
_DRESSED = {
    "percentages": re.compile(rf"{_PLAIN}\s*%", re.ASCII),
    "amounts of money": re.compile(
        rf"[+−-]?{_CURRENCY}\s*{_PLAIN}|{_PLAIN}\s*{_CURRENCY}", re.ASCII
    ),
    "numbers whose comma may be a decimal sign or a separator of thousands": re.compile(
        r"[+−-]?[1-9]\d{0,2},\d{3}", re.ASCII
    ),
    "numbers with thousands separators": re.compile(rf"[+−-]?{_GROUPS}(?:[.,]\d+)?", re.ASCII),
    "numbers with a decimal comma": re.compile(r"[+−-]?\d*,\d+(?:e[+-]?\d+)?", re.ASCII | re.I),
    "numbers with a typographic minus": re.compile(r"−[\d.]+", re.ASCII),
}
_TIME = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[ap]\.?m\.?)?"
_TIME_ALONE = re.compile(_TIME, re.ASCII | re.IGNORECASE)
_TIME_BEHIND = re.compile(rf"(T|,?\s+){_TIME}\s?(Z|UTC|[+-]\d\d:?\d\d)?$", re.ASCII | re.IGNORECASE)
_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d%m%Y", "%Y-%m", "%Y/%m"),
    *("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%d/%m/%y", "%m/%d/%Y", "%m/%d/%y"),
    *("%d-%m-%Y", "%d-%m-%y", "%m-%d-%Y", "%m-%d-%y", "%m/%Y", "%m.%Y"),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d %Y", "%B %d %Y"),
    *("%d. %B %Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%a %b %d %Y"),
)


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.lower() in MISSING


def number(cell: str, decimal: str = POINT) -> float | None:
    """The number that a cell is, infinite ones included; None if it is none.

    Parameters
    ----------
    decimal : "." or ",", the decimal sign
    """
    if _NUMBER[decimal].fullmatch(cell):
        return float(cell.replace(decimal, POINT))
    return float(cell) if _INFINITY.fullmatch(cell) else None


def is_word_of_infinity(cell: str) -> bool:
    """Whether a cell is "inf" or the like, which among other words is a word."""
    return _INFINITY.fullmatch(cell) is not None


def has_decimal(cell: str, decimal: str) -> bool:
    """Whether a cell is a number with this decimal sign, and can be nothing else.

    "1,234" may be a thousand and more, so it tells nothing.
    """
    return (
        decimal in cell
        and _NUMBER[decimal].fullmatch(cell) is not None
        and _GROUPED.fullmatch(cell) is None
    )


def are_codes(cells: Sequence[str]) -> bool:
    """Whether cells of digits are codes, such as 007: a number is not written with zeros ahead."""
    return any(map(_CODE.fullmatch, cells)) and all(map(_DIGITS.fullmatch, cells))


def dress(cell: str) -> str | None:
    """The kind of text that is read as a number and is not written as one; None for other text."""
    return next((kind for kind, pattern in _DRESSED.items() if pattern.fullmatch(cell)), None)


def is_date(cell: str) -> bool:
    """Whether a cell is a date, a month or a time of day, in one of the usual spellings."""
    if not any(map(str.isdigit, cell)):
        return False
    if _TIME_ALONE.fullmatch(cell):
        return True
    day = _TIME_BEHIND.sub("", cell).replace(",", "")
    if day.isdigit() and len(day) != 8:  # strptime takes 20201 for a date
        return False
    return any(_fits(day, form) for form in _DATES)


def _fits(day, form) -> bool:
    try:
        return 1800 <= datetime.strptime(day, form).year <= 2200
    except ValueError:
        return False
