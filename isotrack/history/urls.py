"""Addresses of the history."""

from django.urls import path, re_path

from isotrack.history import views

urlpatterns = [
    path("", views.page, name="history"),
    re_path(r"^export\.(?P<form>csv|xlsx)$", views.export_file, name="history-export"),
    path("heads.json", views.heads_file, name="history-heads"),
    path("check/", views.check_now, name="history-check"),
    path("policy/", views.policy, name="history-policy"),
    path("certificates/<int:pk>/", views.past, name="certificate-past"),
]
