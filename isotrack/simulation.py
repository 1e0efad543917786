"""Simulating from a file: bytes in (YAML, JSON or JSON lines), answers or refusals out.

No Django and no database: the ``simulate`` command is a thin layer over this module, and the API uses
the same ``lifecycle.document.answer``. Whatever the bytes hold, the outcome is an answer or
``DocumentErrors``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from certifications.catalog import PlainLoader
from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer
from lifecycle.document.errors import WHOLE, refuse
from lifecycle.document.values import inside, printable

LARGEST_DOCUMENT = 5_000_000
DEEPEST_NESTING = 20
STANDARD_INPUT = "-"
_TOO_DEEP = f"nested more than {DEEPEST_NESTING} levels deep"


def read_bytes(name: str) -> bytes:
    """The bytes of a file or, for ``-``, of standard input; ``DocumentErrors`` says why not."""
    try:
        with open_bytes(name) as source:
            raw = source.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise cannot_read(name, error) from error
    if len(raw) > LARGEST_DOCUMENT:
        raise refuse(WHOLE, f"larger than {LARGEST_DOCUMENT:,} bytes")
    return raw


def open_bytes(name: str) -> BinaryIO:
    """The opened file; for ``-`` standard input. A name no file can have is an ``OSError`` too."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer
    if "\0" in name:
        raise OSError("the file name holds a NUL")
    return Path(name).open("rb")


def cannot_read(name: str, error: OSError) -> DocumentErrors:
    """One sentence for a missing file, a directory, a lack of permission."""
    return refuse(WHOLE, f'cannot read "{printable(name)}": {(error.strerror or str(error)).lower()}')


def load(raw: bytes) -> Any:
    """The document that the bytes hold, as YAML or JSON; dates stay text. ``DocumentErrors`` if none."""
    text = _decoded(raw)
    if text.lstrip().startswith(("{", "[")):
        with suppress(ValueError):  # what is no JSON may still be YAML in braces
            return load_json(text)
    return _load_yaml(text)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(WHOLE, f"not text in UTF-8 (byte {error.start + 1} fits no character)") from error


def load_json(text: str) -> Any:
    """Strict JSON without repeated fields; ``ValueError`` when it is none, ``DocumentErrors`` if repeated."""
    repeated: list[tuple[dict[str, Any], str]] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                repeated.append((found, name))
            found[name] = value
        return found

    try:
        document = json.loads(text, object_pairs_hook=collect, parse_constant=_refuse_constant)
        paths = {id(mapping): path for path, mapping in _mappings("", document)} if repeated else {}
    except RecursionError as error:
        raise refuse(WHOLE, _TOO_DEEP) from error
    if _is_deep(document):
        raise refuse(WHOLE, _TOO_DEEP)
    if repeated:
        raise DocumentErrors({_given_twice(inside(paths[id(mapping)], name)) for mapping, name in repeated})
    return document


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(DEEPEST_NESTING):
        level = [entry for value in level for entry in _entries(value)]
    return any(isinstance(value, dict | list) for value in level)


def _entries(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _given_twice(path: str) -> tuple[str, str]:
    return path, "given twice; give it once"


def _mappings(path: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for name, entry in value.items():
            yield from _mappings(inside(path, name), entry)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _mappings(f"{path}[{index}]", entry)


def _load_yaml(text: str) -> Any:
    try:
        _refuse_foreign_yaml(text)
        loader = PlainLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise refuse(WHOLE, "empty; a document needs at least ask")
        repeated = {_given_twice(path) for path in _repeated_keys("", node)}
        if repeated:
            raise DocumentErrors(repeated)
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise refuse(WHOLE, f"not YAML or JSON: {_yaml_problem(error)}") from error
    except (ValueError, OverflowError) as error:
        raise refuse(WHOLE, f"holds a number that cannot be read: {error}") from error


def _refuse_foreign_yaml(text: str) -> None:
    """Anchors, aliases, tags and deep nesting have no use in a document and can hide a bomb."""
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        where = f"line {event.start_mark.line + 1}" if event.start_mark else "somewhere"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refuse(WHOLE, f"{where}: anchors and aliases (& and *) are not allowed; write the value out")
        if getattr(event, "tag", None):
            raise refuse(WHOLE, f"{where}: tags (!) are not allowed; write plain values")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST_NESTING:
            raise refuse(WHOLE, f"{where}: {_TOO_DEEP}")


def _repeated_keys(path: str, node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name in seen:
                yield inside(path, name)
            seen.add(name)
            yield from _repeated_keys(inside(path, name), value)
    elif isinstance(node, yaml.SequenceNode):
        for index, entry in enumerate(node.value):
            yield from _repeated_keys(f"{path}[{index}]", entry)


def _yaml_problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{error.problem} (line {mark.line + 1}, column {mark.column + 1})"
    return " ".join(str(error).split())


def answer_lines(lines: Iterable[bytes], catalog: Catalog) -> Iterator[str]:
    """One JSON answer for each line of JSON, in order; a refused line answers its errors."""
    for line in lines:
        yield to_json(_answer_line(line, catalog))


def _answer_line(line: bytes, catalog: Catalog) -> dict[str, Any]:
    try:
        return answer(load_line(line), catalog)
    except DocumentErrors as errors:
        return errors.as_json()


def load_line(line: bytes) -> Any:
    """The document of one line, or of one request, as JSON; ``DocumentErrors`` says why it is none."""
    if len(line) > LARGEST_DOCUMENT:
        raise refuse(WHOLE, f"larger than {LARGEST_DOCUMENT:,} bytes")
    text = _decoded(line)
    try:
        return load_json(text)
    except ValueError as error:
        raise refuse(WHOLE, f"not JSON: {error}") from error


def to_json(result: dict[str, Any], *, indent: int | None = None) -> str:
    """JSON with letters as they are written."""
    return json.dumps(result, ensure_ascii=False, indent=indent, allow_nan=False)
