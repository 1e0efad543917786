"""The doors of evidence: attach, revise, change, link, unlink, withdraw; and the record of who looked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization
from accounts.tenancy import OrganizationRow
from evidence import scanner, vault
from evidence.content import FileRefused, checked, shown_name
from evidence.models import Blob, Evidence, Revision, Use
from evidence.queries import used_bytes
from records.editing import save_changes
from records.record import Actor, Entry, record, subject_type


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it comes in, and the civil date of its content (today when nothing is said)."""

    name: str
    chunks: Iterable[bytes]
    effective_on: date | None = None
    reason: str = ""


def attach(subject: OrganizationRow, file: Given, by: Actor, **fields: Any) -> Evidence:
    """Keep a file as new evidence for a record; ``fields`` are title, note, owner and expires_on.

    Raises ``FileRefused`` when the file cannot be taken; nothing is kept then.
    """
    organization = _organization_of(subject)
    with _taken_in(file) as arrived, transaction.atomic():
        title = fields.pop("title", "") or arrived.name
        evidence = Evidence(organization=organization, title=title[:200], **fields)
        _check_expiry(evidence.expires_on, arrived.effective_on(organization))
        evidence.full_clean()
        evidence.save()
        revision = _add_revision(evidence, 1, arrived, by)
        today = clock.today(organization)
        record(by, [Entry.about(evidence, "evidence.added", today, after=_told(evidence, revision))])
        link(evidence, subject, by)
        _check_quota(organization)
    return evidence


def revise(evidence: Evidence, file: Given, by: Actor, expires_on: date | None = None) -> Revision:
    """Put a newer file in the place of the last one, which stays readable."""
    organization = _organization_of(evidence)
    with _taken_in(file) as arrived, transaction.atomic():
        locked = Evidence.objects.select_for_update().get(pk=evidence.pk)
        _refuse_withdrawn(locked)
        _check_expiry(expires_on, arrived.effective_on(organization))
        last = locked.current
        revision = _add_revision(locked, last.number + 1, arrived, by)
        before = {"sha256": last.blob.sha256, "expires_on": _text(locked.expires_on)}
        Evidence.objects.filter(pk=locked.pk).update(expires_on=expires_on, version=locked.version + 1)
        locked.expires_on = expires_on
        entry = Entry.about(
            locked,
            "evidence.revised",
            clock.today(organization),
            before=before,
            after=_told(locked, revision),
            reason=file.reason,
        )
        record(by, [entry])
        _check_quota(organization)
    return revision


def change_evidence(evidence: Evidence, version: int, changes: dict[str, Any], by: Actor) -> Evidence:
    """Change title, note, owner or the day until which it is valid; the files stay as they are."""
    _refuse_withdrawn(evidence)
    if "expires_on" in changes:
        _check_expiry(changes["expires_on"], evidence.current.effective_on)
    with transaction.atomic():
        today = clock.today(_organization_of(evidence))
        return cast(Evidence, save_changes(evidence, version, changes, by, today))


@transaction.atomic
def link(evidence: Evidence, subject: OrganizationRow, by: Actor) -> None:
    """Let a piece of evidence support one more record; doing it twice changes nothing."""
    _refuse_withdrawn(evidence)
    made = Use.objects.get_or_create(
        organization=_organization_of(evidence),
        evidence=evidence,
        subject_type=subject_type(subject),
        subject_id=subject.pk,
        defaults={"linked_at": clock.now(), "linked_by": by.label},
    )[1]
    if made:
        record(by, [_about_subject(subject, evidence, "evidence.linked")])


@transaction.atomic
def unlink(evidence: Evidence, subject: OrganizationRow, by: Actor, reason: str) -> None:
    """The evidence does not support this record any more; the file and its history stay."""
    uses = Use.objects.filter(evidence=evidence, subject_type=subject_type(subject), subject_id=subject.pk)
    if uses.delete()[0]:
        record(by, [_about_subject(subject, evidence, "evidence.unlinked", reason)])


@transaction.atomic
def withdraw(evidence: Evidence, by: Actor, reason: str) -> None:
    """Take evidence out of use: it leaves the lists, its files stay for the history."""
    today = clock.today(_organization_of(evidence))
    fresh = Evidence.objects.filter(pk=evidence.pk, withdrawn_on=None)
    if not fresh.update(withdrawn_on=today, version=evidence.version + 1):
        raise ValidationError(_("This evidence was withdrawn already."))
    record(by, [Entry.about(evidence, "evidence.withdrawn", today, reason=reason)])


@transaction.atomic
def note_reading(revision: Revision, by: Actor) -> None:
    """Write down who looked at a file."""
    today = clock.today(_organization_of(revision))
    after = {"file": revision.file_name, "revision": revision.number, "sha256": revision.blob.sha256}
    record(by, [Entry.about(revision.evidence, "evidence.read", today, after=after)])


@transaction.atomic
def note_damage(revision: Revision, by: Actor, what: str) -> None:
    """Write down that the vault does not hold what was put into it; ``what`` is missing or changed."""
    today = clock.today(_organization_of(revision))
    after = {"file": revision.file_name, "revision": revision.number, "found": what}
    record(by, [Entry.about(revision.evidence, "evidence.damaged", today, after=after)])


# --- Taking files in -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """A checked file in its temporary place."""

    incoming: vault.Incoming
    name: str
    media_type: str
    given: Given

    def effective_on(self, organization: Organization) -> date:
        """The civil date of the content."""
        return self.given.effective_on or clock.today(organization)


@contextmanager
def _taken_in(given: Given) -> Iterator[Arrived]:
    """Receive a file, check what it is and ask the virus scanner; ``FileRefused`` says why it is not taken."""
    name = shown_name(given.name)
    with ExitStack() as stack:
        try:
            incoming = stack.enter_context(vault.received(given.chunks, settings.EVIDENCE_MAX_BYTES))
        except vault.TooLarge:
            most = filesizeformat(settings.EVIDENCE_MAX_BYTES)
            raise FileRefused(_("The file is larger than %(most)s. Save it smaller.") % {"most": most}) from None
        except OSError as error:
            raise FileRefused(_("There is no room to keep the file. Tell whoever runs isotrack.")) from error
        with incoming.path.open("rb") as stream:
            media_type = checked(name, stream)
        scanner.scan(incoming.path)
        yield Arrived(incoming, name, media_type, given)


def _add_revision(evidence: Evidence, number: int, arrived: Arrived, by: Actor) -> Revision:
    organization = _organization_of(evidence)
    return Revision.objects.create(
        organization=organization,
        evidence=evidence,
        number=number,
        blob=_blob(organization, arrived.incoming),
        file_name=arrived.name,
        media_type=arrived.media_type,
        effective_on=arrived.effective_on(organization),
        uploaded_at=clock.now(),
        uploaded_by=by.label,
        reason=arrived.given.reason,
    )


def _blob(organization: Organization, incoming: vault.Incoming) -> Blob:
    """The row of a content, with the content in its place.

    The row comes first: whoever brings or collects the same content waits for this transaction.
    """
    blob, _made = Blob.objects.get_or_create(
        organization=organization, sha256=incoming.sha256, defaults={"size": incoming.size}
    )
    try:
        vault.place(blob, incoming)
    except vault.Unreachable as error:
        raise FileRefused(
            _("The place where evidence is kept cannot be reached. Try again in some minutes.")
        ) from error
    return blob


def _check_quota(organization: Organization) -> None:
    """Called after ``record``, whose lock puts the organization's uploads in order."""
    if used_bytes() > settings.EVIDENCE_QUOTA_BYTES:
        most = filesizeformat(settings.EVIDENCE_QUOTA_BYTES)
        raise FileRefused(
            _("The evidence of %(organization)s has reached its limit of %(most)s. Ask your administrator.")
            % {"organization": organization, "most": most}
        )


def _check_expiry(expires_on: date | None, effective_on: date) -> None:
    if expires_on and expires_on < effective_on:
        raise ValidationError({"expires_on": _("This day is before the date of the document.")})


def _refuse_withdrawn(evidence: Evidence) -> None:
    if evidence.withdrawn_on:
        raise ValidationError(_("This evidence was withdrawn. Attach the file as new evidence instead."))


def _about_subject(subject: OrganizationRow, evidence: Evidence, kind: str, reason: str = "") -> Entry:
    """The record's own history tells which content supports it."""
    after = {"evidence": evidence.title, "evidence_id": evidence.pk, "sha256": evidence.current.blob.sha256}
    return Entry.about(subject, kind, clock.today(_organization_of(subject)), after=after, reason=reason)


def _told(evidence: Evidence, revision: Revision) -> dict[str, Any]:
    return {
        "title": evidence.title,
        "file": revision.file_name,
        "size": revision.blob.size,
        "sha256": revision.blob.sha256,
        "effective_on": _text(revision.effective_on),
        "expires_on": _text(evidence.expires_on),
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _organization_of(row: OrganizationRow) -> Organization:
    organization: Organization = row.organization
    return organization
