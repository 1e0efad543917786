"""A translation can reach every word that people see."""

from __future__ import annotations

import pytest

from tests.architecture.source import ROOT
from tests.architecture.untranslated import in_python, in_template, modules, templates

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
