"""Colors: every pair that is used together reaches WCAG 2.2 AA, and no color stands outside the tokens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKENS = (ROOT / "static/css/tokens.css").read_text()
BLOCKS = re.findall(r"color-scheme: (light|dark);(.*?)\}", TOKENS, re.S)
STATES = ["active", "planned", "due", "risk", "overdue", "suspended", "withdrawn", "expired", "draft", "closed"]
INVERSE = {"withdrawn", "expired"}
GROUNDS = ["bg", "surface", "sunken"]


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs():
    """(foreground, background, least ratio) by token name."""
    yield from ((text, ground, 4.5) for text in ("text", "text2", "muted", "link") for ground in GROUNDS)
    yield from ((line, ground, 3) for line in ("border-strong", "focus") for ground in GROUNDS)
    yield from (("on-accent", ground, 4.5) for ground in ("accent", "accent-hover"))
    yield from ((text, "accent-soft", 4.5) for text in ("link", "text", "text2"))
    for state in STATES:
        yield f"{state}-fg", f"{state}-bg", 4.5
        yield f"{state}-solid", "surface", 3
        if state not in INVERSE:
            yield f"{state}-fg", "surface", 4.5
            yield f"{state}-fg", "sunken", 4.5


def test_three_themes_are_declared():
    assert [theme for theme, _ in BLOCKS] == ["light", "dark", "dark"]


def test_the_two_dark_blocks_are_equal():
    assert BLOCKS[1][1].split() == BLOCKS[2][1].split()


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_pairs_reach_their_contrast(number):
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", BLOCKS[number][1]))
    weak = [
        f"{fore} on {back}: {ratio(tokens[fore], tokens[back]):.2f} < {least}"
        for fore, back, least in pairs()
        if ratio(tokens[fore], tokens[back]) < least
    ]
    assert weak == []


def test_the_formula_knows_black_on_white():
    assert round(ratio("#000000", "#FFFFFF"), 2) == 21
