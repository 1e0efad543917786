"""How wide a text is, near enough to keep labels apart. Measured on Inter, weight 600, in parts of the font size."""

from __future__ import annotations

_WIDTHS = {
    0.25: " ijl",
    0.31: "!,.:I·’",
    0.37: "'();[]`t|",
    0.40: "/1\\fr",
    0.46: "-_{}",
    0.50: '"^–',
    0.55: "*?Laksxz",
    0.61: "257EFJbcdehnopquvy",
    0.66: "#$&+034689<=>BPRSTZg~",
    0.71: "DKXY",
    0.76: "ACGHNOQUV",
    0.86: "w",
    0.92: "Mm…",
    1.00: "%@W",
}
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OTHER = 0.66


def width(text: str, size: float) -> float:
    """The width of the text at a font size, in the unit of the size."""
    return sum(_WIDTH_OF.get(character, _OTHER) for character in text) * size


def fitted(text: str, size: float, room: float) -> str:
    """The text, shortened with an ellipsis until it fits into the room."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
