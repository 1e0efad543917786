"""A translation can reach every word that people see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT
from tests.architecture.untranslated import (
    in_python,
    in_template,
    modules,
    prose,
    templates,
    uncollected,
)

# Where words reach people: a folder stands for everything below it.
MARKED = ["templates", *sorted({path.relative_to(ROOT).parts[0] for path in modules()})]


@pytest.mark.parametrize("place", MARKED)
def test_nothing_is_out_of_reach_of_a_translation(place: str) -> None:
    paths = [path for path in (*templates(), *modules()) if path.is_relative_to(ROOT / place)]
    assert paths
    finders = {".py": in_python}
    found = [
        f"{path.relative_to(ROOT)}: {text}" for path in paths for text in finders.get(path.suffix, in_template)(path)
    ]
    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_sentence_is_put_aside_for_a_page_without_a_translation(package: str) -> None:
    paths = [path for path in modules() if path.is_relative_to(ROOT / package)]
    assert paths
    assert [f"{path.relative_to(ROOT)}: {text}" for path in paths for text in prose(path)] == []


def test_no_translation_hides_where_gettext_does_not_look() -> None:
    assert [f"{path.relative_to(ROOT)}: {text}" for path in modules() for text in uncollected(path)] == []


def test_a_sentence_in_a_table_or_put_together_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "questions.py"
    module.write_text(
        '\'\'\'Words of a page.\'\'\'\nTITLES = {"a": "Date not understood", "b": gettext_noop("Site not known")}\n'
        'def told(row): return f"Row {row} is left out"\nlog.info("not for people")\n'
    )
    monkeypatch.setattr("tests.architecture.untranslated.ROOT", tmp_path)
    assert [text.replace("\0", "…") for text in prose(module)] == ["2: Date not understood", "3: Row … is left out"]
