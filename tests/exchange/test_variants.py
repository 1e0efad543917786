"""Lists as other people keep them: other languages, other headings, other habits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exchange.answers import Answers
from exchange.known import Known, KnownAudit, KnownCertificate
from tests.exchange.lists import check, csv_of, proposed, results


def world() -> Known:
    known = Known(sites=("Lyon", "Nantes", "Zürich"))
    known.add_certificate(KnownCertificate("FR-001", "ISO 9001", "2015"))
    known.add_certificate(KnownCertificate("C 77", "ISO 9001", "2015"))
    known.add_audit(KnownAudit("AUD-1", date(2025, 3, 2), ("FR-001",)))
    return known


def fields(content: bytes, kind: str) -> dict[str, str | None]:
    return {column.heading: column.field for column in check(content, kind, world()).layout.columns}


def asked(content: bytes, kind: str) -> list[tuple[str, str, tuple[int, ...], dict[str, str]]]:
    return [(q.kind, q.column, q.rows, q.proposed) for q in check(content, kind, world()).questions]


def reasons(content: bytes, kind: str) -> list[tuple[int, str, str, str | None]]:
    return [(f.row, f.kind, f.column, f.found) for f in check(content, kind, world()).refused]


def ready(content: bytes, kind: str, answers: Answers | None = None) -> dict[int, dict[str, Any]]:
    judged = results(content, kind, world(), answers)
    return {row: result.values for row, result in judged.items() if result.place == "ready"}


FRENCH = csv_of(
    [
        ["Liste des certificats"],
        [],
        [
            "N° de certificat",
            "Norme",
            "Site(s)",
            "Organisme",
            "Date de délivrance",
            "Valable jusqu'au",
            "Statut",
            "Pilote",
        ],
        ["FR-101", "NF EN ISO 9001:2015", "Lyon", "AFC", "12/03/2024", "11/03/2027", "valide", "Marie Dupont"],
        [
            "FR-102",
            "ISO 14001 v2015",
            "Nantes ; Lyon",
            "AFC",
            "25 mars 2024",
            "24/03/2027",
            "suspendu depuis le 02/06/2026",
            "",
        ],
        ["FR-103", "ISO 45001:2018", "tous les sites", "AFC", "mai 2024", "30/05/2027", "en vigueur", ""],
        ["FR-104", "ISO 9001 / 14001", "Lyon", "AFC", "1er juin 2024", "31 mai 2027", "retiré", ""],
        ["Total", "4"],
    ],
    ";",
    "windows-1252",
)


def test_a_french_register() -> None:
    assert list(fields(FRENCH, "certificates").values()) == [
        *("number", "standard", "sites", "certification_body", "issued_on", "expires_on", "status", "owner")
    ]
    assert asked(FRENCH, "certificates") == [
        ("day_month_order", "Date de délivrance", (4,), {"": "day_first"}),
        ("day_month_order", "Valable jusqu'au", (4,), {"": "day_first"}),
        ("day_month_order", "Statut", (5,), {"": "day_first"}),
        ("month_only", "Date de délivrance", (6,), {"": "first_day"}),
        ("sites_in_words", "Site(s)", (6,), {"tous les sites": "all_sites"}),
        ("several_standards", "Norme", (7,), {"ISO 9001 / 14001": "each"}),
        ("status_date_missing", "Statut", (7,), {}),
    ]


def test_a_french_register_after_the_answers() -> None:
    rows = ready(FRENCH, "certificates", proposed(check(FRENCH, "certificates", world())))
    assert rows[4]["issued_on"] == date(2024, 3, 12)
    assert (rows[5]["status"], rows[5]["status_on"], rows[5]["sites"]) == (
        "suspended",
        date(2026, 6, 2),
        ("Nantes", "Lyon"),
    )
    assert rows[6]["sites"] == ("Lyon", "Nantes", "Zürich")
    assert (rows[7]["standard"], rows[7]["also"], rows[7]["note"]) == (
        "ISO 9001",
        (("ISO 14001", None),),
        "Statut: retiré",
    )


def test_one_of_several_standards_keeps_the_text_in_the_note() -> None:
    answers = proposed(check(FRENCH, "certificates", world()))
    answers.choices["several_standards", "Norme", "ISO 9001 / 14001"] = "ISO 14001"
    row = ready(FRENCH, "certificates", answers)[7]
    assert (row["standard"], row["also"]) == ("ISO 14001", ())
    assert row["note"].splitlines() == ["Norme: ISO 9001 / 14001", "Statut: retiré"]


SPANISH = csv_of(
    [
        [
            "Nº certificado",
            "Norma",
            "Sede",
            "Entidad certificadora",
            "Fecha de emisión",
            "Válido hasta",
            "Estado",
            "Responsable",
        ],
        [
            "ES-1",
            "UNE-EN ISO 9001:2015",
            "Zaragoza",
            "AENZ",
            "12 de enero de 2025",
            "11 de enero de 2028",
            "vigente",
            "José Núñez",
        ],
        ["ES-2", "ISO 14001:2015", "Málaga", "AENZ", "03-02-2025", "02-02-2028", "vigente", "José Núñez"],
        ["ES-3", "ISO 50001:2018", "Málaga", "AENZ", "15-02-2025", "14-02-2028", "caducado", "José Núñez"],
    ],
    ";",
    "utf-8-sig",
)


def test_a_spanish_register() -> None:
    found = check(SPANISH, "certificates")
    assert found.counts == {
        "ready": 2,
        "change": 0,
        "same": 0,
        "waiting": 1,
        "refused": 0,
        "left_out": 0,
        "not_data": 0,
    }
    assert [(q.kind, q.column, q.proof) for q in found.questions] == [
        ("day_month_order", "Fecha de emisión", ("15-02-2025", "14-02-2028"))
    ]
    assert [(w.row, w.kind) for w in found.warnings] == [(4, "status_contradicts_date")]
    assert found.creates == {"sites": ("Zaragoza", "Málaga"), "names": ("José Núñez",)}


def test_a_polish_register() -> None:
    content = csv_of(
        [
            [
                "Nr certyfikatu",
                "Norma",
                "Lokalizacja",
                "Jednostka certyfikująca",
                "Data wydania",
                "Data ważności",
                "Status",
            ],
            ["PL-1", "PN-EN ISO 9001:2015-10", "Gdańsk", "TUVX", "12 stycznia 2025", "11 stycznia 2028", "ważny"],
            [
                "PL-2",
                "PN-ISO 45001:2018-06",
                "Łódź",
                "TUVX",
                "1.02.2025 r.",
                "31.01.2028 r.",
                "zawieszony od 01.06.2026",
            ],
        ],
        ";",
        "windows-1250",
    )
    rows = ready(content, "certificates")
    assert [rows[2][f] for f in ("standard", "edition", "issued_on")] == ["ISO 9001", "2015", date(2025, 1, 12)]
    assert [rows[3][f] for f in ("sites", "expires_on", "status", "status_on")] == [
        ("Łódź",),
        date(2028, 1, 31),
        "suspended",
        date(2026, 6, 1),
    ]


def test_an_american_export_in_utf16_with_tabs() -> None:
    content = csv_of(
        [
            ["Cert #", "Standard", "Location", "Registrar", "Issue Date", "Expiration Date", "Status"],
            ["US1", "ISO 9001:2015", "Dayton", "ABS", "01/13/2025", "01/12/2028", "Active"],
            ["US2", "AS9100D", "Dayton", "ABS", "02/05/2025", "02/04/2028", "Active"],
        ],
        "\t",
        "utf-16",
    )
    assert asked(content, "certificates") == [
        ("day_month_order", "Expiration Date", (2, 3), {"": "month_first"}),
        ("day_month_order", "Issue Date", (3,), {"": "month_first"}),
    ]
    rows = ready(content, "certificates", proposed(check(content, "certificates")))
    assert [rows[3][f] for f in ("standard", "edition", "issued_on", "expires_on")] == [
        "AS 9100",
        "D",
        date(2025, 2, 5),
        date(2028, 2, 4),
    ]


def test_a_bare_system_export() -> None:
    content = csv_of(
        [
            ["id", "certificate", "scheme", "valid_from", "valid_to"],
            ["7", "A-1", "ISO 27001:2022", "2025-01-01", "2027-12-31"],
        ],
        "|",
    )
    assert fields(content, "certificates") == {
        "id": "external_id",
        "certificate": "number",
        "scheme": "standard",
        "valid_from": "issued_on",
        "valid_to": "expires_on",
    }
    assert ready(content, "certificates")[2]["external_id"] == "7"


FRENCH_AUDITS = csv_of(
    [
        ["N° audit", "Type d'audit", "Référentiel", "Certificat", "Site audité", "Du", "Au", "Durée", "Statut"],
        ["A1", "Audit de suivi n°1", "ISO 9001", "FR-001", "Lyon", "12/03/2025", "13/03/2025", "2 j", "réalisé"],
        [
            "A2",
            "Audit de renouvellement",
            "ISO 9001",
            "FR-001",
            "NANTES",
            "14 avril 2026",
            "15 avril 2026",
            "1,5",
            "planifié",
        ],
        ["A3", "audit interne", "ISO 9001", "", "Zurich", "semaine 12 2027", "", "", "prévu"],
        ["A4", "Audit à blanc", "ISO 9001", "", "Lyon", "01/02/2027", "", "", "prévu"],
        ["A5", "Audit croisé", "ISO 9001", "c77", "Lyon", "25/05/2025", "24/05/2025", "", "annulé"],
    ],
    ";",
    "windows-1252",
)


def test_french_audits() -> None:
    found = check(FRENCH_AUDITS, "audits", world())
    assert [(q.kind, q.column, q.rows) for q in found.questions] == [
        ("day_month_order", "Du", (2,)),
        ("past_but_planned", "Statut", (3,)),
        ("week_only", "Du", (4,)),
    ]
    assert reasons(FRENCH_AUDITS, "audits") == [
        (5, "kind_not_understood", "Type d'audit", "Audit à blanc"),
        (6, "end_before_start", "Au", "24/05/2025"),
    ]
    assert [(w.row, w.kind, w.found) for w in found.warnings] == [
        (3, "site_spelling", "NANTES"),
        (4, "site_spelling", "Zurich"),
    ]
    rows = ready(FRENCH_AUDITS, "audits", proposed(found))
    assert [rows[r]["kind"] for r in (2, 3, 4)] == ["surveillance", "recertification", "internal"]
    assert [rows[r]["audit_days"] for r in (2, 3, 4)] == [Decimal(2), Decimal("1.5"), None]
    assert [rows[r]["status"] for r in (2, 3, 4)] == ["held", "held", "planned"]


def test_audits_without_a_status_ask_whether_past_ones_took_place() -> None:
    content = csv_of(
        [
            ["Audit", "Type", "Certificate", "Date"],
            ["1", "Surveillance", "C77", "2025-01-01"],
            ["2", "SA2", "C77", "2027-01-01"],
            ["3", "Stage 2", "C77", ""],
        ]
    )
    assert asked(content, "audits") == [("past_but_planned", "Date", (2,), {})]
    assert reasons(content, "audits") == [(4, "missing_field", "Date", None)]
    assert ready(content, "audits")[3]["status"] == "planned"


@pytest.mark.parametrize(
    ("answer", "status", "place"),
    [
        ("took_place", "held", "ready"),
        ("planned", "planned", "ready"),
        ("cancelled", "cancelled", "ready"),
        ("leave_out", None, "left_out"),
    ],
)
def test_what_became_of_a_planned_audit(answer: str, status: str | None, place: str) -> None:
    content = csv_of([["Audit", "Type", "Date", "Status"], ["1", "internal", "2025-01-01", "planned"]])
    answers = Answers(choices={("past_but_planned", "Status", ""): answer})
    result = results(content, "audits", world(), answers)[2]
    assert result.place == place
    assert status is None or result.values["status"] == status


def test_an_audit_held_in_the_future_stays_planned_and_says_so() -> None:
    content = csv_of(
        [
            ["Audit", "Type", "Date", "Status"],
            ["1", "internal", "2026-11-21", "done"],
            ["2", "internal", "2026-11-20", "done"],
        ]
    )
    found = results(content, "audits", world())
    assert [found[r].values["status"] for r in (2, 3)] == ["planned", "held"]
    assert [w.kind for w in found[2].warnings] == ["status_contradicts_date"]
    assert found[2].values["note"] == "Status: done"


SPANISH_NCS = csv_of(
    [
        [
            "Código NC",
            "Fecha de detección",
            "Origen",
            "Auditoría",
            "Centro",
            "Punto de la norma",
            "Gravedad",
            "Fecha de cierre",
            "Estado",
        ],
        ["NC1", "12/13/2025", "auditoría externa", "AUD-1", "Lyon", "8.4", "Mayor", "", "abierta"],
        ["NC2", "2025-13-01", "auditoría interna", "", "Lyon", "8.4", "menor", "03/01/2026", "cerrada"],
        ["NC3", "", "auditoría externa", "aud-1", "Lyon", "8.4", "Observación", "", "cerrada"],
        ["NC4", "", "auditoría externa", "AUD-1", "Lyon", "8. Apr", "menor", "", "abierta"],
        ["NC5", "1.2.2026", "reclamación", "", "todas las sedes", "9.1", "A", "", "en curso"],
        ["NC6", "1.2.2026", "rumor", "", "Lyon", "9.1", "menor", "", "cerrada"],
    ]
)


def test_spanish_nonconformities() -> None:
    assert asked(SPANISH_NCS, "nonconformities") == [
        ("clause_is_date", "Punto de la norma", (5,), {"": "day_month"}),
        ("grade_code", "Gravedad", (6,), {}),
        ("sites_in_words", "Centro", (6,), {"todas las sedes": "all_sites"}),
        ("closed_without_date", "Fecha de cierre", (7,), {}),
    ]
    assert reasons(SPANISH_NCS, "nonconformities") == [
        (3, "date_not_understood", "Fecha de detección", "2025-13-01"),
        (4, "grade_not_understood", "Gravedad", "Observación"),
    ]


def test_the_last_day_of_the_audit_stands_in_for_the_day_it_was_raised() -> None:
    answers = Answers(choices={("clause_is_date", "Punto de la norma", ""): "day_month"})
    row = ready(SPANISH_NCS, "nonconformities", answers)[5]
    assert (row["raised_on"], row["clause"]) == (date(2025, 3, 2), "8.4")


def test_a_source_that_is_not_understood_is_kept() -> None:
    answers = Answers(choices={("closed_without_date", "Fecha de cierre", ""): "as_open"})
    row = ready(SPANISH_NCS, "nonconformities", answers)[7]
    assert (row["source"], row["status"], row["closed_on"], row["note"]) == (
        "internal_audit",
        "open",
        None,
        "Origen: rumor",
    )


def test_a_closing_date_typed_for_one_row_settles_the_question() -> None:
    answers = Answers(cells={(7, "Fecha de cierre"): "2026-03-01"})
    row = ready(SPANISH_NCS, "nonconformities", answers)[7]
    assert (row["status"], row["closed_on"]) == ("closed", date(2026, 3, 1))


def test_a_german_log_with_running_numbers() -> None:
    content = csv_of(
        [
            [
                "Lfd. Nr.",
                "Datum",
                "Auditart",
                "Standort",
                "Kapitel",
                "Einstufung",
                "Abweichung",
                "Frist",
                "erledigt am",
                "Stand",
            ],
            ["1", "01.02.2026", "extern", "Lyon", "7.2", "Hauptabweichung", "x", "01.05.2026", "", "offen"],
            [
                "2",
                "01.02.2026",
                "intern",
                "Lyon",
                "7.3",
                "Nebenabweichung",
                "x",
                "01.05.2026",
                "01.03.2026",
                "erledigt",
            ],
        ],
        ";",
        "windows-1252",
    )
    assert list(fields(content, "nonconformities").values()) == [
        *("number", "raised_on", "source", "site", "clause", "grade", "description", "due_on", "closed_on", "status")
    ]
    assert ready(content, "nonconformities")[3]["closed_on"] == date(2026, 3, 1)
