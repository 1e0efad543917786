"""What a list of each kind may hold: the fields, in the order in which lists are exported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from django.utils.translation import gettext, gettext_noop

FieldType = Literal[
    "number", "external", "text", "long", "date", "standard", "standards", "edition", "sites", "site", "status",
    "grade", "kind", "source", "clause", "owner", "certificate", "audit", "decimal", "yes_no", "further",
]  # fmt: skip


class Kind(StrEnum):
    """The lists that can be imported, in the order in which they refer to each other."""

    CERTIFICATES = "certificates"
    AUDITS = "audits"
    NONCONFORMITIES = "nonconformities"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a list: how its values are read, how long they may be, and its heading.

    ``heading`` stands in exported files and stays English; ``label`` is what a page calls the field.
    """

    name: str
    type: FieldType
    heading: str
    limit: int = 0

    @property
    def label(self) -> str:
        """The field in the reader's language."""
        return gettext(self.heading)


def _fields(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


FIELDS: dict[Kind, dict[str, Field]] = {
    Kind.CERTIFICATES: _fields(
        Field("number", "number", gettext_noop("Certificate number"), 80),
        Field("standard", "standard", gettext_noop("Standard")),
        Field("edition", "edition", gettext_noop("Edition"), 20),
        Field("sites", "sites", gettext_noop("Sites")),
        Field("certification_body", "text", gettext_noop("Certification body"), 150),
        Field("accreditation_body", "text", gettext_noop("Accreditation body"), 60),
        Field("certified_on", "date", gettext_noop("First issued")),
        Field("issued_on", "date", gettext_noop("Valid from")),
        Field("cycle_started_on", "date", gettext_noop("Cycle start")),
        Field("expires_on", "date", gettext_noop("Valid until")),
        Field("status", "status", gettext_noop("Status")),
        Field("status_on", "date", gettext_noop("Status since")),
        Field("owner", "owner", gettext_noop("Owner"), 150),
        Field("scope", "long", gettext_noop("Scope")),
        Field("external_id", "external", gettext_noop("External ID"), 80),
        Field("audit_history", "text", gettext_noop("Audit history"), 60),
        Field("organization", "long", gettext_noop("Company")),
        Field("address", "text", gettext_noop("Address"), 300),
        Field("country", "text", gettext_noop("Country"), 100),
        Field("scheme", "text", gettext_noop("Scheme rules"), 200),
        Field("note", "long", gettext_noop("Remarks")),
        Field("further", "further", gettext_noop("Further facts")),
    ),
    Kind.AUDITS: _fields(
        Field("number", "number", gettext_noop("Audit number"), 80),
        Field("kind", "kind", gettext_noop("Audit type")),
        Field("standards", "standards", gettext_noop("Standards")),
        Field("certificate", "certificate", gettext_noop("Certificate")),
        Field("site", "sites", gettext_noop("Site")),
        Field("auditor", "text", gettext_noop("Lead auditor"), 150),
        Field("certification_body", "text", gettext_noop("Certification body"), 150),
        Field("started_on", "date", gettext_noop("Start date")),
        Field("ended_on", "date", gettext_noop("End date")),
        Field("audit_days", "decimal", gettext_noop("Audit days")),
        Field("status", "status", gettext_noop("Status")),
        Field("edition", "edition", gettext_noop("Edition"), 20),
        Field("note", "long", gettext_noop("Remarks")),
        Field("further", "further", gettext_noop("Further facts")),
    ),
    Kind.NONCONFORMITIES: _fields(
        Field("number", "number", gettext_noop("NC number"), 80),
        Field("raised_on", "date", gettext_noop("Date raised")),
        Field("source", "source", gettext_noop("Source")),
        Field("audit", "audit", gettext_noop("Audit reference")),
        Field("certificate", "certificate", gettext_noop("Certificate")),
        Field("site", "site", gettext_noop("Site")),
        Field("clause", "clause", gettext_noop("Clause"), 40),
        Field("grade", "grade", gettext_noop("Grade")),
        Field("description", "long", gettext_noop("Description")),
        Field("correction", "long", gettext_noop("Correction")),
        Field("root_cause", "long", gettext_noop("Root cause")),
        Field("corrective_action", "long", gettext_noop("Corrective action")),
        Field("owner", "owner", gettext_noop("Owner"), 150),
        Field("plan_submitted_on", "date", gettext_noop("Plan submitted")),
        Field("plan_accepted_on", "date", gettext_noop("Plan accepted")),
        Field("action_done_on", "date", gettext_noop("Action done")),
        Field("due_on", "date", gettext_noop("Due")),
        Field("closed_on", "date", gettext_noop("Closed on")),
        Field("verified_on", "date", gettext_noop("Verified on")),
        Field("effectiveness", "yes_no", gettext_noop("Effective")),
        Field("status", "status", gettext_noop("Status")),
        Field("cost", "decimal", gettext_noop("Cost")),
        Field("note", "long", gettext_noop("Remarks")),
        Field("further", "further", gettext_noop("Further facts")),
    ),
}  # fmt: skip

NEEDED: dict[Kind, tuple[str, ...]] = {
    Kind.CERTIFICATES: ("number", "standard", "expires_on"),
    Kind.AUDITS: ("kind", "started_on"),
    Kind.NONCONFORMITIES: ("number", "grade", "raised_on"),
}

NOTE = "note"
