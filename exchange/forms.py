"""What people send from the pages of an import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.answers import Answers, AnswersNotUnderstood, read_rows
from exchange.fields import FIELDS, Kind
from exchange.models import ImportRun
from exchange.readers.encoding import CHOICES

ENCODINGS = [("", _("Detect it")), *((name, name) for name in CHOICES)]


class UploadForm(forms.Form):
    """The file and what it holds."""

    kind = forms.ChoiceField(
        label=_("What does the list hold?"),
        choices=ImportRun.Kind.choices,
        widget=forms.RadioSelect,
        initial=ImportRun.Kind.CERTIFICATES,
        error_messages={"required": _("Choose what the list holds.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), as you keep it. Titles, section rows and totals may stay in it."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty (0 bytes)."),
            "missing": _("Choose a file."),
            "invalid": _("Choose a file."),
        },
        max_length=200,
    )
    encoding = forms.ChoiceField(label=_("Encoding of a CSV file"), choices=ENCODINGS, required=False)


class MatchForm(forms.Form):
    """Sheet and heading row; the columns are read by ``chosen_columns``."""

    sheet = forms.CharField(required=False, max_length=100)
    header_row = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)


def chosen_columns(kind: Kind, data: Mapping[str, str]) -> dict[str, str | None]:
    """The field chosen for each column; unknown fields are left out."""
    known = set(FIELDS[kind])
    return {
        name.removeprefix("column|"): value if value in known else None
        for name, value in data.items()
        if name.startswith("column|")
    }


class AnswersNotRead(ValueError):
    """An answer of the page can not be used; the message says which."""


def posted_answers(data: Mapping[str, str], answers: Answers) -> Answers:
    """The answers so far with those of the page laid over them; an empty one takes the earlier one away."""
    for name, value in data.items():
        what, _, key = name.partition("|")
        if what in {"answer", "with", "cell", "undo"}:
            _set(answers, what, _key(key), value.strip())
    if "leave_out" in data:
        try:
            answers.left_out = read_rows(data["leave_out"])
        except AnswersNotUnderstood as problem:
            raise AnswersNotRead(str(problem)) from None
    return answers


def _key(text: str) -> list[Any]:
    try:
        key = json.loads(text)
    except ValueError:
        raise AnswersNotRead(gettext("An answer of the page could not be read. Load the page again.")) from None
    if not isinstance(key, list) or not 2 <= len(key) <= 3:
        raise AnswersNotRead(gettext("An answer of the page could not be read. Load the page again."))
    return key


def _set(answers: Answers, what: str, key: list[Any], value: str) -> None:
    if what == "answer" and len(key) == 3:
        _put(answers.choices, (str(key[0]), str(key[1]), str(key[2])), value)
    elif what == "with" and value:
        answers.replacements[str(key[0]), str(key[1])] = value
    elif what == "cell" and value and isinstance(key[0], int):
        answers.cells[key[0], str(key[1])] = value
    elif what == "undo" and isinstance(key[0], int):
        answers.cells.pop((key[0], str(key[1])), None)
    elif what == "undo":
        answers.replacements.pop((str(key[0]), str(key[1])), None)


def _put(choices: dict[tuple[str, str, str], str], key: tuple[str, str, str], value: str) -> None:
    if value:
        choices[key] = value
    else:
        choices.pop(key, None)
