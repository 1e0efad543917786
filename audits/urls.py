"""Addresses of audits."""

from django.urls import path

from audits.views import audits, capture, checklist, findings, plan, programme, reading

urlpatterns = [
    path("", reading.audit_list, name="audits"),
    path("export/<str:form>/", reading.export, name="audit-export"),
    path("new/", audits.plan, name="audit-new"),
    path("record/", audits.record, name="audit-record"),
    path("programme/", programme.programme_page, name="programme"),
    path("programme/<int:first>/", programme.programme_page, name="programme-from"),
    path("programme/propose/", programme.propose_page, name="programme-propose"),
    path("programme/cycle/", programme.cycle, name="audit-cycle"),
    path("programme/time/", programme.time_page, name="audit-time"),
    path("auditors/", plan.people_page, name="auditors"),
    path("auditors/<slug:which>/<int:pk>/remove/", plan.remove_from_register, name="auditor-remove"),
    path("<int:pk>/", audits.audit_page, name="audit"),
    path("<int:pk>/edit/", audits.change, name="audit-edit"),
    path("<int:pk>/plan/", plan.plan_page, name="audit-plan"),
    path("<int:pk>/plan/new/", plan.add_entry, name="audit-entry-new"),
    path("<int:pk>/plan/<int:entry>/", plan.change_entry, name="audit-entry"),
    path("<int:pk>/plan/<int:entry>/remove/", plan.remove_entry, name="audit-entry-remove"),
    path("<int:pk>/team/", plan.add_member, name="audit-team"),
    path("<int:pk>/team/<int:member>/remove/", plan.remove_member, name="audit-member-remove"),
    path("<int:pk>/checklist/", checklist.checklist_page, name="audit-checklist"),
    path("<int:pk>/checklist/add/<slug:way>/", checklist.add_questions, name="audit-questions"),
    path("<int:pk>/checklist/<int:item>/answer/", checklist.answer, name="audit-answer"),
    path("<int:pk>/checklist/<int:item>/remove/", checklist.remove_item, name="audit-item-remove"),
    path("<int:pk>/capture/", capture.capture_page, name="audit-capture"),
    path("<int:pk>/capture/data/", capture.capture_data, name="capture-data"),
    path("<int:pk>/capture/send/", capture.capture_send, name="capture-send"),
    path("<int:pk>/capture/app.webmanifest", capture.manifest, name="capture-manifest"),
    path("<int:pk>/capture/worker.js", capture.worker, name="capture-worker"),
    path("<int:pk>/findings/", findings.findings_page, name="audit-findings"),
    path("<int:pk>/findings/new/", findings.new_finding, name="finding-new"),
    path("<int:pk>/findings/<int:finding>/", findings.finding_page, name="finding"),
    path("<int:pk>/findings/<int:finding>/edit/", findings.change_finding, name="finding-edit"),
    path("<int:pk>/findings/<int:finding>/strike/", findings.strike_finding, name="finding-strike"),
    path("<int:pk>/findings/<int:finding>/merge/", findings.merge_finding, name="finding-merge"),
    path("<int:pk>/<slug:move>/", audits.move, name="audit-move"),
]
