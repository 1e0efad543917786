"""The next number after the last one, in the way the organization counts."""

from __future__ import annotations

import re


def next_number(last: str | None, first: str) -> str:
    """``NC-0149`` after ``NC-0148``; ``first`` when there is none, or none that ends in digits."""
    digits = re.search(r"(\d+)(\D*)$", last or "")
    if last is None or digits is None:
        return first
    return f"{last[: digits.start()]}{int(digits[1]) + 1:0{len(digits[1])}}{digits[2]}"
