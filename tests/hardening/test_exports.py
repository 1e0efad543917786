"""Forty texts that a spreadsheet program would calculate, in every export that the product writes."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest

from exchange.export import write_csv, write_xlsx
from exchange.fields import Kind
from records.sheets import FORMULA, harmless, write_csv_rows, write_workbook
from tests import factories

STARTS = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]
BODIES = ["cmd|' /C calc'!A0", 'HYPERLINK("http://127.0.0.1/","x")', "SUM(1+1)*cmd", "1+1"]
PAYLOADS = [f"{start}{body}" for start in STARTS for body in BODIES]
HIDDEN = [f"{space}={BODIES[0]}" for space in (" ", "\u00a0", "'", "''", "\n", " \t ")]
PLAIN = ["ISO 9001", "5 - 3", "a=b", "Müller, Søren", "'quoted'", "", "12 Jan 2027"]


def test_there_are_forty():
    assert len(PAYLOADS) == 40


@pytest.mark.parametrize("text", PAYLOADS + HIDDEN)
def test_a_cell_of_csv_begins_with_an_apostrophe(text):
    out = io.StringIO()
    write_csv_rows(out, ["a", text], [[text, "x"]])
    for cell in (cell for row in csv.reader(io.StringIO(out.getvalue(), newline="")) for cell in row):
        assert not re.match(r"\s*[=+\-@\t\r＝＋－＠]", cell)


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays(text):
    assert harmless(text) == text
    assert not FORMULA.match(text)


@pytest.mark.parametrize("number", [-5, -1.5, 0])
def test_numbers_stay_numbers(number):
    assert harmless(number) == str(number)


def test_a_workbook_holds_text_and_no_formula_or_link():
    out = io.BytesIO()
    write_workbook(out, "=Sheet", PAYLOADS, [PAYLOADS, HIDDEN + ["x"] * (40 - len(HIDDEN))])
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_every_list_of_the_product(acting, write):
    certificate = factories.certificate(acting, "=1+1", scope="+cmd|' /C calc'!A0", note="@SUM(1)")
    for number, text in enumerate(PAYLOADS[:20]):
        factories.nonconformity(acting, [certificate], f"N{number}", title=text[:200], statement=text, note=text)
    for kind in Kind:
        out = io.BytesIO()
        write(kind, out)
        if write is write_csv:
            rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
            bad = [cell for row in rows for cell in row if re.match(r"\s*[=+@\t\r＝＋－＠]", cell)]
            assert bad == []
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
            assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "inlineStr"}
