"""What a spreadsheet program shows for a number: the stored 48214 with format ``0000000`` is ``0048214``."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
}  # fmt: skip
_NOT_CODE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_PADDED = re.compile(r"^([#?,]*)(0[0#,]*|#*)(\.(0+))?$")
_LITERALS = re.compile(r'"([^"]*)"|\\(.)')
EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)


@lru_cache(maxsize=2_000)
def date_parts(code: str) -> str:
    """Which parts of a date a format shows, in its order (``dmy``, ``ym``, ``dm`` ...); empty for other formats."""
    bare = _NOT_CODE.sub("", code.split(";")[0]).lower().replace("am/pm", "").replace("a/p", "")
    if "general" in bare or not re.search(r"[dmyhs]", bare) or re.search(r"[0#?@]", bare.replace(".0", "")):
        return ""
    if not re.search(r"[dy]", bare) and re.search(r"[hs]", bare):
        return "time"
    bare = re.sub(r"h+[^dmyhs]*m+|m+[^dmyhs]*s+|[hs]", "", bare)
    parts = ""
    for letter in re.findall(r"d+|m+|y+", bare):
        if letter[0] == "d" and len(letter) > 2:
            continue
        if letter[0] not in parts:
            parts += letter[0]
    return parts


def day_of_serial(serial: float, date_system: int) -> date | None:
    """The civil date of a day number in the 1900 or 1904 system; None outside the years Python knows."""
    try:
        if date_system == 1904:
            return EPOCH_1904 + timedelta(days=int(serial))
        return EPOCH_1900 + timedelta(days=int(serial) + (1 if 0 < serial < 60 else 0))
    except OverflowError:
        return None


def shown(number: float, code: str) -> str:
    """The digits as shown: leading zeros and decimals of the format, otherwise the plain number."""
    if code and code not in {"General", "@"}:
        padded = _padded(number, code.split(";")[0])
        if padded is not None:
            return padded
    return plain(number)


def plain(number: float) -> str:
    """A number without an empty fraction: 2015.0 → 2015."""
    if isinstance(number, int) or (number == int(number) and abs(number) < 1e15):
        return str(int(number))
    return repr(round(number, 10))


def _padded(number: float, code: str) -> str | None:
    """Only formats made of zeros, hashes, one decimal point and literal text; others show as plain numbers."""
    prefix, digits, suffix = _cut_literals(code)
    match = _PADDED.match(digits)
    if not match or number < 0:
        return None
    whole, decimals = match.group(2).replace(",", "").count("0"), len(match.group(4) or "")
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    units, _, fraction = format(rounded, "f").partition(".")
    return prefix + units.rjust(whole, "0") + (f".{fraction}" if decimals else "") + suffix


def _cut_literals(code: str) -> tuple[str, str, str]:
    bare = re.sub(r"\[[^\]]*\]|_.|\*.", "", code)
    marked = _LITERALS.sub(lambda m: "\x00" + (m.group(1) or m.group(2) or "") + "\x00", bare)
    pieces = [piece for piece in re.split("(\x00[^\x00]*\x00)", marked) if piece]
    digits = [i for i, piece in enumerate(pieces) if not piece.startswith("\x00")]
    if len(digits) != 1:
        return "", "?", ""
    middle = digits[0]
    return (
        "".join(pieces[:middle]).replace("\x00", ""),
        pieces[middle],
        "".join(pieces[middle + 1 :]).replace("\x00", ""),
    )
