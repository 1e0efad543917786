"""Audits, their teams and plans, their checklists and findings."""

from audits.models.audits import Audit, AuditCertificate, AuditSite
from audits.models.checklists import ChecklistAnswer, ChecklistItem
from audits.models.findings import Finding
from audits.models.programme import AuditCycle
from audits.models.team import Competence, PlanEntry, Responsibility, TeamMember

__all__ = [
    "Audit",
    "AuditCertificate",
    "AuditCycle",
    "AuditSite",
    "ChecklistAnswer",
    "ChecklistItem",
    "Competence",
    "Finding",
    "PlanEntry",
    "Responsibility",
    "TeamMember",
]
