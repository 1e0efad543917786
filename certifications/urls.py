"""Addresses of certificates."""

from django.urls import path

from certifications import views

urlpatterns = [
    path("", views.certificate_list, name="certificates"),
    path("export/<str:form>/", views.export, name="certificate-export"),
    path("new/", views.add, name="certificate-new"),
    path("changes/new/", views.report, name="change-new"),
    path("changes/<int:pk>/", views.reported, name="change"),
    path("changes/touched/<int:pk>/told/", views.told, name="change-told"),
    path("<int:pk>/audits/", views.audits_tab, name="certificate-audits"),
    path("<int:pk>/ncs/", views.nonconformities_tab, name="certificate-ncs"),
    path("<int:pk>/changes/", views.changes_tab, name="certificate-changes"),
    path("<int:pk>/history/", views.history_tab, name="certificate-history"),
    path("<int:pk>/start/", views.start, name="certificate-start"),
    path("<int:pk>/", views.certificate_page, name="certificate"),
    path("<int:pk>/edit/", views.change, name="certificate-edit"),
    path("<int:pk>/confirm/", views.confirm, name="certificate-confirm"),
    path("<int:pk>/decisions/new/", views.choose_decision, name="decision-kinds"),
    path("<int:pk>/decisions/new/<slug:kind>/", views.decide, name="decision-new"),
    path("<int:pk>/decisions/<int:decision>/strike/", views.strike, name="decision-strike"),
    path("<int:pk>/reliances/new/", views.rely, name="reliance-new"),
    path("<int:pk>/reliances/<int:reliance>/remove/", views.rely_no_more, name="reliance-remove"),
]
