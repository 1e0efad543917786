"""Doors of one import: upload, choose, answer, import chunk by chunk, take back."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts import clock
from accounts.models import Organization
from exchange.actions.findings import differences
from exchange.actions.references import References
from exchange.actions.stored import settle, store
from exchange.actions.updates import update
from exchange.answers import Answers
from exchange.check import Analysis, Check
from exchange.checking import analysis_of
from exchange.fields import Kind
from exchange.models import ImportRun
from exchange.readers import Unreadable
from exchange.refused import write_refused
from exchange.survey import Progress
from exchange.telling import tell_result
from records.record import Actor, Entry, record

CHUNK = 1000
LEASE = timedelta(minutes=10)
ATTEMPTS = 5
MOST_COMPARED = 900
SEARCHED = 20


def upload(
    organization: Organization, kind: Kind, file: File[Any], by: Actor, encoding: str = "", sheet: str = ""
) -> ImportRun:
    """Keep a file for checking; raises ``Unreadable`` in one sentence when nothing can be imported from it.

    Nothing of a file that can not be read is kept. One whose headings are not recognized is: a person may show them.
    """
    if file.size and file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
        text = gettext("The file is larger than %(limit)s MB. Save the list alone, as CSV, or in parts.")
        raise Unreadable("too_large", text % {"limit": limit})
    run = ImportRun(
        organization=organization,
        kind=kind.value,
        file_name=(file.name or "list").rsplit("/", 1)[-1][:200],
        encoding=encoding,
        sheet=sheet,
        started_by_id=by.user_id,
    )
    run.file.save(f"{kind.value}.list", file, save=False)
    try:
        _look_at(run)
        run.columns = remembered(run)
        run.save()
    finally:
        if run.pk is None:
            run.file.delete(save=False)
    return run


def _look_at(run: ImportRun) -> None:
    try:
        with analysis_of(run):
            pass
    except Unreadable as problem:
        if problem.reason != "no_heading":
            raise


def remembered(run: ImportRun) -> dict[str, str | None]:
    """What the organization chose for the columns the last time it imported a list with these headings."""
    try:
        with analysis_of(run) as analysis:
            headings = {column.key for column in analysis.survey.layout.columns}
    except Unreadable:
        return {}
    earlier = ImportRun.objects.filter(kind=run.kind, state=ImportRun.State.DONE).order_by("-pk")
    for columns in earlier.values_list("columns", flat=True)[:SEARCHED]:
        if columns and headings == set(columns):
            return dict(columns)
    return {}


def discard(run: ImportRun) -> None:
    """Throw a file away that was never imported; the file itself goes when the row is gone for good."""
    deleted, _ = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.OPEN).delete()
    if deleted:
        transaction.on_commit(partial(run.file.delete, save=False))


def choose_columns(run: ImportRun, columns: dict[str, str | None], sheet: str, header_row: int | None) -> None:
    """Keep what a person chose for the columns; raises ``Unreadable`` when the sheet holds no list."""
    run.columns, run.sheet, run.header_row = columns, sheet, header_row
    with analysis_of(run):
        _save_open(run, columns=columns, sheet=sheet, header_row=header_row)


def answer(run: ImportRun, answers: Answers) -> None:
    """Keep a person's answers; the check is worked out anew with them."""
    _save_open(run, answers=answers.to_json())


def _save_open(run: ImportRun, **changes: Any) -> None:
    """Only an import that has not begun may change; an answer that comes too late changes nothing."""
    ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.OPEN).update(**changes)
    run.refresh_from_db()


def start(run: ImportRun) -> Check:
    """Confirm the check: from now on the ready rows are imported, by ``carry_on``.

    The rows that stay behind are kept as a file with their reasons.
    """
    with analysis_of(run) as analysis:
        check = analysis.check()
        changes: dict[str, Any] = {"state": ImportRun.State.WORKING, "counts": check.counts, "rows": check.survey.rows}
        changes["changing"] = check.changing
        confirmed = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.OPEN).update(**changes)
        run.refresh_from_db()
        if confirmed and run.behind:
            _keep_refused(run, analysis)
    return check


def _keep_refused(run: ImportRun, analysis: Analysis) -> None:
    with tempfile.TemporaryFile() as stream:
        write_refused(analysis, cast(BinaryIO, stream))
        stream.seek(0)
        run.refused_rows.save("refused.csv", File(stream), save=False)
        run.save(update_fields=["refused_rows"])


def carry_on(run: ImportRun, by: Actor, progress: Progress | None = None) -> ImportRun:
    """Import the rows that are not stored yet; after a kill or a clash it goes on behind the last stored one.

    A number that somebody else takes meanwhile refuses its row and no other. What is kept in words is said in the
    current language: that of the page, in a worker that of whoever started the import, English on the command line.
    """
    if not _lease(run):
        return run
    for attempt in range(ATTEMPTS):
        try:
            _store_rows(run, by, progress)
            break
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
            run.refresh_from_db()
    _finish(run, by)
    return run


def _lease(run: ImportRun) -> bool:
    """One worker at a time; the lease of one that was killed runs out."""
    now = clock.now()
    free = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.WORKING).exclude(lease_until__gt=now)
    taken = free.update(lease_until=now + LEASE)
    run.refresh_from_db()
    return bool(taken)


def _store_rows(run: ImportRun, by: Actor, progress: Progress | None) -> None:
    found = References(run.organization, by)
    if run.kind != Kind.CERTIFICATES:
        found.load_certificates()
    if run.kind == Kind.NONCONFORMITIES:
        found.load_audits()
    with analysis_of(run, progress) as analysis:
        ready = (r for r in analysis.results() if r.place in {"ready", "change"} and r.row > run.last_row)
        while chunk := list(islice(ready, CHUNK)):
            with transaction.atomic():
                stored = store(Kind(run.kind), [r for r in chunk if r.place == "ready"], found, by, _cause(run))
                changes = [r for r in chunk if r.place == "change"]
                updated = update(Kind(run.kind), changes, run.changing, found, by, _cause(run))
                run.changed, run.not_changed = run.changed + updated.changed, run.not_changed + updated.refused
                _keep(run, stored.created | found.added, stored.written_due, chunk[-1].row)
            found.added.clear()


def _cause(run: ImportRun) -> str:
    return gettext("Import of %(file)s") % {"file": run.file_name}


def _keep(run: ImportRun, created: dict[str, list[int]], written_due: list[dict[str, Any]], last_row: int) -> None:
    """Note in the same transaction what a chunk added and how far the import has come."""
    merged = {name: [*run.created.get(name, []), *ids] for name, ids in created.items()}
    run.created = run.created | merged
    run.differences = (run.differences + written_due)[:MOST_COMPARED]
    run.last_row = last_row
    run.lease_until = clock.now() + LEASE
    run.save(update_fields=["created", "changed", "not_changed", "differences", "last_row", "lease_until"])


def _finish(run: ImportRun, by: Actor) -> None:
    settle(Kind(run.kind), run.created, by, _cause(run))
    run.state, run.finished_at, run.lease_until = ImportRun.State.DONE, clock.now(), None
    run.differences = differences(run.differences)
    imported = {name: len(ids) for name, ids in run.created.items()} | {"changed": len(run.changed)}
    with transaction.atomic():
        run.save(update_fields=["state", "finished_at", "lease_until", "differences"])
        record(
            by, [Entry.about(run, "import.done", clock.today(run.organization), after=imported, reason=run.file_name)]
        )
        if run.is_long:
            tell_result(run)
