"""Tampering is found and the first bad entry named: six kinds, a thousand random places each (D24, G9)."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts import clock
from accounts.models import Organization, User
from records import chain, insert_only
from records.erasure import Part, erase, erase_old
from records.heads import HeadsUnreadable, as_file, read_heads, sign_head
from records.models import ChainCheck, Event, SignedHead
from records.record import RULES, Actor, Entry, record
from records.verification import check_and_keep, verify, walk
from tests.application_role import as_owner

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 6, 9)
LENGTH = 40
Row = SimpleNamespace
Chain = list[Row]


def made(number: int, previous: str, text: str) -> Row:
    """An entry like those the product writes, without a database."""
    who, what = chain.new_salts(2)
    row = SimpleNamespace(
        organization_id=1, number=number, recorded_at=datetime(2026, 6, 9, 10, tzinfo=UTC), actor_kind="person",
        actor_id=7, via_key=None, kind="thing.changed", subject_type="thing", subject_id=number, effective_on=DAY,
        rule="", because=[], key=None, request_id="r", actor_label="Marta", subject_label="A thing", reason="",
        before={}, after={"text": text}, who_seal=who, what_seal=what, previous_hash=previous, hash="",
    )  # fmt: skip
    return hashed(row)


def hashed(row: Row) -> Row:
    row.hash = chain.link(row.previous_hash, *chain.parts_of(row))
    return row


def whole() -> Chain:
    rows: Chain = []
    for number in range(1, LENGTH + 1):
        rows.append(made(number, rows[-1].hash if rows else chain.START, f"text {number}"))
    return rows


def rechained(rows: Chain, first: int) -> Chain:
    """What somebody with the whole database does: everything from a place on is numbered and hashed anew."""
    for i in range(first, len(rows)):
        rows[i] = SimpleNamespace(**vars(rows[i]))
        rows[i].number, rows[i].previous_hash = i + 1, rows[i - 1].hash if i else chain.START
        hashed(rows[i])
    return rows


EDITS: list[tuple[str, Any]] = [
    ("reason", "x"),
    ("after", {"text": "x"}),
    ("actor_label", "Ann"),
    ("kind", "x"),
    ("effective_on", date(2020, 1, 1)),
    ("actor_id", 8),
    ("recorded_at", datetime(2020, 1, 1, tzinfo=UTC)),
    ("hash", "0" * 64),
    ("who_seal", "a" * 32),
]


def edit(rows: Chain, i: int, dice: random.Random) -> tuple[Chain, int]:
    name, value = dice.choice(EDITS)
    rows[i] = SimpleNamespace(**{**vars(rows[i]), name: value})
    return rows, i + 1


def rewrite(rows: Chain, i: int, dice: random.Random) -> tuple[Chain, int]:
    rows[i] = SimpleNamespace(**{**vars(rows[i]), "after": {"text": "x"}})
    return rows, i + 1


def delete(rows: Chain, i: int, dice: random.Random) -> tuple[Chain, int]:
    del rows[i]
    return rows, i + 1


def insert(rows: Chain, i: int, dice: random.Random) -> tuple[Chain, int]:
    """An entry of one's own at this place, well made, and those behind it numbered on."""
    new = made(i + 1, rows[i - 1].hash if i else chain.START, "never happened")
    behind = [SimpleNamespace(**{**vars(row), "number": row.number + 1}) for row in rows[i:]]
    return [*rows[:i], new, *behind], i + 2


def reorder(rows: Chain, i: int, dice: random.Random) -> tuple[Chain, int]:
    j = dice.choice([other for other in range(LENGTH) if other != i])
    rows[i], rows[j] = (
        SimpleNamespace(**{**vars(rows[j]), "number": i + 1}),
        SimpleNamespace(**{**vars(rows[i]), "number": j + 1}),
    )
    return rows, min(i, j) + 1


def cut(rows: Chain, i: int, dice: random.Random) -> tuple[Chain, int]:
    return rows[:i], i + 1


KINDS: list[Callable[[Chain, int, random.Random], tuple[Chain, int]]] = [edit, delete, insert, reorder, cut]


@pytest.mark.parametrize("tamper", KINDS, ids=lambda kind: kind.__name__)
def test_a_thousand_changes_of_each_kind_are_found_at_their_entry(tamper: Any) -> None:
    dice = random.Random(tamper.__name__)
    rows = whole()
    end = (LENGTH, rows[-1].hash)
    assert walk(rows, {}, end).holds
    for _ in range(1000):
        changed, first_bad = tamper(list(rows), dice.randrange(LENGTH), dice)
        found = walk(changed, {}, end)
        assert found.problem is not None
        assert found.problem.number == first_bad, (tamper.__name__, str(found.problem))


def test_a_thousand_chains_that_were_built_anew_are_found_by_the_heads_that_were_published() -> None:
    dice = random.Random(6)
    rows = whole()
    heads = {number: rows[number - 1].hash for number in (10, 20, 30, LENGTH)}
    for _ in range(1000):
        i = dice.randrange(LENGTH)
        changed, _first = dice.choice([rewrite, delete, insert])(list(rows), i, dice)
        changed = rechained(changed, 0 if dice.random() < 0.5 else min(i, len(changed) - 1))
        assert walk(changed, {}, (len(changed), changed[-1].hash)).holds
        found = walk(changed, heads, (len(changed), changed[-1].hash))
        assert found.problem is not None
        assert abs(found.problem.number - (i + 1)) < 10  # between the two heads around it


def test_an_entry_added_at_the_end_is_found() -> None:
    rows = whole()
    found = walk([*rows, made(LENGTH + 1, rows[-1].hash, "x")], {}, (LENGTH, rows[-1].hash))
    assert found.problem is not None
    assert (found.problem.number, found.problem.said) == (LENGTH + 1, "not in the history's own end")


# --- in the database ---------------------------------------------------------------------------------------------


@pytest.fixture
def history(acting: Organization, officer: User) -> Organization:
    """Six entries by Marta."""
    for number in range(6):
        with transaction.atomic():
            record(Actor.person(officer), [entry(acting, number)])
    return acting


def entry(organization: Organization, number: int) -> Entry:
    after = {"text": f"text {number}"}
    return Entry(organization.pk, "thing.changed", "thing", number, "A thing", DAY, after=after, reason="Ann asked")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("history", *arguments, stdout=out)
    return out.getvalue()


def tamper(statement: str) -> None:
    """What somebody does who owns the database."""
    with as_owner() as cursor:
        insert_only.take_down()
        cursor.execute(statement)


def test_a_whole_chain_is_verified_to_its_last_entry(history: Organization) -> None:
    assert run("verify").startswith("halden: verified to entry 6, head ")
    assert run("verify", "--organization", "halden").count("\n") == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE records_event SET reason = 'x' WHERE number = 4", "entry 4: changed after it was written"),
        ("DELETE FROM records_event WHERE number = 2", "entry 2: missing"),
        ("DELETE FROM records_event WHERE number > 3", "entry 4: missing; the history ended at 6"),
        ("DELETE FROM records_event", "entry 1: missing; the history ended at 6"),
        ("UPDATE records_eventcounter SET last_number = 5", "entry 5: not in the history's own end"),
    ],
)
def test_the_command_names_the_first_bad_entry_and_fails(history: Organization, statement: str, said: str) -> None:
    tamper(statement)
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("history", "verify", stdout=out)
    assert (failed.value.returncode, f"FIRST BAD {said}" in out.getvalue()) == (1, True), out.getvalue()


def test_a_check_is_kept_with_the_first_bad_entry(history: Organization) -> None:
    assert str(check_and_keep(history)) == "verified to entry 6"
    tamper("UPDATE records_event SET reason = 'x' WHERE number = 4")
    found = check_and_keep(history)
    assert (found.number, found.first_bad, found.problem) == (3, 4, "entry 4: changed after it was written")
    assert ChainCheck.objects.count() == 2


def test_heads_kept_elsewhere_prove_a_chain_that_was_built_anew(history: Organization, tmp_path: Path) -> None:
    assert "signed entry 6" in run("sign")
    kept = tmp_path / "heads.json"
    kept.write_text(run("heads"))
    assert run("verify", "--against", str(kept)).startswith("halden: verified to entry 6")
    tamper("DELETE FROM records_signedhead")
    tamper("DELETE FROM records_event")
    tamper(f"UPDATE records_eventcounter SET last_number = 0, last_hash = '{chain.START}'")
    for number in range(6):
        with transaction.atomic():
            record(RULES, [entry(history, number)])
    assert run("verify").startswith("halden: verified to entry 6")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("history", "verify", "--against", str(kept), stdout=out)
    assert "FIRST BAD entry 1: the history was rewritten up to the published head 6" in out.getvalue()


def test_a_head_is_signed_once_until_something_is_recorded(history: Organization) -> None:
    assert sign_head(history) is not None
    assert sign_head(history) is None
    with transaction.atomic():
        record(RULES, [entry(history, 9)])
    assert sign_head(history) is not None
    assert list(SignedHead.objects.values_list("number", flat=True)) == [7, 6]


def test_a_changed_head_is_refused(history: Organization) -> None:
    head = sign_head(history)
    assert head is not None
    text = as_file([head])
    assert read_heads(text) == {"halden": {6: head.hash}}
    with pytest.raises(HeadsUnreadable, match="signature of head 5"):
        read_heads(text.replace('"number": 6', '"number": 5'))
    with pytest.raises(HeadsUnreadable, match="no file of heads"):
        read_heads("{}")


# --- erasing -----------------------------------------------------------------------------------------------------


def test_an_erased_text_is_gone_and_the_chain_still_verifies(history: Organization) -> None:
    assert erase(history, [2, 3, 5], [Part.WHAT], "Ann asked for it", RULES) == 3
    rows = {event.number: event for event in Event.objects.all()}
    assert [rows[n].reason for n in (1, 2, 3, 4, 5)] == ["Ann asked", "", "", "Ann asked", ""]
    assert (rows[2].after, rows[2].subject_label, rows[2].actor_label) == ({}, "", "Marta Zielińska")
    assert rows[7].after == {"entries": [[2, 3], [5, 5]], "parts": ["what"]}
    found = verify(history.pk)
    assert (found.problem, found.number, found.erased) == (None, 7, {2: {"what"}, 3: {"what"}, 5: {"what"}})
    assert erase(history, [2], [Part.WHO], "She left", RULES) == 1
    assert (Event.objects.get(number=2).actor_label, verify(history.pk).problem) == ("", None)
    assert Event.objects.get(number=2).actor_id == rows[2].actor_id


def test_an_erasure_that_no_entry_tells_of_is_found(history: Organization) -> None:
    _, who, _what = chain.parts_of(Event.objects.get(number=3))
    Event.objects.filter(number=3).update(actor_label="", who_seal=who)
    assert str(verify(history.pk).problem) == "entry 3: erased without an entry that says so"


def test_an_erased_text_cannot_be_replaced_by_another(history: Organization) -> None:
    erase(history, [3], [Part.WHAT], "Ann asked for it", RULES)
    tamper("UPDATE records_event SET what_seal = '" + "b" * 64 + "' WHERE number = 3")
    assert str(verify(history.pk).problem) == "entry 3: changed after it was written"


def test_what_cannot_be_erased_is_said(history: Organization) -> None:
    erase(history, [1], [Part.WHO], "She left", RULES)
    for numbers, said in (([7], "no such entry that may be erased: 7"), ([1, 99], "99")):
        with pytest.raises(ValidationError, match=said):
            erase(history, numbers, [Part.WHO], "x", RULES)
    with pytest.raises(ValidationError, match="Say why"):
        erase(history, [1], [Part.WHO], " ", RULES)


def test_texts_are_purged_after_the_retention_and_not_before(history: Organization) -> None:
    with clock.at(date(2036, 1, 1)), pytest.raises(ValidationError, match="must be kept"):
        erase_old(history, date(2027, 1, 1), RULES)
    with clock.at(date(2060, 1, 1)):
        assert erase_old(history, None, RULES, keep=True) == 6
        assert erase_old(history, None, RULES) == 6
        assert erase_old(history, None, RULES) == 0
    told = Event.objects.get(kind="history.erased")
    assert (told.after["entries"], told.reason) == ([[1, 6]], "Retention has ended")
    assert (verify(history.pk).problem, Event.objects.count()) == (None, 7)


# --- the verifier without the product ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone() -> ModuleType:
    """scripts/verify_history.py."""
    spec = importlib.util.spec_from_file_location("verify_history", ROOT / "scripts" / "verify_history.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_verifier_without_the_product_agrees(history: Organization, alone: ModuleType) -> None:
    erase(history, [2], [Part.WHAT], "Ann asked for it", RULES)
    run("sign")
    heads, lines = json.loads(run("heads")), run("export").splitlines()
    assert "verified to entry 7" in alone.verify(lines, heads)[0]
    assert "1 with erased texts" in alone.verify(lines, heads)[0]
    with pytest.raises(alone.Bad, match="entry 3: changed"):
        alone.verify([line.replace("text 2", "text X") for line in lines], heads)
    with pytest.raises(alone.Bad, match="entry 7: missing"):
        alone.verify(lines[:-1], heads)
    heads["heads"][0]["hash"] = "0" * 64
    with pytest.raises(alone.Bad, match="its signature does not hold"):
        alone.verify(lines, heads)


def read_back(entry: dict[str, Any]) -> Row:
    moment, day = datetime.fromisoformat(entry["recorded_at"]), date.fromisoformat(entry["effective_on"])
    return SimpleNamespace(**{**entry, "recorded_at": moment, "effective_on": day})


def test_the_test_vectors_hold_in_both(alone: ModuleType) -> None:
    vectors = json.loads((ROOT / "docs" / "history-vectors.json").read_text())
    assert alone.self_test(vectors) == [f"{len(vectors['chains'])} test vectors hold"]
    for case in vectors["chains"]:
        rows = [read_back(entry) for entry in case["entries"]]
        found = walk(rows, {head["number"]: head["hash"] for head in case.get("heads", {}).get("heads", ())}, None)
        assert case["says"].startswith(
            str(found.problem) if found.problem else f"organization 1: verified to entry {found.number}"
        )
