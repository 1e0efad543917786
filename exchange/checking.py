"""The check of an uploaded file, worked out anew from the file, the choices and the answers."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from django.utils.translation import get_language, gettext

from accounts import clock
from exchange.answers import Answers
from exchange.changes import Comparer
from exchange.check import Analysis, Check
from exchange.fields import Kind
from exchange.models import ImportRun
from exchange.queries import known_of
from exchange.readers import Source, Unreadable, open_source
from exchange.survey import Options, Progress
from records.models import EventCounter


@contextmanager
def opened(run: ImportRun) -> Iterator[Source]:
    """A reader for the run's file; raises ``Unreadable`` in one sentence."""
    try:
        stream = run.file.open("rb")
    except FileNotFoundError as gone:
        raise Unreadable("gone", gettext("The file is no longer stored. Upload it again.")) from gone
    with stream:
        yield open_source(cast(BinaryIO, stream), run.encoding or None)


@contextmanager
def analysis_of(run: ImportRun, progress: Progress | None = None) -> Iterator[Analysis]:
    """The run's file, opened and surveyed; raises ``Unreadable`` in one sentence."""
    with opened(run) as source:
        options = Options(run.sheet or None, run.header_row, run.columns)
        answers = Answers.from_json(run.answers)
        today, known = clock.today(run.organization), known_of(run.organization)
        compare = Comparer(Kind(run.kind)).compare
        yield Analysis(source, Kind(run.kind), known, today, answers, options, progress, compare)


_kept: OrderedDict[tuple[object, ...], Check] = OrderedDict()
MOST_KEPT = 3


def check_of(run: ImportRun) -> Check:
    """The judgement of the run's file, kept until a choice, an answer, a record or the day changes.

    What it found is said in words as it is found; a reader of another language has it judged anew.
    """
    number = EventCounter.objects.filter(pk=run.organization_id).values_list("last_number", flat=True).first()
    choices = json.dumps([run.sheet, run.header_row, run.columns, run.answers], sort_keys=True)
    key = (run.pk, run.created_at, run.file.name, choices, number, clock.today(run.organization), get_language())
    found = _kept.get(key)
    if found is None:
        with analysis_of(run) as analysis:
            found = analysis.check()
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found
