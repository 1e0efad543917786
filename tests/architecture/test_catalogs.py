"""Every word is translated into every language that a profile offers, and what is shipped is what was translated."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.models import User
from tests.architecture.source import ROOT
from tests.pages import signed_in, text_of

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
TRANSLATED = re.compile(r"^\d+ translated messages\.$")
BRACES = re.compile(r"\{\w+\}")
needs_gettext = pytest.mark.skipif(
    shutil.which("xgettext") is None and "CI" not in os.environ, reason="needs GNU gettext: apt-get install gettext"
)


def catalog(language: str, root: Path = ROOT) -> Path:
    """The catalog of a language as translators write it."""
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def statistics(source: Path, target: Path) -> str:
    """What msgfmt says of a catalog that it checks and builds; it refuses other placeholders than the original's."""
    done = subprocess.run(
        ["msgfmt", "--check", "--statistics", "-o", str(target), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1]


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shipped_was_built_from_the_catalog(language: str, tmp_path: Path) -> None:
    built = tmp_path / "django.mo"
    assert TRANSLATED.match(statistics(catalog(language), built))
    assert built.read_bytes() == catalog(language).with_suffix(".mo").read_bytes()


@needs_gettext
def test_every_word_of_the_source_is_translated(tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns(".venv", "var", ".git", "tests", "docs", "node_modules", "*.mo", "static")
    shutil.copytree(ROOT, tmp_path / "copy", ignore=left_out)
    command = re.search(r"manage\.py (makemessages.*?)&&", (ROOT / "Makefile").read_text(), re.DOTALL)
    assert command
    words = command[1].replace("\\\n", " ").replace("'", "").split()
    python = ROOT / ".venv" / "bin" / "python"
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([str(python), "manage.py", *words], cwd=tmp_path / "copy", env=own, check=True)
    told = {name: statistics(catalog(name, tmp_path / "copy"), tmp_path / "x.mo") for name in LANGUAGES}
    assert {name: text for name, text in told.items() if not TRANSLATED.match(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_scripts_fill_in_stays_what_it_is(language: str) -> None:
    with translation.override(language):
        for english in ("{seen} of {all} seen", "{fine} of {seen} conform", "{n} not sent"):
            said = translation.gettext(english)
            assert said != english
            assert sorted(BRACES.findall(said)) == sorted(BRACES.findall(english))


def test_each_person_reads_their_own_language(officer: User) -> None:
    titles = {}
    browser: Client = signed_in(officer)
    profile = {"full_name": officer.full_name, "time_zone": "", "theme": "auto", "shortcuts": "on"}
    for language in ("en", *LANGUAGES):
        assert browser.post("/settings/profile/", {**profile, "language": language}).status_code == 302
        page = browser.get("/queue/")
        assert f'<html lang="{language}"' in page.content.decode()
        titles[language] = text_of(page)
    assert "Nothing is waiting for you." in titles["en"]
    assert "Nichts wartet auf Sie." in titles["de"]
    assert "Rien ne vous attend." in titles["fr"]
    assert "Nada le espera." in titles["es"]
    assert "Nic na Ciebie nie czeka." in titles["pl"]
