"""Addresses of papers."""

from django.urls import path

from records import views

urlpatterns = [
    path("<slug:kind>/<int:pk>/", views.ask_paper, name="paper-ask"),
    path("<int:pk>/", views.paper, name="paper"),
    path("<int:pk>/file/", views.paper_file, name="paper-file"),
]
