"""Shapes of code that have opened holes elsewhere do not stand here, except where allowed.txt gives the reason."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import PRODUCT, ROOT

SHAPES = {
    "mark_safe": r"\bmark_safe\b",
    "SafeString": r"\bSafeString\(",
    "|safe": r"\|\s*safe(seq)?\b",
    "autoescape off": r"autoescape\s+off",
    "csrf_exempt": r"\bcsrf_exempt\b",
    "raw(": r"objects\.raw\(|RawSQL\(",
    "extra(": r"\.extra\(\s*(where|select|tables)",
    "filter(**)": r"\b(?:filter|exclude|get|Q)\(\*\*(?!\{)",
    "request data": r"\(\*\*(?:self\.)?request\.",
    "pickle": r"\b(?:pickle|marshal|shelve)\b",
    "yaml.load": r"yaml\.(?:load|unsafe_load|full_load)\(",
    "AllowAny": r"\bAllowAny\b",
    "eval": r"(?<![.\w])(?:eval|exec)\(",
    "subprocess": r"^\s*(?:import subprocess|from subprocess)|os\.system\(|shell=True",
    "csv.writer": r"\bcsv\.(?:writer|DictWriter)\(|xlsxwriter\.Workbook\(",
}
OWN = {"records/sheets.py": {"csv.writer"}}


def allowed() -> dict[tuple[str, str], str]:
    """File and shape, with the reason."""
    lines = (ROOT / "tests/hardening/allowed.txt").read_text().splitlines()
    entries = [[part.strip() for part in line.split(" | ")] for line in lines if line and not line.startswith("#")]
    return {(file, shape): reason for file, shape, reason in entries}


def sources() -> dict[str, str]:
    """The product's Python files and templates by name."""
    templates = sorted([*(ROOT / "templates").rglob("*"), *ROOT.glob("*/templates/**/*")])
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in templates if path.suffix not in {"", ".pyc"}}
    return texts | {source.name: source.path.read_text() for source in PRODUCT}


def found() -> set[tuple[str, str]]:
    """Every file with every shape that stands in it."""
    return {
        (name, shape)
        for name, text in sources().items()
        for shape, pattern in SHAPES.items()
        if shape not in OWN.get(name, set()) and re.search(pattern, text, re.MULTILINE)
    }


# A mapping that is written out in the call has its names in the code; one that comes from elsewhere needs a reason.


def test_every_shape_has_its_reason_and_every_reason_its_shape():
    assert found() == set(allowed())


def test_reasons_say_something():
    assert [entry for entry, reason in allowed().items() if len(reason.split()) < 3] == []


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("mark_safe", "return mark_safe(title)"),
        ("|safe", "<p>{{ nc.title|safe }}</p>"),
        ("autoescape off", "{% autoescape off %}"),
        ("filter(**)", "Audit.objects.filter(**given)"),
        ("request data", "row = Model(**request.POST)"),
        ("yaml.load", "yaml.load(text)"),
        ("csv.writer", "out = csv.writer(response)"),
        ("subprocess", "import subprocess"),
        ("eval", "eval(text)"),
    ],
)
def test_shapes_are_recognized(shape, text):
    assert re.search(SHAPES[shape], text, re.MULTILINE)
