"""``manage.py import``: read a list of certificates, audits or nonconformities from CSV or XLSX."""  # noqa: N999

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from accounts import tenancy
from accounts.models import Organization
from exchange import actions
from exchange.answers import Answers, AnswersNotUnderstood
from exchange.check import Check
from exchange.checking import analysis_of
from exchange.fields import Kind
from exchange.models import ImportRun
from exchange.readers import Unreadable
from exchange.readers.encoding import CHOICES
from exchange.refused import write_refused
from exchange.reports import as_data, lines, summary
from records.models import ActorKind
from records.record import Actor

BY = Actor(ActorKind.IMPORT, None, "manage.py import")


class Command(BaseCommand):
    """Checks the file, prints what it found, and imports the rows that are ready; the others wait in a file."""

    help = "Import certificates, audits or nonconformities from a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, as what, into which organization, with which answers."""
        parser.add_argument("file", type=Path, help="the CSV or XLSX file")
        parser.add_argument("--kind", required=True, choices=[kind.value for kind in Kind], help="what the list holds")
        parser.add_argument(
            "--organization", metavar="SLUG", help="short name; may be left out while there is only one"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only; nothing is saved")
        parser.add_argument(
            "--answers", type=Path, metavar="FILE.yaml", help="answers to questions, columns, corrections"
        )
        parser.add_argument("--accept-offered", action="store_true", help="take the answers that the check offers")
        parser.add_argument("--sheet", default="", help="sheet of a workbook; default: the one that holds the list")
        parser.add_argument(
            "--encoding", default="", choices=["", *CHOICES], help="encoding of a CSV file; default: detected"
        )
        parser.add_argument(
            "--refused", type=Path, metavar="FILE.csv", help="write rows that are not imported, with reasons"
        )
        parser.add_argument("--format", default="text", choices=["text", "json"], help="how the check is printed")

    def handle(self, *args: Any, **options: Any) -> None:
        """One clear line for whatever is wrong with the file or the answers."""
        organization = find_organization(options["organization"])
        with tenancy.acting_in(organization):
            try:
                self._run(organization, options)
            except (Unreadable, AnswersNotUnderstood) as problem:
                raise CommandError(str(problem)) from problem

    def _run(self, organization: Organization, options: dict[str, Any]) -> None:
        answers = _read_answers(options["answers"])
        run = self._upload(organization, options)
        try:
            self._answer(run, answers)
            check = self._check(run, options["accept_offered"])
            self._print(check, options["format"])
            if options["refused"]:
                self._write_refused(run, options["refused"])
            if not options["dry_run"]:
                self._import(run, options["verbosity"])
        finally:
            actions.discard(run)

    def _upload(self, organization: Organization, options: dict[str, Any]) -> ImportRun:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        kind, encoding, sheet = Kind(options["kind"]), options["encoding"], options["sheet"]
        with path.open("rb") as stream:
            return actions.upload(organization, kind, File(stream, path.name), BY, encoding, sheet)

    def _answer(self, run: ImportRun, answers: dict[str, Any]) -> None:
        """Choices and answers of the file."""
        found = Answers.from_json(answers)
        if answers.get("columns") or answers.get("header_row") or answers.get("sheet"):
            sheet = run.sheet or answers.get("sheet") or ""
            actions.choose_columns(run, answers.get("columns") or {}, sheet, answers.get("header_row"))
        actions.answer(run, found)

    def _check(self, run: ImportRun, accept_offered: bool) -> Check:
        with analysis_of(run) as analysis:
            check = analysis.check()
        if accept_offered and any(question.proposed for question in check.questions):
            answers = Answers.from_json(run.answers)
            for question in check.questions:
                for value, answer in question.proposed.items():
                    answers.choices.setdefault((question.kind, question.column, value), answer)
            actions.answer(run, answers)
            with analysis_of(run) as analysis:
                check = analysis.check()
        return check

    def _print(self, check: Check, form: str) -> None:
        if form == "json":
            self.stdout.write(json.dumps(as_data(check), ensure_ascii=False, indent=2))
            return
        for line in lines(check):
            self.stdout.write(line)

    def _write_refused(self, run: ImportRun, path: Path) -> None:
        with analysis_of(run) as analysis, path.open("wb") as stream:
            count = write_refused(analysis, stream)
        self.stderr.write(f"{count} rows that are not imported are in {path}")

    def _import(self, run: ImportRun, verbosity: int) -> None:
        check = actions.start(run)
        total = 2 * max(check.survey.rows, 1)

        def progress(done: int) -> None:
            if verbosity > 0 and done % 10_000 == 0:
                self.stderr.write(f"{100 * done // total} %")

        actions.carry_on(run, BY, progress)
        added = {name: len(ids) for name, ids in run.created.items()}
        changed = f", {len(run.changed)} changed" if run.changed else ""
        self.stderr.write(f"Imported: {added.get(_row_name(run), 0)}{changed} of {summary(check)}")
        for item in run.not_changed:
            self.stderr.write(f"Not changed: row {item['row']}, {item['number']} {item['why']}")


def _row_name(run: ImportRun) -> str:
    return {"certificates": "certificate", "audits": "audit", "nonconformities": "nonconformity"}[run.kind]


def _read_answers(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}
    except FileNotFoundError:
        raise CommandError(f"There is no file {path}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise CommandError(f"{path} is not YAML: {str(problem).splitlines()[0]}.") from None
    if not isinstance(data, dict):
        raise CommandError(f"{path} must hold answers, replace, cells, leave_out, columns or sheet.")
    header_row = str(data.get("header_row") or "")
    if header_row and not header_row.isdecimal():
        raise CommandError(f"{path}: header_row must be a row number.")
    columns = data.get("columns") or {}
    if not isinstance(columns, dict):
        raise CommandError(f"{path}: columns must map headings to fields.")
    return {**data, "header_row": int(header_row) if header_row else None, "columns": columns}


def find_organization(slug: str | None) -> Organization:
    """The organization of this short name; the only one when none is named."""
    if slug:
        found = Organization.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no organization “{slug}”.")
        return found
    slugs = list(Organization.objects.order_by("slug").values_list("slug", flat=True)[:20])
    if len(slugs) != 1:
        raise CommandError(f"Name the organization with --organization: {', '.join(slugs) or 'there is none yet'}.")
    return Organization.objects.get(slug=slugs[0])
