"""docs/settings.md names every variable an operator may set, with its true default, and no other."""

import re

from tests.architecture.source import ROOT

SETTINGS = (ROOT / "isotrack/settings.py").read_text()
PAGE = (ROOT / "docs/settings.md").read_text()
DOCUMENTED = dict(re.findall(r"^\| `(ISOTRACK_[A-Z_]+)` \| ([^|]*?) \|", PAGE, re.M))
READ = re.findall(r'env\.(\w+)\(\s*"(ISOTRACK_[A-Z_]+)"(?:,\s*default=("[^"]*"|True|False|\d+)(?=\)))?', SETTINGS)
NAMES = re.compile(r'environ(?:\.get\(|\[)\s*"(ISOTRACK_[A-Z_]+)"')


def read_outside_the_settings() -> set[str]:
    """Variables that a file reads for itself: switches of tests and rehearsals, and what is passed on at a start."""
    files = [path for path in ROOT.glob("*/**/*.py") if not {".venv", "var"} & set(path.parts)]
    return {name for path in files for name in NAMES.findall(path.read_text())}


def test_every_variable_is_documented_and_every_documented_one_is_read():
    assert set(DOCUMENTED) == {name for _, name, _ in READ} | read_outside_the_settings()


def test_the_page_tells_the_true_defaults():
    wrong = {
        name: (DOCUMENTED[name], default)
        for kind, name, default in READ
        if default and DOCUMENTED[name] != shown(kind, default)
    }
    assert wrong == {}


def shown(kind: str, default: str) -> str:
    """A default as the page writes it."""
    if kind == "bool":
        return {"True": "`1`", "False": "`0`"}[default]
    return f"`{default.strip(chr(34))}`" if default != '""' else "empty"
