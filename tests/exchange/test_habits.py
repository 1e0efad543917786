"""Habits of people who keep lists: headings in two rows, colors, torn rows, formulas as text."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
import xlsxwriter

from exchange.answers import Answers
from exchange.known import Known
from exchange.readers import Unreadable
from exchange.survey import Options
from tests.exchange.lists import analysis, check, csv_of, xlsx_of
from tests.exchange.test_variants import asked, ready, reasons, world


def test_headings_in_two_rows_and_numbers_with_formats() -> None:
    content = xlsx_of(
        [
            ["Register"],
            [],
            ["Cert. No.", "Standard", "Validity", "", "Site", ""],
            ["", "", "from", "until", "name", "country"],
            ["X1", "ISO 9001:2015", date(2025, 1, 1), date(2027, 12, 31), "Lyon", "FR"],
            ["X2", "ISO 14001:2015", date(2025, 1, 1), date(2027, 4, 1), "Lyon", "FR"],
            [48214, "ISO 45001:2018", date(2025, 1, 1), date(2027, 12, 31), "Lyon", "FR"],
        ],
        {**{(r, c): "dd/mm/yyyy" for r in (4, 5, 6) for c in (2, 3)}, (5, 3): "mmm-yy", (6, 0): '"Z-"00000'},
    )
    found = check(content, "certificates", world())
    assert found.layout.header_rows == (3, 4)
    assert [(q.kind, q.column, q.rows) for q in found.questions] == [("month_only", "Validity until", (6,))]
    assert ready(content, "certificates")[7]["number"] == "Z-48214"


def test_a_row_of_hints_belongs_to_the_heading() -> None:
    content = csv_of(
        [["Cert. No.", "Standard", "Valid until"], ["(1)", "(2)", "DD.MM.YYYY"], ["X1", "ISO 9001:2015", "01.01.2027"]]
    )
    found = check(content, "certificates")
    assert (found.layout.header_rows, found.rows) == ((1, 2), {3: "ready"})


def test_text_written_as_a_formula_is_asked() -> None:
    content = csv_of([["Cert. No.", "Standard", "Valid until"], ['="0012"', "ISO 9001:2015", "2027-02-01"]])
    assert asked(content, "certificates") == [("text_formula", "Cert. No.", (2,), {"": "text"})]
    for answer, number in (("text", "0012"), ("as_written", '="0012"')):
        answers = Answers(choices={("text_formula", "Cert. No.", ""): answer})
        assert ready(content, "certificates", answers)[2]["number"] == number


def test_rows_torn_apart_are_refused_and_captions_are_not_data() -> None:
    content = csv_of(
        [
            ["Cert. No.", "Standard", "Valid until"], ["X1", "", ""], ["X2", "ISO 9001:2015", "2027-01-01"],
            ["", "", ""], ["2024", "", ""], ["X3", "", ""], ["Total", "3", ""], ["Kept by QM", "", ""],
        ]
    )  # fmt: skip
    found = check(content, "certificates")
    assert found.rows == {2: "refused", 3: "ready", 6: "refused"}
    assert found.not_data == {4: "empty", 5: "section", 7: "total", 8: "note"}


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (["X", "ISO 9001:2015", "2026-01-02", "2026-01-01", ""], "expiry_before_issue", "Valid until"),
        (["X", "ISO 9001:2015", "2026-01-02", "31.12.2100", ""], "date_out_of_range", "Valid until"),
        (["X", "ISO 9001:2015", "2026-13-02", "2027-01-01", ""], "date_not_understood", "Valid from"),
        (["X", "Quality", "2026-01-02", "2027-01-01", ""], "standard_not_understood", "Standard"),
        (["X" * 81, "ISO 9001:2015", "2026-01-02", "2027-01-01", ""], "too_long", "Cert. No."),
        (["X\x00", "ISO 9001:2015", "2026-01-02", "2027-01-01", ""], "character_not_allowed", "Cert. No."),
        (["X", "ISO 9001:2015", "2026-01-02", "2027", ""], "date_not_understood", "Valid until"),
        (["fr-001 ", "ISO 9001:2015", "2026-01-02", "2027-01-01", ""], "duplicate_number", "Cert. No."),
    ],
)
def test_reasons_to_refuse_a_certificate(row: list[str], reason: str, column: str) -> None:
    content = csv_of([["Cert. No.", "Standard", "Valid from", "Valid until", "Status"], row])
    assert [(kind, where) for _, kind, where, _ in reasons(content, "certificates")] == [(reason, column)]


def test_the_day_of_expiry_itself_is_no_mistake() -> None:
    content = csv_of(
        [["Cert. No.", "Standard", "Valid from", "Valid until"], ["X", "ISO 9001:2015", "2026-01-02", "2026-01-02"]]
    )
    assert ready(content, "certificates")[2]["expires_on"] == date(2026, 1, 2)


def test_a_number_of_another_organization_is_neither_blocked_nor_revealed() -> None:
    content = csv_of([["Cert. No.", "Standard", "Valid until"], ["FR-001", "ISO 9001:2015", "2027-01-01"]])
    assert check(content, "certificates", Known()).rows == {2: "ready"}
    assert check(content, "certificates", world()).rows == {2: "refused"}


def test_color_alone_says_nothing_and_is_mentioned() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet, red = book.add_worksheet(), book.add_format({"bg_color": "#FF0000"})
    for column, heading in enumerate(["Cert. No.", "Standard", "Valid until", "Status"]):
        sheet.write(0, column, heading)
    for row in range(1, 6):
        for column, value in enumerate([f"X{row}", "ISO 9001:2015", "2027-01-01", "" if row == 3 else "active"]):
            sheet.write(row, column, value, red if row == 3 else None)
    book.close()
    found = check(buffer.getvalue(), "certificates")
    assert [(w.row, w.kind, w.column) for w in found.warnings] == [(4, "colour_only", "Status")]
    assert "Colors of cells carry no value and are not read." in found.survey.remarks


def test_a_formula_never_calculated_refuses_a_needed_date_and_warns_elsewhere() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["Cert. No.", "Standard", "Valid until", "Responsible"],
        ["X", "ISO 9001:2015", "=C1+1", ""],
        ["Y", "ISO 9001:2015", "2027-01-01", "=A1"],
    ):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    found = check(buffer.getvalue(), "certificates")
    assert [(f.row, f.kind) for f in found.refused] == [(2, "date_not_understood")]
    assert [(w.row, w.kind, w.column) for w in found.warnings] == [(3, "formula_error", "Responsible")]


def test_a_list_without_headings_is_refused_in_one_sentence() -> None:
    with pytest.raises(Unreadable, match="needs headings such as “Certificate number”, “Standard”, “Valid until”"):
        check(csv_of([["Name", "Mail"], ["a", "b"]]), "certificates")


def test_a_person_chooses_sheet_heading_and_columns() -> None:
    content = csv_of([["Code", "Kind of thing", "Ends"], ["X1", "ISO 9001:2015", "01.01.2027"]])
    options = Options(header_row=1, columns={"Code": "number", "Kind of thing": "standard", "C": "expires_on"})
    chosen = analysis(content, "certificates", options=options)
    assert [c.field for c in chosen.survey.layout.columns] == ["number", "standard", "expires_on"]
    assert chosen.check().rows == {2: "ready"}


def test_a_column_chosen_for_the_note_joins_it() -> None:
    content = csv_of(
        [
            ["Cert. No.", "Standard", "Valid until", "Remarks", "Next audit"],
            ["X1", "ISO 9001", "2027-01-01", "a", "Feb-27"],
        ]
    )
    options = Options(columns={"Next audit": "note"})
    assert [r.values["note"] for r in analysis(content, "certificates", options=options).results()] == [
        "a\nNext audit: Feb-27"
    ]


def test_replacing_a_word_repairs_the_whole_group() -> None:
    content = csv_of(
        [
            ["NC No.", "Date raised", "Grade"],
            ["1", "2026-01-01", "OFI"],
            ["2", "2026-01-01", "OFI"],
            ["3", "2026-01-01", "minor"],
        ]
    )
    problem = check(content, "nonconformities").problems[0]
    assert (problem.kind, problem.values, problem.rows_text) == ("grade_not_understood", {"OFI": (2, 3)}, "2-3")
    answers = Answers(replacements={("Grade", "OFI"): "minor"}, left_out={4})
    assert check(content, "nonconformities", answers=answers).rows == {2: "ready", 3: "ready", 4: "left_out"}
