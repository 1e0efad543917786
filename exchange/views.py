"""Pages of import and export: four steps, each with its own address, all of them without script."""

from __future__ import annotations

import tempfile
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from certifications.actions import Refused
from exchange import actions, pages
from exchange.answers import Answers
from exchange.answers import write_rows as row_list
from exchange.check import Check
from exchange.checking import analysis_of, check_of
from exchange.export import columns, write_csv, write_xlsx
from exchange.fields import FIELDS, Kind
from exchange.forms import AnswersNotRead, MatchForm, UploadForm, chosen_columns, posted_answers
from exchange.layout import Layout
from exchange.models import ImportRun
from exchange.readers import Unreadable
from exchange.refused import write_refused
from records.models import ActorKind
from records.record import Actor
from records.sheets import write_csv_rows
from records.wake import wake

IMPORT = Capability.IMPORT
CHANGED_MEANWHILE = gettext_noop(
    "What this list would change is not what you saw: an answer or a record has changed. Look at the changes below, "
    "then import."
)
EXAMPLES: dict[Kind, dict[str, str]] = {
    Kind.CERTIFICATES: {
        "number": "C-0001",
        "standard": "ISO 9001:2015",
        "sites": "Gdańsk",
        "certification_body": "Example Certification Ltd",
        "certified_on": "2018-03-15",
        "issued_on": "2024-03-15",
        "expires_on": "2027-03-14",
        "status": "active",
        "owner": "Jo Example",
        "scope": "Design and manufacture of pumps",
    },
    Kind.AUDITS: {
        "number": "A-2026-01",
        "kind": "Surveillance",
        "certificate": "C-0001",
        "site": "Gdańsk",
        "auditor": "Jo Example",
        "started_on": "2026-03-10",
        "ended_on": "2026-03-11",
        "audit_days": "1.5",
        "status": "held",
    },
    Kind.NONCONFORMITIES: {
        "number": "NC-2026-001",
        "raised_on": "2026-03-11",
        "source": "external audit",
        "audit": "A-2026-01",
        "certificate": "C-0001",
        "site": "Gdańsk",
        "clause": "8.4.1",
        "grade": "minor",
        "description": "Supplier used without evaluation.",
        "owner": "Jo Example",
        "status": "open",
    },
}


def _by(request: HttpRequest) -> Actor:
    return Actor.person(request.user, ActorKind.IMPORT)  # type: ignore[arg-type]


def _run(pk: int) -> ImportRun:
    run: ImportRun = get_object_or_404(ImportRun.objects.select_related("organization", "started_by"), pk=pk)
    return run


def _show(request: HttpRequest, name: str, step: int, run: ImportRun | None, **context: Any) -> HttpResponse:
    status = context.pop("status", 200)
    page = {"run": run, "steps": pages.steps(run, step), **context}
    return render(request, f"exchange/{name}.html", page, status=status)


@allowed(IMPORT)
def imports(request: HttpRequest) -> HttpResponse:
    """Step 1: choose a file; below it earlier imports and the exports."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            organization = request.organization  # type: ignore[attr-defined]
            run = actions.upload(organization, Kind(data["kind"]), data["file"], _by(request), data["encoding"])
            return redirect("import-match", run.pk)
        except Unreadable as problem:
            form.add_error("file", str(problem))
    earlier = Paginator(ImportRun.objects.select_related("started_by"), 20).get_page(request.GET.get("page"))
    status = 422 if form.is_bound else 200
    return _show(request, "file", 0, None, form=form, earlier=earlier, kinds=ImportRun.Kind.choices, status=status)


@allowed(IMPORT)
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: what each column holds; a guess is shown as a guess."""
    run = _run(pk)
    if run.state != ImportRun.State.OPEN:
        return redirect("import-done", pk)
    problem = ""
    if request.method == "POST":
        problem = _choose(run, request)
        if not problem:
            again = request.POST.get("then") == "look"
            return redirect("import-match" if again else "import-check", pk)
        run.refresh_from_db()
    context: dict[str, Any] = {"problem": problem, "fields": pages.field_choices(Kind(run.kind))}
    try:
        context["preview"] = pages.preview(run)
        with analysis_of(run) as analysis:
            layout = analysis.survey.layout
        context |= {"columns": pages.column_choices(layout, run), "layout": layout, "missing": _missing(layout)}
        context |= {
            "sheet": analysis.survey.sheet,
            "source": analysis.survey.source,
            "remarks": analysis.survey.remarks,
        }
    except Unreadable as unreadable:
        context["problem"] = problem or str(unreadable)
    return _show(request, "match", 1, run, **context, status=422 if context["problem"] else 200)


def _missing(layout: Layout) -> list[str]:
    return [FIELDS[layout.kind][name].label for name in layout.missing]


def _choose(run: ImportRun, request: HttpRequest) -> str:
    """Keep the choices of the page; a sentence when they can not be used."""
    form = MatchForm(request.POST)
    if not form.is_valid():
        return _("The heading row must be a row number.")
    chosen = chosen_columns(Kind(run.kind), request.POST.dict())
    twice = [field for field in chosen.values() if field and field != "note" and list(chosen.values()).count(field) > 1]
    if twice:
        text = _("“%(field)s” is chosen for two columns. Keep one of them; the other may go into the remarks.")
        return text % {"field": FIELDS[Kind(run.kind)][twice[0]].label}
    try:
        actions.choose_columns(run, chosen, form.cleaned_data["sheet"], form.cleaned_data["header_row"])
    except Unreadable as problem:
        return str(problem)
    return ""


@allowed(IMPORT)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: what would be imported, what is asked, what is wrong; nothing is saved yet."""
    run = _run(pk)
    if run.state != ImportRun.State.OPEN:
        return redirect("import-done", pk)
    problem = ""
    if request.method == "POST":
        try:
            answers = posted_answers(request.POST.dict(), Answers.from_json(run.answers))
            actions.answer(run, answers)
            if request.POST.get("then") != "import":
                return redirect("import-check", pk)
            if check_of(run).seen == request.POST.get("seen", ""):
                return _import(request, run)
            problem = _(CHANGED_MEANWHILE)
        except (AnswersNotRead, Unreadable) as wrong:
            problem = str(wrong)
    try:
        found = check_of(run)
    except Unreadable as unreadable:
        messages.error(request, str(unreadable))
        return redirect("import-match", pk)
    return _show(
        request, "check", 2, run, problem=problem, **_check_context(run, found), status=422 if problem else 200
    )


def _check_context(run: ImportRun, found: Check) -> dict[str, Any]:
    answers = Answers.from_json(run.answers)
    not_data: dict[str, list[int]] = {}
    for row, kind in found.not_data.items():
        not_data.setdefault(str(pages.NOT_DATA[kind]), []).append(row)
    return {
        "check": found,
        "counts": found.counts,
        "asked": pages.asked(found, answers),
        "repairs": pages.repairs(found),
        "changed": pages.changed(answers),
        "to_import": found.counts["ready"] + found.counts["change"],
        "changes": pages.changes(found),
        "left_out": row_list(answers.left_out),
        "not_data": {kind: row_list(rows) for kind, rows in not_data.items()},
        "missing": _missing(found.layout),
    }


def _import(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Import what is ready: at once when it is short, otherwise in a worker."""
    actions.start(run)
    if run.is_long:
        transaction.on_commit(partial(wake, "exchange.carry_on", run.pk))
    else:
        actions.carry_on(run, _by(request))
    return redirect("import-done", run.pk)


@allowed(IMPORT)
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: what came of it; while it runs, how far it is."""
    run = _run(pk)
    if run.state == ImportRun.State.OPEN:
        return redirect("import-check", pk)
    if run.state == ImportRun.State.WORKING and (run.lease_until is None or run.lease_until < clock.now()):
        wake("exchange.carry_on", run.pk)
    working = run.state == ImportRun.State.WORKING
    undo_until = actions.last_moment(run) if run.state == ImportRun.State.DONE and (run.added or run.changed) else None
    context = {
        "imported": run.added,
        "stored": run.added + len(run.changed) + len(run.not_changed),
        "working": working,
        "undo_until": undo_until if undo_until and undo_until >= clock.now() else None,
        "list_url": reverse(run.kind),
    }
    response = _show(request, "done", 3, run, **context)
    if working:
        response["Refresh"] = "2"
    return response


@allowed(IMPORT)
@require_safe
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that are not imported, with a column that says why, as CSV."""
    run = _run(pk)
    if run.state == ImportRun.State.OPEN:
        file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
        try:
            with analysis_of(run) as analysis:
                write_refused(analysis, file)
        except Unreadable as problem:  # the check page says so; there are no rows to hand out
            raise Http404 from problem
        file.seek(0)
    elif run.refused_rows and run.refused_rows.storage.exists(str(run.refused_rows.name)):
        file = run.refused_rows.open("rb")
    else:
        raise Http404
    return _download(file, "not-imported.csv")


def _download(file: Any, name: str) -> HttpResponse:
    response: Any = FileResponse(file, as_attachment=True, filename=name)
    return cast(HttpResponse, response)


@allowed(IMPORT)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back while nobody has worked with it."""
    run = _run(pk)
    try:
        actions.take_back(run, _by(request))
        messages.success(request, _("The import of %s is taken back.") % run.file_name)
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("import-done", pk)


@allowed(IMPORT)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away a file that was not imported."""
    actions.discard(_run(pk))
    return redirect("imports")


@allowed(Capability.EXPORT)
@require_safe
def export(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """All records of a kind in the shape in which they can be imported."""
    if kind not in list(Kind) or form not in {"csv", "xlsx"}:
        raise Http404
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    (write_csv if form == "csv" else write_xlsx)(Kind(kind), file)
    file.seek(0)
    return _download(file, f"{kind}.{form}")


@allowed(IMPORT)
@require_safe
def sample(request: HttpRequest, kind: str) -> HttpResponse:
    """A list with headings and one example row."""
    if kind not in list(Kind):
        raise Http404
    example = EXAMPLES[Kind(kind)]
    names = dict(columns(Kind(kind)))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}-example.csv"'
    response.write("\ufeff")
    write_csv_rows(response, [names[name] for name in example], [example.values()])
    return response
