"""Standards, grades, kinds, places and people as they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange.cells import Cell, text_cell
from exchange.text import column_letter, fold_heading, invisible_in, number_key, shape
from exchange.values import vocabulary
from exchange.values.numbers import clause_from_date, read_decimal
from exchange.values.people import People, Person
from exchange.values.sites import Places, in_words
from exchange.values.standards import Catalog

STANDARDS = {
    "ISO 9001:2015": [("ISO 9001", "2015")],
    "ISO9001": [("ISO 9001", None)],
    "27001": [("ISO/IEC 27001", None)],
    "DIN EN ISO 50001:2018-12": [("ISO 50001", "2018")],
    "NF EN ISO 9001 v2015": [("ISO 9001", "2015")],
    "ISO 45001: 2018": [("ISO 45001", "2018")],
    "ISO 9001-2015": [("ISO 9001", "2015")],
    "ISO 9001 (2015)": [("ISO 9001", "2015")],
    "ISO 9001:2015/Amd 1:2024": [("ISO 9001", "2015")],
    "IATF16949:2016": [("IATF 16949", "2016")],
    "ISO/TS 16949:2009": [("ISO/TS 16949", "2009")],
    "FSSC 22000 v6": [("FSSC 22000", "6")],
    "ISO 22000:2018": [("ISO 22000", "2018")],
    "ISO/IEC 20000-1:2018": [("ISO/IEC 20000-1", "2018")],
    "AS9100D": [("AS 9100", "D")],
    "TISAX": [("TISAX", None)],
    "ISO 9001/14001": [("ISO 9001", None), ("ISO 14001", None)],
    "ISO 9001:2015 + ISO 14001:2015": [("ISO 9001", "2015"), ("ISO 14001", "2015")],
    "ISO 99999": [],
    "ISO 9001, ISO 99999": [],
    "Umweltmanagement": [],
    "": [],
}


@pytest.mark.parametrize("text", STANDARDS)
def test_standards(text: str) -> None:
    assert [(read.name, read.edition) for read in Catalog().read(text)] == STANDARDS[text]


def test_a_standard_of_the_organization_is_known() -> None:
    assert [read.name for read in Catalog(["ISO 99999"]).read("ISO 99999:2020")] == ["ISO 99999"]


@pytest.mark.parametrize(
    ("text", "grade", "is_code"),
    [
        ("Minor", "minor", False), ("Min.", "minor", False), ("Maj", "major", False), ("NC majeure", "major", False),
        ("Hauptabweichung", "major", False), ("kleinere Abweichung", "minor", False), ("Mayor", "major", False),
        ("niezgodność mała", "minor", False), ("kritisch", "critical", False),
        ("NC1", None, True), ("Kat. A", None, True), ("2", None, True), ("II", None, True),
        ("OFI", None, False), ("Observation", None, False), ("Hinweis", None, False), ("nicht wesentlich", None, False),
        ("major/minor", None, False),
    ],
)  # fmt: skip
def test_grades(text: str, grade: str | None, is_code: bool) -> None:
    assert (vocabulary.grade(text), vocabulary.is_grade_code(text)) == (grade, is_code)


def test_a_legend_explains_codes() -> None:
    assert vocabulary.legend("Grades: NC1 = major, NC2 = minor (old form). OFI is no NC.") == {
        "nc1": "major",
        "nc2": "minor",
    }
    assert vocabulary.legend("A: Hauptabweichung; B: Nebenabweichung") == {"a": "major", "b": "minor"}
    assert vocabulary.legend("Red = expired") == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Rezertifizierung", "recertification"), ("ÜA 2", "surveillance"), ("2. Überwachungsaudit", "surveillance"),
        ("Überwachungsaudit 1", "surveillance"), ("SA1", "surveillance"), ("1st surveillance", "surveillance"),
        ("Audit de suivi n°2", "surveillance"), ("Auditoría de seguimiento 1", "surveillance"),
        ("Audyt nadzoru 1", "surveillance"),
        ("Erstzertifizierung Stufe 1", "stage1"), ("Stage 2 audit", "stage2"), ("Initial audit (stage 2)", "stage2"),
        ("internes Audit", "internal"), ("Internal audit Q2", "internal"), ("Audyt wewnętrzny", "internal"),
        ("Sonderaudit", "special"), ("Nachaudit", "follow_up"), ("Transitionsaudit", "transition"),
        ("Lieferantenaudit", "supplier"),
        ("Lieferantentag", None), ("Recertification / transition", None), ("Audit", None),
    ],
)  # fmt: skip
def test_kinds_of_audit(text: str, kind: str | None) -> None:
    assert vocabulary.audit_kind(text) == kind


@pytest.mark.parametrize(
    ("kind", "text", "status"),
    [
        ("certificates", "gültig", "active"), ("certificates", "suspended since 14/09/2026", "suspended"),
        ("certificates", "zawieszony od 01.06.2026", "suspended"), ("certificates", "new", None),
        ("certificates", "in renewal", None), ("certificates", "active?", "active"),
        ("certificates", "not active", None),
        ("audits", "durchgeführt", "held"), ("audits", "abgesagt", "cancelled"), ("audits", "bestätigt", "planned"),
        ("nonconformities", "en curso", "open"), ("nonconformities", "zamknięta", "closed"),
    ],
)  # fmt: skip
def test_statuses(kind: str, text: str, status: str | None) -> None:
    assert vocabulary.status(kind, text) == status


def test_sources_and_yes_or_no() -> None:
    assert [vocabulary.source(t) for t in ("external audit", "Kundenreklamation", "audyt wewnętrzny", "whim")] == [
        "body",
        "complaint",
        "internal_audit",
        None,
    ]
    assert [vocabulary.yes_or_no(t) for t in ("Ja", "nie", "x", "partly")] == [True, False, True, None]


NINE = ("Lüneburg", "Graz", "Győr", "Birmingham", "Eindhoven", "Porto", "Lyon-Vénissieux", "Malmö", "Wrocław")


@pytest.mark.parametrize(
    ("text", "sites", "respelled", "new"),
    [
        ("Porto", ["Porto"], [], []),
        ("Ardenquist UK Ltd, Birmingham", ["Birmingham"], [], []),
        ("A GmbH, Lüneburg\nB GmbH, Graz\nC Kft., Győr", ["Lüneburg", "Graz", "Győr"], [], []),
        ("Lyon-Vénissieux, Porto", ["Lyon-Vénissieux", "Porto"], [], []),
        ("Ardenquist Polska Sp. z o.o., Wrocław", ["Wrocław"], [], []),
        ("Wroclaw", ["Wrocław"], ["Wroclaw"], []),
        ("Lueneburg; GRAZ", ["Lüneburg", "Graz"], ["Lueneburg", "GRAZ"], []),
        ("21335 Lüneburg", ["Lüneburg"], ["21335 Lüneburg"], []),
        ("Porto (PT)", ["Porto"], ["Porto (PT)"], []),
        ("Kraków", ["Kraków"], [], ["Kraków"]),
        ("Nantes / Porto", ["Nantes", "Porto"], [], ["Nantes"]),
        ("Ardenquist UK Ltd", ["Ardenquist UK Ltd"], [], ["Ardenquist UK Ltd"]),
    ],
)
def test_sites(text: str, sites: list[str], respelled: list[str], new: list[str]) -> None:
    read = Places(NINE).read(text)
    assert (read.sites, read.respelled, read.new) == (sites, respelled, new)


def test_words_for_several_sites() -> None:
    assert [in_words(t) for t in ("all sites", "9 Standorte", "siehe Anlage", "todas las sedes", "Porto")] == [
        True
    ] * 4 + [False]


def test_owners_are_found_in_every_form() -> None:
    people = People(
        [
            Person("Katrin Oelsner", "k.oelsner@x.example"),
            Person("Áron Keszthelyi"),
            Person("Jo Kim"),
            Person("Jan Kim"),
        ]
    )
    katrin = ["Katrin Oelsner", "Oelsner, Katrin", "K.OELSNER@x.example", "K. Oelsner", "Frau Dr. Katrin Oelsner"]
    assert [people.read(text).person for text in katrin] == [Person("Katrin Oelsner", "k.oelsner@x.example")] * 5
    assert people.read("Aron Keszthelyi").kind == "known"
    assert people.read("J. Kim").person is None
    assert (people.read("K. Oelsner / Jo Kim").kind, people.read("K. Oelsner / Jo Kim").person) == (
        "several",
        Person("Katrin Oelsner", "k.oelsner@x.example"),
    )


def test_names_outside_a_closed_list_are_not_known() -> None:
    listed = [Person("Katrin Oelsner")]
    assert [People(listed, closed).read("Maud Verhalle").kind for closed in (False, True)] == ["name", "unknown"]
    assert [People([]).read(t).kind for t in ("QM-Abt.", "@Katrin Oelsner", "Quality Team", "m@x.example")] == [
        "unknown",
        "unknown",
        "unknown",
        "name",
    ]


def test_numbers_are_compared_without_case_and_spaces_and_leading_zeros_count() -> None:
    assert number_key("PWA 20931") == number_key("pwa\u00a020931\u200b")
    assert number_key("0048214") != number_key("48214")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("1.234,56 €", "1234.56"),
        ("1,234.56", "1234.56"),
        ("2 500", "2500"),
        ("2 j", "2"),
        ("-3", "-3"),
    ],
)
def test_amounts_with_either_decimal_sign(text: str, amount: str) -> None:
    assert read_decimal(text_cell(text)) == Decimal(amount)


def test_what_is_no_amount() -> None:
    assert read_decimal(text_cell("half")) is None


@pytest.mark.parametrize("text", ["8. Apr", "08.04.2026", "Apr-08", "2026-04-08"])
def test_a_clause_that_became_a_date(text: str) -> None:
    assert clause_from_date(text_cell(text)) == ("8.4", "4.8")


@pytest.mark.parametrize("text", ["8.4", "9.10", "A.8.13", "7.1.5", "8.4 a)"])
def test_a_clause_that_is_one(text: str) -> None:
    assert clause_from_date(text_cell(text)) is None
    assert clause_from_date(Cell(9.1, "9.10")) is None


def test_headings_lose_their_optional_endings() -> None:
    assert [fold_heading(t) for t in ("Zertifikat-Nr.", "Norm(en)", "Ltd. Auditor/in", "Cert #", "N° d’audit")] == [
        "zertifikat nr",
        "norm",
        "ltd auditor",
        "cert no",
        "no d audit",
    ]


def test_invisible_characters_but_not_those_that_join() -> None:
    assert invisible_in("\u200bchecked") == ("U+200B",)
    assert invisible_in("family 👨\u200d👩\u200d👧 ⚠️ خطر") == ()
    assert invisible_in("a\u202eb\x07") == ("U+202E", "U+0007")


def test_shapes_and_letters() -> None:
    assert [shape(t) for t in ("NC-2023-001", "PWA 20931", "Jahr 2024")] == ["A-9-9", "A 9", "a 9"]
    assert [column_letter(i) for i in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
