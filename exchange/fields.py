"""What a list of each kind may hold: the fields, in the order in which lists are exported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

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
    """A field of a list: how its values are read, how long they may be, and its heading in an export."""

    name: str
    type: FieldType
    heading: str
    limit: int = 0


def _fields(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


FIELDS: dict[Kind, dict[str, Field]] = {
    Kind.CERTIFICATES: _fields(
        Field("number", "number", "Certificate number", 80),
        Field("standard", "standard", "Standard"),
        Field("edition", "edition", "Edition", 20),
        Field("sites", "sites", "Sites"),
        Field("certification_body", "text", "Certification body", 150),
        Field("accreditation_body", "text", "Accreditation body", 60),
        Field("certified_on", "date", "First issued"),
        Field("issued_on", "date", "Valid from"),
        Field("cycle_started_on", "date", "Cycle start"),
        Field("expires_on", "date", "Valid until"),
        Field("status", "status", "Status"),
        Field("status_on", "date", "Status since"),
        Field("owner", "owner", "Owner", 150),
        Field("scope", "long", "Scope"),
        Field("external_id", "external", "External ID", 80),
        Field("audit_history", "text", "Audit history", 60),
        Field("organization", "long", "Company"),
        Field("address", "text", "Address", 300),
        Field("country", "text", "Country", 100),
        Field("scheme", "text", "Scheme rules", 200),
        Field("note", "long", "Remarks"),
        Field("further", "further", "Further facts"),
    ),
    Kind.AUDITS: _fields(
        Field("number", "number", "Audit number", 80),
        Field("kind", "kind", "Audit type"),
        Field("standards", "standards", "Standards"),
        Field("certificate", "certificate", "Certificate"),
        Field("site", "sites", "Site"),
        Field("auditor", "text", "Lead auditor", 150),
        Field("certification_body", "text", "Certification body", 150),
        Field("started_on", "date", "Start date"),
        Field("ended_on", "date", "End date"),
        Field("audit_days", "decimal", "Audit days"),
        Field("status", "status", "Status"),
        Field("edition", "edition", "Edition", 20),
        Field("note", "long", "Remarks"),
        Field("further", "further", "Further facts"),
    ),
    Kind.NONCONFORMITIES: _fields(
        Field("number", "number", "NC number", 80),
        Field("raised_on", "date", "Date raised"),
        Field("source", "source", "Source"),
        Field("audit", "audit", "Audit reference"),
        Field("certificate", "certificate", "Certificate"),
        Field("site", "site", "Site"),
        Field("clause", "clause", "Clause", 40),
        Field("grade", "grade", "Grade"),
        Field("description", "long", "Description"),
        Field("correction", "long", "Correction"),
        Field("root_cause", "long", "Root cause"),
        Field("corrective_action", "long", "Corrective action"),
        Field("owner", "owner", "Owner", 150),
        Field("plan_submitted_on", "date", "Plan submitted"),
        Field("plan_accepted_on", "date", "Plan accepted"),
        Field("action_done_on", "date", "Action done"),
        Field("due_on", "date", "Due"),
        Field("closed_on", "date", "Closed on"),
        Field("verified_on", "date", "Verified on"),
        Field("effectiveness", "yes_no", "Effective"),
        Field("status", "status", "Status"),
        Field("cost", "decimal", "Cost"),
        Field("note", "long", "Remarks"),
        Field("further", "further", "Further facts"),
    ),
}  # fmt: skip

NEEDED: dict[Kind, tuple[str, ...]] = {
    Kind.CERTIFICATES: ("number", "standard", "expires_on"),
    Kind.AUDITS: ("kind", "started_on"),
    Kind.NONCONFORMITIES: ("number", "grade", "raised_on"),
}

NOTE = "note"
