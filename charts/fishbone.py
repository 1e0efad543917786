"""Cause and effect (Ishikawa): branches along a spine that ends in the effect; roots stand out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charts.text import fitted, width

SIZE = 13
LINE = 15
PITCH = 126
BONE = 96
TOP = 22
HEAD_WIDTH, HEAD_LINES = 104, 5
LEFT = 12
ROOM = 96
MOST_LINES = 3


@dataclass(frozen=True)
class Cause:
    """A cause on a branch; ``root`` marks one that the plan must remove."""

    branch: str
    text: str
    root: bool = False


@dataclass(frozen=True)
class Words:
    """Lines of one text from ``y`` down, ``LINE`` apart."""

    x: float
    lines: tuple[tuple[int, str], ...]
    root: bool


@dataclass(frozen=True)
class Bone:
    """A branch from its name to the spine, with its causes beside it."""

    name: str
    name_x: float
    name_y: int
    x1: float
    y1: int
    x2: float
    y2: int
    root: bool
    causes: tuple[Words, ...]


@dataclass(frozen=True)
class Fishbone:
    """The whole picture."""

    width: int
    height: int
    spine_y: int
    spine_end: float
    bones: tuple[Bone, ...]
    head_x: float
    head_middle: float
    head_y: int
    head_width: int
    head_height: int
    head: tuple[tuple[int, str], ...]


def fishbone(effect: str, causes: Iterable[Cause]) -> Fishbone:
    """Place the branches in the order in which they come, in turn above and below the spine."""
    branches: dict[str, list[Cause]] = {}
    for cause in causes:
        branches.setdefault(cause.branch, []).append(cause)
    names = list(branches)
    wrapped = {name: [_wrap(cause.text, ROOM) for cause in branches[name]] for name in names}
    deep = max((sum(map(len, lines)) * LINE + 6 * len(lines) for lines in wrapped.values()), default=0)
    bone = max(BONE, deep + 14)
    spine_y = TOP + 8 + bone
    columns = max((len(names) + 1) // 2, 1)
    spine_end = LEFT + columns * PITCH + ROOM - 22.0
    bones = [_bone(name, branches[name], wrapped[name], place, spine_y, bone) for place, name in enumerate(names)]
    return _whole(effect, tuple(bones), spine_y, spine_end, below=len(names) > 1)


def _bone(
    name: str, causes: Sequence[Cause], wrapped: Sequence[Sequence[str]], place: int, spine_y: int, bone: int
) -> Bone:
    above = place % 2 == 0
    foot = LEFT + (place // 2 + 1) * PITCH - (58.0 if above else 24.0)
    tip = foot - 52
    y1 = spine_y - bone if above else spine_y + bone
    y = spine_y - bone + 14 if above else spine_y + 22
    placed = []
    for cause, lines in zip(causes, wrapped, strict=True):
        nearest = y + LINE * (len(lines) - 1) if above else y  # the line that comes closest to the bone
        x = tip + (foot - tip) * abs(nearest - y1) / bone + 8
        placed.append(Words(round(x, 1), tuple((y + LINE * n, line) for n, line in enumerate(lines)), cause.root))
        y += LINE * len(lines) + 6
    name_y = y1 - 8 if above else y1 + 17
    return Bone(name, tip, name_y, tip, y1, foot, spine_y, any(c.root for c in causes), tuple(placed))


def _whole(effect: str, bones: tuple[Bone, ...], spine_y: int, spine_end: float, below: bool) -> Fishbone:
    lines = _wrap(effect, HEAD_WIDTH - 16, HEAD_LINES)
    height = LINE * len(lines) + 16
    top = spine_y - height // 2
    head = tuple((top + 19 + LINE * n, line) for n, line in enumerate(lines))
    bottom = max((bone.name_y for bone in bones), default=spine_y) if below else spine_y
    return Fishbone(
        round(spine_end + HEAD_WIDTH + 6),
        max(bottom + 12, top + height + 8),
        spine_y,
        spine_end,
        bones,
        spine_end + 2,
        spine_end + 2 + HEAD_WIDTH / 2,
        top,
        HEAD_WIDTH,
        height,
        head,
    )


def _wrap(text: str, room: float, most: int = MOST_LINES) -> tuple[str, ...]:
    """The text in lines that fit into the room; what is left over is shortened on the last one."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, SIZE) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return tuple(fitted(line, SIZE, room) for line in lines)
