"""Addresses of evidence."""

from django.urls import path

from evidence import views

urlpatterns = [
    path("", views.evidence_list, name="evidence-list"),
    path("for/<slug:subject_type>/<int:subject_id>/", views.add, name="evidence-add"),
    path("for/<slug:subject_type>/<int:subject_id>/use/", views.use, name="evidence-use"),
    path("<int:pk>/", views.evidence_page, name="evidence"),
    path("<int:pk>/change/", views.change, name="evidence-change"),
    path("<int:pk>/file/<int:number>/", views.file, name="evidence-file"),
    path("<int:pk>/newer/", views.revise, name="evidence-revise"),
    path("<int:pk>/withdraw/", views.withdraw, name="evidence-withdraw"),
    path("<int:pk>/unlink/<slug:subject_type>/<int:subject_id>/", views.unlink, name="evidence-unlink"),
]
