"""Addresses of reports and follow-up, below those of audits."""

from django.urls import path

from followup.views import outside, report, sheets, verify

urlpatterns = [
    path("<int:pk>/report/", report.report_page, name="audit-report"),
    path("<int:pk>/report/write/", report.write, name="audit-report-write"),
    path("<int:pk>/report/issue/", report.issue, name="audit-report-issue"),
    path("<int:pk>/report/correct/", report.correct, name="audit-report-correct"),
    path("<int:pk>/report/outside/", outside.outside, name="audit-report-outside"),
    path("<int:pk>/report/<int:number>/", report.version_page, name="audit-report-version"),
    path("<int:pk>/verify/<int:nc>/", verify.verify, name="audit-verify"),
    path("<int:pk>/checklist/download/", sheets.download, name="audit-checklist-download"),
    path("<int:pk>/checklist/upload/", sheets.upload, name="audit-checklist-upload"),
]
