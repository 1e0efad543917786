"""Plain numbers and clauses."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from exchange.cells import Cell
from exchange.text import fold
from exchange.words import months

_CLAUSE_DATE = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](?:19|20)\d\d$|^(\d{4})-(\d{2})-(\d{2})$")


def read_decimal(cell: Cell) -> Decimal | None:
    """An amount with either decimal sign: ``1,5``, ``1.234,56 €``, ``2 500``."""
    if isinstance(cell.value, date):
        return None
    if isinstance(cell.value, (int, float)):
        return Decimal(str(cell.value))
    text = re.sub(r"[^\d.,\-]", "", cell.value)
    if "," in text and "." in text:
        thousands = "," if text.rfind(".") > text.rfind(",") else "."
        text = text.replace(thousands, "")
    elif text.count(",") == 1 or text.count(".") > 1:
        text = text.replace(".", "") if text.count(".") > 1 else text
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


def clause_from_date(cell: Cell) -> tuple[str, str] | None:
    """What a clause may have been before a program took it for a date: (day.month, month.day)."""
    if isinstance(cell.value, date):
        return f"{cell.value.day}.{cell.value.month}", f"{cell.value.month}.{cell.value.day}"
    if not isinstance(cell.value, str):
        return None
    match = _CLAUSE_DATE.match(cell.value.strip())
    if match:
        day, month = (match.group(1), match.group(2)) if match.group(1) else (match.group(5), match.group(4))
        return f"{int(day)}.{int(month)}", f"{int(month)}.{int(day)}"
    return _month_name_date(cell.value)


def _month_name_date(text: str) -> tuple[str, str] | None:
    parts = re.findall(r"[^\W\d_]+|\d+", fold(text))
    if len(parts) == 2 and parts[1] in months() and parts[0].isdecimal():
        return f"{int(parts[0])}.{months()[parts[1]]}", f"{months()[parts[1]]}.{int(parts[0])}"
    if len(parts) == 2 and parts[0] in months() and parts[1].isdecimal():
        return f"{int(parts[1])}.{months()[parts[0]]}", f"{months()[parts[0]]}.{int(parts[1])}"
    return None
