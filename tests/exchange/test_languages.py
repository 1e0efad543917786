"""The wizard, its files and what it keeps, in the language of the person."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext, override

from accounts import clock
from accounts.models import Organization, User
from audits.states import AuditKind
from certifications.models import Certificate
from exchange import tasks
from exchange.actions import start
from exchange.answers import Answers
from exchange.export import kind_word
from exchange.fields import FIELDS, NEEDED, Kind
from exchange.headings import guesses, heading_for
from exchange.layout import column_name
from exchange.models import ImportRun
from exchange.questions import CHOICES, TITLES
from exchange.values.vocabulary import audit_kind
from records.models import Event
from tests.exchange.lists import TODAY, csv_of
from tests.exchange.test_importing import CERTIFICATES, rows
from tests.exchange.test_pages import page, upload

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
NONCONFORMITIES = [
    ["NC-Nr.", "Festgestellt am", "Standort", "Einstufung", "Geschlossen am", "Status"],
    ["N-1", "32.13.2026", "Graz", "minor", "", "offen"],
    ["N-2", "05.01.2026", "Atlantis", "OFI", "", "offen"],
    ["N-3", "05.01.2026", "", "NC1", "", "geschlossen"],
    ["N-4", "05.01.2026", "", "minor", "", "offen"],
]


@pytest.fixture(autouse=True)
def _on_the_reference_day() -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def client(officer: User, acting: Organization) -> Client:
    User.objects.filter(pk=officer.pk).update(language="de")
    client = Client()
    client.force_login(User.objects.get(pk=officer.pk))
    return client


def english_on(words: str) -> list[str]:
    """Titles, answers and fields of the wizard that stand on a page in English, those of one word aside."""
    told = [*TITLES.values(), *(word for choices in CHOICES.values() for _value, word in choices)]
    told += [field.heading for fields in FIELDS.values() for field in fields.values()]
    with override("de"):
        return sorted({english for english in told if " " in english and re.search(rf"\b{re.escape(english)}", words)})


def test_the_wizard_speaks_german_from_the_first_page_to_the_last(client: Client) -> None:
    run = upload(client, "nonconformities", "abweichungen.csv", csv_of(NONCONFORMITIES))
    match = page(client, f"/import/{run.pk}/match/")
    found = page(client, f"/import/{run.pk}/check/")
    for shown in (match, found):
        assert english_on(shown.words) == []
    assert "was was enthält" in match.words
    assert re.search("Weglassen ?Abweichungsnummer ?Festgestellt am ?Quelle", match.words)
    assert "Datum nicht verstanden" in found.words
    assert "Erwartet: ein Tag zwischen 1990 und 2099, etwa 2027-01-31." in found.words
    assert "Standort nicht bekannt" in found.words
    assert "Erwartet: ein Standort der Organisation." in found.words
    assert "Was bedeutet dieser Code für die Kategorie?" in found.words
    assert "Das Abschlussdatum Zeile für Zeile eingeben" in found.words
    assert client.post(f"/import/{run.pk}/check/", {"then": "import"}).status_code == 302
    done = page(client, f"/import/{run.pk}/done/")
    assert english_on(done.words) == []
    assert "1 Datensatz aus abweichungen.csv ist importiert." in done.words
    assert Event.objects.get(kind="nonconformity.raised").reason == "Import von abweichungen.csv"


def test_a_column_without_a_name_of_its_own_is_named_by_its_letter() -> None:
    with override("de"):
        assert [column_name(key) for key in ("Ort (column D)", "(column 7)", "Ort")] == [
            "Ort (Spalte D)",
            "(Spalte 7)",
            "Ort",
        ]


def test_the_same_check_is_read_in_two_languages(client: Client, officer: User) -> None:
    run = upload(client, "nonconformities", "log.csv", csv_of(NONCONFORMITIES))
    assert "Datum nicht verstanden" in page(client, f"/import/{run.pk}/check/").words
    User.objects.filter(pk=officer.pk).update(language="fr")
    words = page(client, f"/import/{run.pk}/check/").words
    assert "Date non comprise" in words
    assert "Datum nicht verstanden" not in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_and_answer_has_a_word_of_its_own(language: str) -> None:
    told = [*TITLES.values(), *(word for choices in CHOICES.values() for _value, word in choices)]
    with override(language):
        assert [english for english in told if gettext(english) == english] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_headings_that_are_asked_for_are_understood(language: str, kind: Kind) -> None:
    with override(language):
        asked = {name: guesses(kind, heading_for(kind, name), []) for name in NEEDED[kind]}
    assert {name: max(found, key=lambda guess: guess.score).field for name, found in asked.items() if found} == {
        name: name for name in NEEDED[kind]
    }


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_rows_that_stayed_behind_read_back_in_with_their_reasons_left_out(
    client: Client, officer: User, language: str
) -> None:
    User.objects.filter(pk=officer.pk).update(language=language)
    run = upload(client, "nonconformities", "log.csv", csv_of(NONCONFORMITIES))
    sent = client.get(f"/import/{run.pk}/refused.csv")
    content = b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    first, second = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[:2]
    assert (first == "Row", second == "Not imported because") == (language == "en", language == "en")
    again = upload(client, "nonconformities", "again.csv", content)
    fields = page(client, f"/import/{again.pk}/match/").fields
    assert (fields[f"column|{first}"], fields[f"column|{second}"]) == ("", "")
    assert fields["column|NC-Nr."] == "number"


@pytest.mark.parametrize("language", LANGUAGES)
def test_exported_kinds_of_audit_read_back_in_whatever_the_language(language: str) -> None:
    with override(language):
        assert [audit_kind(kind_word(kind)) for kind in AuditKind.values] == AuditKind.values


def test_a_worker_keeps_words_in_the_language_of_who_started_it(client: Client, acting: Organization) -> None:
    upload(client, "certificates", "first.csv", csv_of(CERTIFICATES + rows(2)))
    run = ImportRun.objects.get()
    start(run)
    tasks.carry_on(run.pk)
    longer = [[*row[:2], "2028-01-31", *row[3:]] for row in rows(2)]
    later = upload(client, "certificates", "second.csv", csv_of(CERTIFICATES + longer))
    start(later)
    row = Certificate.objects.order_by("pk")[0]
    Certificate.objects.filter(pk=row.pk).update(version=row.version + 1)
    with override("en"):
        tasks.carry_on(later.pk)
    later.refresh_from_db()
    assert [item["why"] for item in later.not_changed] == ["wurde inzwischen von jemand anderem geändert"]
    assert Answers.from_json(later.answers) == Answers()
