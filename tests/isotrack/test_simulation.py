"""Bytes in, documents out: YAML and JSON as people write them, and as attackers do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.catalog import catalog
from isotrack.simulation import LARGEST_DOCUMENT, answer_lines, load, read_bytes
from lifecycle.document import DocumentErrors, answer


def refusal(raw: bytes) -> list[tuple[str, str]]:
    with pytest.raises(DocumentErrors) as refused:
        load(raw)
    return list(refused.value.errors)


@pytest.mark.parametrize(
    "raw",
    [
        b"ask: {dates: [2026-06-09]}\ncertificate: {edition: '2015', id: C1}",
        b'ask: {"dates": ["2026-06-09"]}\ncertificate: {edition: "2015", id: C1}\n...\n',
        b"{ask: {dates: [2026-06-09]}, certificate: {edition: '2015', id: C1}}",
        b'{"ask": {"dates": ["2026-06-09"]}, "certificate": {"edition": "2015", "id": "C1"}}',
        b'\xef\xbb\xbf{"ask": {"dates": ["2026-06-09"]},\r\n "certificate": {"edition": "2015", "id": "\\u00431"}}',
        b'\t{\t"ask":\t{"dates": ["2026-06-09"]}, "certificate": {"edition": "2015", "id": "C1"}}\n',
    ],
)
def test_yaml_and_json_hold_the_same_document(raw: bytes) -> None:
    assert load(raw) == {"ask": {"dates": ["2026-06-09"]}, "certificate": {"edition": "2015", "id": "C1"}}


def test_an_impossible_date_stays_text_and_digits_stay_numbers() -> None:
    loaded = load(b"{day: 2021-11-31, moment: 2026-06-09T06:30:00Z, edition: 2015, clause: 9.10, site: no}")
    assert loaded == {
        "day": "2021-11-31", "moment": "2026-06-09T06:30:00Z", "edition": 2015, "clause": 9.1, "site": False,
    }  # fmt: skip


def test_letters_beyond_the_basic_plane_survive() -> None:
    assert load(b'{"id": "\\ud83d\\ude00 Gda\xc5\x84sk"}') == {"id": "\N{GRINNING FACE} Gdańsk"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty; a document needs at least ask"),
        (b"# only a comment\n", "empty; a document needs at least ask"),
        (b"\xff\xfe{\x00}\x00", "not text in UTF-8 (byte 1 fits no character)"),
        (b"ask: Gda\xf1sk", "not text in UTF-8 (byte 9 fits no character)"),
        (b"ask: \x00", None),
        (b"\x00\x01\x02", None),
        (b"ask: [1", None),
        (b"a: b: c", None),
        (b"ask: @x", None),
        (b"---\na: 1\n---\nb: 2\n", None),
        (b"a: &x [1]\nb: *x\n", "line 1: anchors and aliases (& and *) are not allowed; write the value out"),
        (b"a: &x 1\n", "line 1: anchors and aliases (& and *) are not allowed; write the value out"),
        (b"a: !!python/object/apply:os.system [ls]\n", "line 1: tags (!) are not allowed; write plain values"),
        (b"a: 1\nb: !!timestamp never\n", "line 2: tags (!) are not allowed; write plain values"),
        (b"a: =\n", None),
        (b"a: 0b_\n", None),
        (b"a: " + b"9" * 5000, None),
        (b"? [a, b]\n: 1\n", None),
        (b"[" * 100_000, "nested more than 20 levels deep"),
        (b"[" * 100_000 + b"]" * 100_000, "nested more than 20 levels deep"),
        (b'{"a":' * 100_000, "nested more than 20 levels deep"),
        (b"[" * 21 + b"]" * 21, "nested more than 20 levels deep"),
        (b"{a: " * 100_000, "line 1: nested more than 20 levels deep"),
        (b"".join(b" " * n + b"-\n" for n in range(30)), "line 21: nested more than 20 levels deep"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(raw: bytes, message: str | None) -> None:
    ((path, text),) = refusal(raw)
    assert path == "document"
    assert text == (message or text)
    assert text
    assert text.isprintable()


@pytest.mark.parametrize("raw", [b"[" * 20 + b"]" * 20, b"[" * 20 + b"a" + b"]" * 20])
def test_twenty_levels_are_read(raw: bytes) -> None:
    assert str(load(raw)).startswith("[" * 20)


@pytest.mark.parametrize(
    "raw",
    [
        b"ask: {dates: []}\naudits:\n  - {id: A1, kind: special, id: A2}\nask: {}\n",
        b'{"ask": {"dates": []}, "audits": [{"id": "A1", "kind": "special", "id": "A2"}], "ask": {}}',
    ],
)
def test_a_field_given_twice_is_named(raw: bytes) -> None:
    assert refusal(raw) == [
        ("ask", "given twice; give it once"),
        ("audits[0].id", "given twice; give it once"),
    ]


@given(st.binary(max_size=200) | st.text(alphabet="{}[]:,-&*!|>'\"# \n\taN019.é\x00", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        document = load(raw)
        answer(document, catalog())
    except DocumentErrors as refused:
        assert all(path for path, _ in refused.errors)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentErrors, match=r"cannot read .*missing\.yaml\": no such file or directory"):
        read_bytes(str(tmp_path / "missing.yaml"))
    with pytest.raises(DocumentErrors, match=r"cannot read .*: is a directory"):
        read_bytes(str(tmp_path))
    with pytest.raises(DocumentErrors, match="the file name holds a nul"):
        read_bytes("a\0b")


def test_a_document_has_a_largest_size(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * LARGEST_DOCUMENT)
    assert len(read_bytes(str(large))) == LARGEST_DOCUMENT
    large.write_bytes(b"#" * (LARGEST_DOCUMENT + 1))
    with pytest.raises(DocumentErrors, match="larger than 5,000,000 bytes"):
        read_bytes(str(large))


def test_every_line_of_a_batch_is_answered_in_order() -> None:
    good: dict[str, Any] = {"certificate": {"id": "C1", "expires_on": "2028-05-01"}, "ask": {"dates": ["2026-06-09"]}}
    lines = [
        json.dumps(good).encode() + b"\n", b"\n", b"certificate: {}\n", b"[]\n", b'{"ask": {}, "ask": {}}\n',
        b'{"ask": {"dates": [NaN]}}\n', b"\xff\n", b'{"asks": 1}\n', b"[" * 100_000 + b"\n", b"1" * 5000 + b"\r\n",
        json.dumps({**good, "scheme": "sqf"}).encode(),
    ]  # fmt: skip
    answers = [json.loads(line) for line in answer_lines(lines, catalog())]
    assert answers[0] == answer(good, catalog())
    assert answers[-1] == answer({**good, "scheme": "sqf"}, catalog())
    paths = [[error["path"] for error in entry["errors"]] for entry in answers[1:-1]]
    whole = ["document"]
    assert paths == [whole, whole, whole, ["ask"], whole, whole, ["ask", "asks"], whole, whole]
