"""Every address of the API."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, include, path, re_path
from rest_framework.routers import SimpleRouter

from access.api import TokenView
from audits.api.capture import CaptureViews
from audits.api.checklist import AnswersOfAudit, ChecklistOfAudit, ItemViews
from audits.api.findings import FindingsOfAudit, FindingViews
from audits.api.team import EntriesOfAudit, EntryViews, MemberViews, TeamOfAudit
from certifications.api.certificates import CertificateViews
from certifications.api.parts import (
    DecisionsOfCertificate,
    DecisionViews,
    NoticesOfCertificate,
    ReliancesOfCertificate,
    RelianceViews,
)
from certifications.api.reference import BodyViews, EditionEndViews, EditionViews, SiteViews, StandardViews
from certifications.api.schemes import SchemeViews, VersionViews
from evidence.api import EvidenceViews
from followup.api import ReportingAuditViews, ReportsOfAudit, ReportViews
from isotrack.api.views import MeView, NothingHere, OrganizationViews, SchemaView, SimulationView, docs
from nonconformities.api.nonconformities import NonconformityViews
from nonconformities.api.parts import ActionsOfNonconformity, ActionViews, ExtensionViews, StepViews, VerificationViews
from records.api import CheckViews, EventViews, HeadViews, SweepRunViews

WHOLES: dict[str, Any] = {
    "certificates": CertificateViews,
    "decisions": DecisionViews,
    "reliances": RelianceViews,
    "audits": ReportingAuditViews,
    "audit-reports": ReportViews,
    "checklist-items": ItemViews,
    "findings": FindingViews,
    "team-members": MemberViews,
    "plan-entries": EntryViews,
    "nonconformities": NonconformityViews,
    "corrective-actions": ActionViews,
    "evidence": EvidenceViews,
    "sites": SiteViews,
    "standards": StandardViews,
    "editions": EditionViews,
    "certification-bodies": BodyViews,
    "schemes": SchemeViews,
    "events": EventViews,
    "history-heads": HeadViews,
    "history-checks": CheckViews,
    "sweep-runs": SweepRunViews,
    "organizations": OrganizationViews,
}
PARTS: dict[str, Any] = {
    "certificates/<int:certificate>/decisions": DecisionsOfCertificate,
    "certificates/<int:certificate>/notices": NoticesOfCertificate,
    "certificates/<int:certificate>/reliances": ReliancesOfCertificate,
    "audits/<int:audit>/team": TeamOfAudit,
    "audits/<int:audit>/plan": EntriesOfAudit,
    "audits/<int:audit>/checklist": ChecklistOfAudit,
    "audits/<int:audit>/answers": AnswersOfAudit,
    "audits/<int:audit>/findings": FindingsOfAudit,
    "audits/<int:audit>/reports": ReportsOfAudit,
    "nonconformities/<int:nonconformity>/extensions": ExtensionViews,
    "nonconformities/<int:nonconformity>/verifications": VerificationViews,
    "nonconformities/<int:nonconformity>/steps": StepViews,
    "nonconformities/<int:nonconformity>/actions": ActionsOfNonconformity,
    "editions/<int:edition>/ends": EditionEndViews,
    "schemes/<int:scheme>/versions": VersionViews,
}
NAMES = {
    "certificates": "certificate",
    "nonconformities": "nonconformity",
    "certification-bodies": "certification-body",
    "plan-entries": "plan-entry",
}

router = SimpleRouter()
for prefix, views in WHOLES.items():
    router.register(prefix, views, basename=NAMES.get(prefix, prefix.removesuffix("s")))


def parts(address: str, views: Any) -> URLPattern:
    """The list of what belongs to one row; ``POST`` adds to it where the views can."""
    methods = {"get": "list"} | ({"post": "create"} if hasattr(views, "create") else {})
    return path(f"{address}/", views.as_view(methods))


version_1 = [
    path("token/", TokenView.as_view()),
    path("me/", MeView.as_view({"get": "retrieve"})),
    path("simulations/", SimulationView.as_view({"post": "create"})),
    path("audits/<int:audit>/capture/", CaptureViews.as_view({"post": "create"})),
    *(parts(address, views) for address, views in PARTS.items()),
    *router.urls,
]
urlpatterns = [
    path("v1/", include((version_1, "api"))),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", docs, name="api-docs"),
    re_path("", NothingHere.as_view()),
]
