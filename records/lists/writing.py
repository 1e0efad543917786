"""A list as a file, with exactly the rows and columns that are shown."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from records.sheets import write_csv_lines, write_workbook

IN_MEMORY = 5 * 1024 * 1024
AT_ONCE = 500


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The list as CSV (UTF-8 with a mark, commas), some lines at a time."""
    yield "\ufeff".encode()
    left = iter(rows)
    yield _lines([headings])
    while some := list(islice(left, AT_ONCE)):
        yield _lines(some)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    write_csv_lines(text, rows)
    return text.getvalue().encode()


def write_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """The list as a workbook with typed dates."""
    target = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it when it is sent
    write_workbook(cast(Any, target), title, headings, rows)
    target.seek(0)
    return target
