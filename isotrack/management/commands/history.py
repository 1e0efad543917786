"""``history``: verify the chain, sign and hand out its head, write it to a file, erase texts."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from accounts import tenancy
from accounts.models import Organization
from records import chain
from records.erasure import Part, erase, erase_old
from records.heads import HeadsUnreadable, as_file, read_heads, sign_head
from records.models import ActorKind, EventCounter, SignedHead
from records.record import Actor
from records.signing_key import key_id, public_key
from records.verification import FIELDS, stored_entries, verify

BY = Actor(ActorKind.SERVICE, None, "manage.py history")


class Command(BaseCommand):
    """One subcommand for each thing an operator does with the history."""

    help = "Verify, sign, export or erase the history. Exit code 1 when a chain does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and with whose history."""
        commands = parser.add_subparsers(dest="what", required=True)
        one = self._command(commands, "verify", "follow every chain; name the first bad entry")
        one.add_argument("--against", metavar="HEADS.json", help="a file of heads that was kept elsewhere")
        self._command(commands, "sign", "sign the end of every chain that has grown and hand it out")
        self._command(commands, "heads", "print the signed heads as a file")
        self._command(commands, "export", "print the entries as lines of JSON, for verify_history.py")
        gone = self._command(commands, "erase", "erase texts of single entries; the chain still verifies")
        gone.add_argument("numbers", nargs="+", type=int, metavar="NUMBER", help="numbers of entries")
        gone.add_argument("--part", choices=Part.values, action="append", help="names or texts; default: both")
        gone.add_argument("--reason", required=True, help="why, for the history")
        old = self._command(commands, "purge", "erase the texts that have passed the organization's retention")
        old.add_argument("--before", type=date.fromisoformat, metavar="YYYY-MM-DD", help="an earlier day than that")
        old.add_argument("--dry-run", action="store_true", help="only say how many")

    def _command(self, commands: Any, name: str, said: str) -> ArgumentParser:
        made: ArgumentParser = commands.add_parser(name, help=said)
        made.add_argument("--organization", metavar="SLUG", help="only this one, by its short name")
        return made

    def handle(self, *args: Any, what: str, organization: str | None, **options: Any) -> None:
        """Goes through the organizations, each in its own scope."""
        found = Organization.objects.order_by("pk")
        if organization:
            found = found.filter(slug=organization)
            if not found:
                raise CommandError(f"There is no organization “{organization}”.")
        with tenancy.across_organizations():
            getattr(self, f"_{what}")(list(found), options)

    def _verify(self, organizations: list[Organization], options: dict[str, Any]) -> None:
        kept = _read(options["against"]) if options["against"] else {}
        bad = 0
        for organization in organizations:
            found = verify(organization.pk, kept.get(organization.slug))
            end = f"verified to entry {found.number}" + (f", head {found.hash[:16]}" if found.number else "")
            if found.problem:
                bad += 1
                self.stdout.write(self.style.ERROR(f"{organization.slug}: FIRST BAD {found.problem}"))
            else:
                erased = f", {len(found.erased)} with erased texts" if found.erased else ""
                self.stdout.write(f"{organization.slug}: {end}{erased}")
        unknown = set(kept) - {organization.slug for organization in organizations}
        if bad:
            raise CommandError(f"{bad} of {len(organizations)} chains do not hold.", returncode=1)
        if unknown and not options.get("organization"):
            raise CommandError(f"Heads were published for {', '.join(sorted(unknown))}, whose history is gone.")

    def _sign(self, organizations: list[Organization], options: dict[str, Any]) -> None:
        self.stdout.write(f"key {key_id(public_key())}")
        for organization in organizations:
            head = sign_head(organization)
            self.stdout.write(f"{organization.slug}: {f'signed entry {head.number}' if head else 'nothing new'}")

    def _heads(self, organizations: list[Organization], options: dict[str, Any]) -> None:
        heads = SignedHead.objects.filter(organization__in=organizations).select_related("organization")
        self.stdout.write(as_file(heads.order_by("organization_id", "number")), ending="")

    def _export(self, organizations: list[Organization], options: dict[str, Any]) -> None:
        for organization in organizations:
            end = EventCounter.objects.filter(pk=organization.pk).first()
            for entry in stored_entries(organization.pk, end.last_number if end else 0):
                values = dict(zip(FIELDS, entry, strict=True))
                values["recorded_at"] = chain.moment(values["recorded_at"])
                self.stdout.write(json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False))

    def _erase(self, organizations: list[Organization], options: dict[str, Any]) -> None:
        if len(organizations) != 1:
            raise CommandError("Name the organization with --organization.")
        parts = [Part(part) for part in options["part"] or Part.values]
        try:
            done = erase(organizations[0], options["numbers"], parts, options["reason"], BY)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{done} entries erased; the chain still verifies.")

    def _purge(self, organizations: list[Organization], options: dict[str, Any]) -> None:
        for organization in organizations:
            try:
                done = erase_old(organization, options["before"], BY, keep=options["dry_run"])
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            said = "would be erased" if options["dry_run"] else "erased"
            self.stdout.write(f"{organization.slug}: {done} entries {said}")


def _read(name: str) -> dict[str, dict[int, str]]:
    try:
        return read_heads(Path(name).read_text())
    except (OSError, UnicodeDecodeError, HeadsUnreadable) as error:
        raise CommandError(str(error)) from error
