"""Reading files: encodings, separators, number formats, and files that want to do harm."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections.abc import Mapping
from datetime import date
from itertools import islice

import openpyxl
import pytest

from exchange.cells import Row
from exchange.readers import Unreadable, XlsxFile, open_source
from exchange.readers.encoding import detect
from tests.exchange.lists import csv_of, xlsx_of

LIST = [["Zertifikat-Nr.", "Norm", "gültig bis", "Standort"], ["ZN-1", "ISO 9001", "01.02.2027", "Zürich, Löwenstraße"]]
POLISH = [
    ["Nr certyfikatu", "Norma", "Data ważności", "Zakład"],
    ["PL-1", "PN-EN ISO 9001", "1.02.2027", "Łódź, ulica Świętego Józefa"],
]


def texts(row: Row) -> list[str | None]:
    return [cell.text if cell else None for cell in row]


def rows_of(content: bytes) -> list[list[str | None]]:
    source = open_source(io.BytesIO(content))
    numbered = source.rows(source.sheets[0]) if isinstance(source, XlsxFile) else source.rows()
    return [texts(row) for _, row in numbered]


def refusal(content: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        rows_of(content)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15", "mac_roman", "cp850"]
)
def test_encodings_and_separators_of_western_europe(encoding: str, delimiter: str) -> None:
    assert rows_of(csv_of(LIST, delimiter, encoding)) == LIST


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1250"])
def test_encodings_of_central_europe(encoding: str) -> None:
    assert rows_of(csv_of(POLISH, ";", encoding)) == POLISH


def test_japanese_and_cyrillic() -> None:
    assert rows_of(csv_of([["No", "Site"], ["1", "東京工場"]], ",", "shift_jis"))[1] == ["1", "東京工場"]
    assert rows_of(csv_of([["No", "Site"], ["1", "Нижний Новгород"]], ",", "cp1251"))[1] == ["1", "Нижний Новгород"]


def test_one_broken_byte_in_utf8_is_named_and_not_read_as_another_encoding() -> None:
    content = csv_of([["No", "Site"], ["1", "äöü äöü äöü"]]) + b"2,Graz\xff\n"
    assert str(refusal(content)).startswith("Line 3, character 7 can not be read as UTF-8.")


def test_a_person_may_name_the_encoding() -> None:
    content = csv_of(LIST, ";", "cp1252")
    assert detect(io.BytesIO(content)) == "windows-1252"
    source = open_source(io.BytesIO(content), "cp850")
    assert isinstance(source.encoding, str)
    assert source.encoding == "cp850"


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_the_separator_line_is_obeyed_and_counts_as_a_row(sign: str) -> None:
    content = f"sep={sign}\r\na{sign}b|c|d|e\r\n".encode()
    assert rows_of(content) == [[], ["a", "b|c|d|e"]]


def test_decimal_commas_do_not_make_columns() -> None:
    content = b"Nr;Tage;Ort\n1;1,5;Graz\n2;2,5;Graz\n3;0,5;Graz\n"
    assert rows_of(content)[1] == ["1", "1,5", "Graz"]


def test_quoted_line_breaks_stay_in_one_record() -> None:
    assert rows_of(b'a,b\n"x\r\ny ""z""",2\n3,4\n') == [["a", "b"], ['x\r\ny "z"', "2"], ["3", "4"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    assert rows_of(end.join(["a,b", "1,2", ""]).encode()) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize("text", ['a,b\n1,"2\n3,4\n', 'a,b\n1,"2\n3,4', 'a,b\n1,"'])
def test_a_quote_left_open_is_named_by_its_line(text: str) -> None:
    assert "opens on line 2 is never closed" in str(refusal(text.encode()))


@pytest.mark.parametrize("text", ['a,b\n1,2"\n', 'a,b\n1,5" pipe\n', 'a,b\n1,"2"\n', 'a,b\n1,"2""3"'])
def test_other_quotes_are_no_mistake(text: str) -> None:
    assert len(rows_of(text.encode())) == 2


def test_limits_of_a_text_file() -> None:
    assert "never closed" in str(refusal(b'a,b\n1,"' + b"x" * 140_000 + b'"\n'))
    assert refusal(b"a,b\n" + b"," * 1000 + b"1\n").reason == "too_large"
    assert rows_of(b"a,b" + b"," * 100_000 + b"\n1,2\n")[1] == ["1", "2"]


def test_a_protected_formula_loses_its_apostrophe_again() -> None:
    content = csv_of([["'=1+1", "'+49", "'-1", "'@x", "''=a", "' =a", "'quoted'", "it's"]])
    assert rows_of(content) == [["=1+1", "+49", "-1", "@x", "'=a", " =a", "'quoted'", "it's"]]


def test_values_of_a_workbook() -> None:
    content = xlsx_of(
        [["a", 1, 2.5, date(2027, 1, 12), True, 48214, 9.1]], {(0, 3): "dd.mm.yyyy", (0, 5): "0000000", (0, 6): "0.00"}
    )
    assert rows_of(content) == [["a", "1", "2.5", "2027-01-12", "TRUE", "0048214", "9.10"]]


def test_the_1904_date_system() -> None:
    source = open_source(io.BytesIO(xlsx_of([[date(2027, 1, 12)]], {(0, 0): "yyyy-mm-dd"}, date_1904=True)))
    assert isinstance(source, XlsxFile)
    assert source.date_system == 1904
    assert [texts(row) for _, row in source.rows(source.sheets[0])] == [["2027-01-12"]]


def written_by_openpyxl() -> bytes:
    """A workbook with merged cells, a formula that was never calculated, a hidden column and a gap of rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Cert. No.", "Standard", "Valid until"])
    sheet.append(["C1", "ISO 9001", date(2027, 1, 12)])
    sheet.append(["C2", None, "=C2+1"])
    sheet["A6"] = "C3"
    sheet.merge_cells("B2:B3")
    sheet.column_dimensions["B"].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_merged_cells_hold_for_each_of_their_rows_once_the_sheet_was_seen() -> None:
    source = open_source(io.BytesIO(written_by_openpyxl()))
    assert isinstance(source, XlsxFile)
    sheet = source.sheets[0]
    first = [texts(row) for _, row in source.rows(sheet)]
    second = [texts(row) for _, row in source.rows(sheet)]
    assert (first[2][1], second[2][1]) == (None, "ISO 9001")
    assert [len(row) for row in second] == [3, 3, 3, 0, 0, 1]
    assert sheet.hidden_columns == {1}


def test_a_formula_without_a_stored_value_is_an_error_value_and_not_nothing() -> None:
    source = open_source(io.BytesIO(written_by_openpyxl()))
    assert isinstance(source, XlsxFile)
    cell = list(source.rows(source.sheets[0]))[2][1][2]
    assert cell is not None
    assert (cell.error, cell.formula) == (True, True)


def package(parts: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def repacked(content: bytes, changes: dict[str, bytes | str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return package({**{name: archive.read(name) for name in archive.namelist()}, **changes})


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("ratio_of", [SHEET, "xl/media/image1.png"])
def test_a_bomb_is_refused_from_the_directory(ratio_of: str) -> None:
    content = repacked(xlsx_of([["a"]]), {ratio_of: b"0" * 60_000_000})
    tracemalloc.start()
    started = time.process_time()
    assert refusal(content).reason == "too_large"
    assert time.process_time() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_lie_about_the_size_is_caught_while_reading() -> None:
    honest = repacked(xlsx_of([["a"]]), {SHEET: b"<worksheet>" + b" " * 3_000_000 + b"</worksheet>"})
    start = honest.rindex(SHEET.encode()) - 46 + 24
    lie = honest[:start] + (1000).to_bytes(4, "little") + honest[start + 4 :]
    assert refusal(lie).reason in {"too_large", "damaged"}


def test_too_many_parts() -> None:
    assert refusal(package({f"part{i}": "" for i in range(2_100)})).reason == "too_large"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_entities_are_refused_in_every_part(part: str, doctype: str) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_of([["a"]]))) as archive:
        xml = archive.read(part).decode()
    head, _, body = xml.partition("?>")
    assert refusal(repacked(xlsx_of([["a"]]), {part: f"{head}?>{doctype}{body}"})).reason == "not_allowed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and no more", "damaged"),
        (package({"word/document.xml": "<x/>"}), "wrong_type"),
        (package({"content.xml": "<x/>", "mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "wrong_type"),
        (package({"xl/workbook.bin": "x"}), "wrong_type"),
        (package({"photo.jpg": "x"}), "wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "wrong_type"),
        (b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "old_format"),
        (b"\xff\xd8\xff\xe0 JFIF", "wrong_type"),
        (bytes(range(256)) * 20, "wrong_type"),
        (b"  <!doctype html><table></table>", "wrong_type"),
    ],
)
def test_what_is_no_list(content: bytes, reason: str) -> None:
    problem = refusal(content)
    assert problem.reason == reason
    assert problem.sentence.count("\n") == 0


def test_a_list_may_begin_with_letters_that_name_other_formats() -> None:
    assert rows_of(b"BM;MZ\n1;2\n3;4\n")[0] == ["BM", "MZ"]


def test_a_million_rows_of_formatting_only_end_in_time() -> None:
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 200_001))
    content = repacked(
        xlsx_of([["a"]]), {SHEET: f"<worksheet><sheetData>{rows}<row r='1048576'/></sheetData></worksheet>"}
    )
    source = open_source(io.BytesIO(content))
    assert isinstance(source, XlsxFile)
    started = time.process_time()
    assert sum(1 for _, row in source.rows(source.sheets[0]) if any(row)) == 0
    assert time.process_time() - started < 8


def test_rows_without_numbers_and_cells_without_addresses() -> None:
    xml = (
        "<worksheet><sheetData><row><c t='inlineStr'><is><t>a</t></is></c><c><v>2</v></c></row></sheetData></worksheet>"
    )
    assert rows_of(repacked(xlsx_of([["a"]]), {SHEET: xml})) == [["a", "2"]]


def test_rich_text_and_escaped_line_ends() -> None:
    xml = (
        "<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'><is><r><t>Mal</t></r><r><t>mö_x000D_</t></r>"
        "<rPh><t>guide</t></rPh></is></c></row></sheetData></worksheet>"
    )
    assert rows_of(repacked(xlsx_of([["a"]]), {SHEET: xml})) == [["Malmö\r"]]


def test_rows_come_one_by_one() -> None:
    content = csv_of([["a", "b"]] + [[str(i), "x" * 50] for i in range(20_000)])
    source = open_source(io.BytesIO(content))
    assert not isinstance(source, XlsxFile)
    tracemalloc.start()
    assert len(list(islice(source.rows(), 5))) == 5
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
