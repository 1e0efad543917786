"""Standards, bodies, schemes and certificates."""

from certifications.models.alert_rules import AlertRule
from certifications.models.bodies import CertificationBody
from certifications.models.certificates import (
    Certificate,
    CertificateSite,
    Decision,
    Notice,
    Reliance,
)
from certifications.models.changes import ChangedCertificate, Question, ReportedChange
from certifications.models.schemes import Scheme, SchemeVersion
from certifications.models.standards import Clause, Edition, EditionEnd, Standard

__all__ = [
    "AlertRule",
    "Certificate",
    "CertificateSite",
    "CertificationBody",
    "ChangedCertificate",
    "Clause",
    "Decision",
    "Edition",
    "EditionEnd",
    "Notice",
    "Question",
    "Reliance",
    "ReportedChange",
    "Scheme",
    "SchemeVersion",
    "Standard",
]
