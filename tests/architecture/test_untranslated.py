"""A translation can reach every word that people see."""

from __future__ import annotations

import pytest

from tests.architecture.source import ROOT
from tests.architecture.untranslated import in_python, in_template

# What is marked throughout; a folder stands for everything below it.
MARKED = [
    "templates/_components",
    "templates/403.html",
    "templates/404.html",
    "templates/413.html",
    "templates/429.html",
    "templates/500.html",
    "templates/access",
    "templates/account",
    "templates/accounts",
    "templates/agenda",
    "templates/base.html",
    "templates/evidence",
    "templates/history",
    "templates/mfa",
    "templates/socialaccount",
]


@pytest.mark.parametrize("place", MARKED)
def test_nothing_is_out_of_reach_of_a_translation(place: str) -> None:
    paths = sorted([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*"))
    pages = [path for path in paths if path.suffix in {".html", ".svg", ".txt"}]
    modules = [path for path in paths if path.suffix == ".py"]
    assert pages or modules
    found = [f"{path.relative_to(ROOT)}: {text}" for path in pages for text in in_template(path)]
    found += [f"{path.relative_to(ROOT)}: {text}" for path in modules for text in in_python(path)]
    assert found == []
