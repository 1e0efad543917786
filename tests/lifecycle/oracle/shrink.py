"""The smallest document that still shows a difference: what a person wants to read when a random one fails."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Path = tuple[str | int, ...]


def shrink(document: dict[str, Any], still_fails: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Leave out records and fields, largest first, as long as ``still_fails`` holds."""
    smaller = True
    while smaller:
        smaller = False
        for path in list(paths(document)):
            candidate = without(document, path)
            if candidate is not None and still_fails(candidate):
                document, smaller = candidate, True
    return document


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """Every field and list entry, the outer ones first, entries from the last on."""
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(reversed(list(enumerate(value))))
    yield from ((*above, key) for key, _ in children)
    for key, child in children:
        yield from paths(child, (*above, key))


def without(document: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """A copy without one field or entry; None when it is gone already."""
    copy = deepcopy(document)
    place: Any = copy
    try:
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return copy
