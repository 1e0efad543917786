"""The first reading of a file: which sheet, which columns, and what only the whole sheet can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext

from exchange.cells import Row
from exchange.fields import FIELDS, NEEDED, Kind
from exchange.headings import heading_for
from exchange.known import Known
from exchange.layout import Column, Layout, Numbered, column_name, find_layout
from exchange.readers import SheetInfo, Source, Unreadable, XlsxFile
from exchange.rows import Classifier
from exchange.text import fold, fold_heading
from exchange.values.dates import day_order, read_date
from exchange.values.people import Person
from exchange.values.sites import Places, in_words
from exchange.values.vocabulary import legend
from exchange.words import phrases

HEAD_ROWS = 200
_SIDE_ROWS = 2_000
Progress = Callable[[int], None]


@dataclass(slots=True)
class Survey:
    """A sheet as a list of one kind, with what its other sheets and its notes say."""

    source: Source
    sheet: SheetInfo | None
    layout: Layout
    classifier: Classifier
    rows: int = 0
    last_row: int = 0
    orders: dict[int, Counter[str]] = field(default_factory=dict)
    proofs: dict[int, list[str]] = field(default_factory=dict)
    legend: dict[str, str] = field(default_factory=dict)
    sites: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def numbered_rows(self) -> Iterator[Numbered]:
        """Rows below the heading up to the last one that holds anything."""
        for number, row in _rows(self.source, self.sheet):
            if self.layout.first_data_row <= number <= self.last_row:
                yield number, row


@dataclass(slots=True)
class Options:
    """What a person may choose before the columns are told: sheet, heading row, and fields by column."""

    sheet: str | None = None
    header_row: int | None = None
    columns: dict[str, str | None] = field(default_factory=dict)


def survey(source: Source, kind: Kind, known: Known, options: Options, progress: Progress | None = None) -> Survey:
    """Read the file once; ``Unreadable`` when there is no list of this kind in it."""
    sheet, layout = _choose_sheet(source, kind, options)
    layout.choose(options.columns)
    found = Survey(source, sheet, layout, Classifier(layout))
    if isinstance(source, XlsxFile):
        _read_side_sheets(source, found)
    written = _read_through(found, progress)
    if found.last_row < layout.first_data_row:
        raise Unreadable("no_rows", gettext("The file has a heading and nothing below it."))
    _note_what_is_hidden(found)
    _collect_sites(found, known, written)
    return found


def _choose_sheet(source: Source, kind: Kind, options: Options) -> tuple[SheetInfo | None, Layout]:
    if not isinstance(source, XlsxFile):
        layout = find_layout(kind, list(islice(source.rows(), HEAD_ROWS)), options.header_row)
        return None, layout or _no_heading(kind, any(any(row) for _, row in islice(source.rows(), HEAD_ROWS)))
    wanted = [sheet for sheet in source.sheets if (sheet.name == options.sheet if options.sheet else not sheet.hidden)]
    if options.sheet and not wanted:
        text = gettext("There is no sheet “%(sheet)s” in the workbook.")
        raise Unreadable("no_heading", text % {"sheet": options.sheet})
    best: tuple[SheetInfo, Layout] | None = None
    filled = False
    for sheet in wanted:
        head = list(islice(source.rows(sheet), HEAD_ROWS))
        filled = filled or any(any(row) for _, row in head)
        layout = find_layout(kind, head, options.header_row)
        if layout and (best is None or layout.score > best[1].score):
            best = (sheet, layout)
    return best or (None, _no_heading(kind, filled))


def _no_heading(kind: Kind, filled: bool) -> Layout:
    if not filled:
        raise Unreadable("empty", gettext("There is nothing on the sheet."))
    expected = ", ".join(gettext("“%(name)s”") % {"name": heading_for(kind, name)} for name in NEEDED[kind])
    text = gettext("No row with headings was found. This list needs headings such as %(headings)s.")
    raise Unreadable("no_heading", text % {"headings": expected})


def _rows(source: Source, sheet: SheetInfo | None) -> Iterator[Numbered]:
    if isinstance(source, XlsxFile) and sheet is not None:
        return source.rows(sheet)
    assert not isinstance(source, XlsxFile)
    return source.rows()


def _read_through(found: Survey, progress: Progress | None) -> Iterable[str]:
    """Every row once; gives what stands in the column of sites of a register."""
    layout = found.layout
    sites = layout.by_field.get("sites")
    written: dict[str, None] = {}
    date_columns = [c for c in layout.columns if c.field and FIELDS[layout.kind][c.field].type in {"date", "status"}]
    width = len(layout.columns)
    for number, row in _rows(found.source, found.sheet):
        if any(cell is not None for cell in row):
            found.last_row = number
        if number < layout.first_data_row:
            _learn_legend(found, row)
            continue
        found.rows += 1
        if found.classifier.learn(number, row):
            _learn_orders(found, row, date_columns)
            if sites and (text := _text(row, sites.index)):
                written[text] = None
            width = max(width, len(row))
        else:
            _learn_legend(found, row)
        if progress and found.rows % 1000 == 0:
            progress(found.rows)
    if isinstance(found.source, XlsxFile):
        layout.columns += [Column(index, "", f"(column {index + 1})") for index in range(len(layout.columns), width)]
    for column in layout.columns:
        column.hidden = bool(found.sheet and column.index in found.sheet.hidden_columns)
    return written


def _learn_orders(found: Survey, row: Row, columns: list[Column]) -> None:
    for column in columns:
        cell = row[column.index] if column.index < len(row) else None
        if cell is None or not isinstance(cell.value, str):
            continue
        order = day_order(cell.value)
        if order and read_date(cell).kind == "date":
            found.orders.setdefault(column.index, Counter())[order] += 1
            proofs = found.proofs.setdefault(column.index, [])
            if len(proofs) < 3 and cell.text not in proofs:
                proofs.append(cell.text)


def _learn_legend(found: Survey, row: Row) -> None:
    for cell in row:
        if cell is not None and isinstance(cell.value, str) and len(cell.text) < 500:
            for code, meaning in legend(cell.text).items():
                found.legend.setdefault(code, meaning)


def _read_side_sheets(source: XlsxFile, found: Survey) -> None:
    """A sheet of sites and a sheet of people beside the list; nothing is taken from hidden sheets."""
    for sheet in source.sheets:
        if sheet is found.sheet or sheet.hidden:
            continue
        head = [row for _, row in islice(source.rows(sheet), _SIDE_ROWS)]
        found.people += _people_on(head)
        if not find_layout(found.layout.kind, list(enumerate(head[:HEAD_ROWS], start=1))):
            found.sites += _sites_on(head)


def _sites_on(rows: list[Row]) -> list[str]:
    words = phrases("headings", "certificates", "sites")
    for position, row in enumerate(rows[:10]):
        for index, cell in enumerate(row):
            if cell is not None and fold_heading(cell.text) in words and len(row) <= 12:
                return [c.text.strip() for below in rows[position + 1 :] if index < len(below) and (c := below[index])]
    return []


def _people_on(rows: list[Row]) -> list[Person]:
    for position, row in enumerate(rows[:10]):
        headings = {fold(cell.text): index for index, cell in enumerate(row) if cell is not None}
        name = next((index for word, index in headings.items() if word in phrases("people_sheet", "name")), None)
        mail = next((index for word, index in headings.items() if word in phrases("people_sheet", "mail")), None)
        if name is not None and mail is not None:
            listed = ((_text(below, name), _text(below, mail)) for below in rows[position + 1 :])
            return [Person(who, where) for who, where in listed if who]
    return []


def _text(row: Row, index: int) -> str:
    cell = row[index] if index < len(row) else None
    return cell.text.strip() if cell else ""


def _note_what_is_hidden(found: Survey) -> None:
    """Things of the workbook that carry no value here, said once."""
    for column in found.layout.columns:
        if column.hidden:
            text = gettext("Column %(letter)s (%(heading)s) is hidden in the file; it is offered like any other.")
            found.remarks.append(text % {"letter": column.letter, "heading": column_name(column.key)})
    if isinstance(found.source, XlsxFile):
        hidden, shown = gettext("“%(name)s” (hidden)"), gettext("“%(name)s”")
        sheets = (sheet for sheet in found.source.sheets if sheet is not found.sheet)
        others = [(hidden if sheet.hidden else shown) % {"name": sheet.name} for sheet in sheets]
        if others and found.sheet:
            text = gettext("Only the sheet “%(sheet)s” is imported, not %(others)s.")
            found.remarks.append(text % {"sheet": found.sheet.name, "others": ", ".join(others)})
        colored = found.sheet.colored_rows if found.sheet else set()
        if any(row >= found.layout.first_data_row for row in colored):
            found.remarks.append(gettext("Colors of cells carry no value and are not read."))
        if found.source.date_system == 1904:
            text = gettext("The workbook counts days from 1904 (as spreadsheets made on a Mac may do).")
            found.remarks.append(text)


def _collect_sites(found: Survey, known: Known, written: Iterable[str]) -> None:
    """Sites known before, then those the workbook lists, then places that stand alone in a cell of a register."""
    places = Places((*known.sites, *found.sites))
    nothing_known = Places(())
    for text in written:
        if "," not in text and not in_words(text) and nothing_known.read(text).new == [text]:
            places.add(text)
    found.sites = places.names
