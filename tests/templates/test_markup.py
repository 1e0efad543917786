"""What templates and styles must not contain, and that vendored files are what their list says."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Mail and paper are no pages: mail programs need style attributes, and papers carry a sheet of their own.
PAGES = sorted(
    path
    for path in (ROOT / "templates").rglob("*")
    if path.suffix in {".html", ".svg"} and not {"emails", "reports"} & set(path.parts)
)
SHEETS = [ROOT / "static/css/app.css", *sorted((ROOT / "static/js").glob("*.js"))]
HEX = re.compile(r"(?<![&\w/])#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\b(?!-)")


def name(path):
    return str(path.relative_to(ROOT))


def test_pages_were_found():
    assert "templates/base.html" in [name(path) for path in PAGES]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_inline_style_script_or_handler(path):
    text = path.read_text()
    assert re.findall(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son(?:click|change|submit|load)=", text) == []


@pytest.mark.parametrize("path", [*PAGES, *SHEETS], ids=name)
def test_no_color_outside_the_tokens(path):
    assert HEX.findall(path.read_text()) == []


def test_every_class_of_the_pages_is_in_the_sheet():
    sheet = (ROOT / "static/css/app.css").read_text()
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", sheet))
    used = {
        word
        for path in PAGES
        for value in re.findall(r'class="([^"{}%]*)"', path.read_text())
        for word in value.split()
    }
    assert used - known == set()


def test_vendored_files_are_those_of_the_list():
    listed = dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (ROOT / "static/VENDORED.md").read_text(), re.M)
    )
    found = {
        str(path.relative_to(ROOT / "static")): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("fonts", "vendored")
        for path in sorted((ROOT / "static" / folder).rglob("*"))
        if path.is_file()
    }
    assert found == listed


def test_every_icon_that_is_named_is_in_the_sprite():
    from accounts.templatetags.ui import LOOKS, SPRITE

    sprite = set(re.findall(r'id="i-([\w-]+)"', (ROOT / "static" / SPRITE).read_text()))
    named = {look.icon for look in LOOKS.values()}
    for path in PAGES:
        text = path.read_text()
        named |= set(re.findall(r'{% icon "([\w-]+)"', text)) | set(re.findall(r'icon_name="([\w-]+)"', text))
        named |= set(re.findall(r'{% (?:nav|tab)_item "[^"]+" "([\w-]+)"', text))
    assert named - sprite == set()


# What a pressed button says, by the first word that stands on it; all others say that it is saved.
SAYS = {
    "Send": "Sending…",
    "Add": "Adding…",
    "Remove": "Removing…",
    "Record": "Recording…",
    "Submit": "Submitting…",
    "Import": "Importing…",
    "Sign": "Signing ",
    "Look": "Checking…",
    "See": "Checking…",
    "Check": "Checking…",
}
ATTRIBUTES = r"(?:\{%.*?%\}|\{\{.*?\}\}|\"[^\"]*\"|[^>\"{])*"
BUTTON = re.compile(rf"<button\b({ATTRIBUTES})>(?:\{{% icon [^%]*%\}})?\{{% translate \"(\w+)")


def test_a_button_says_its_own_verb_while_it_works():
    found = [(name(path), *match) for path in PAGES for match in BUTTON.findall(path.read_text())]
    pressed = [one for one in found if one[2] in SAYS and not re.search('type="button"|class="vh"', one[1])]
    silent = [one for one in pressed if f"data-working=\"{{% translate '{SAYS[one[2]]}" not in one[1]]
    assert len(pressed) > 40
    assert silent == []
