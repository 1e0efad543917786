"""Addresses of kept views."""

from django.urls import path

from records.lists import views

urlpatterns = [
    path("<slug:name>/save/", views.save, name="view-save"),
    path("<int:pk>/forget/", views.forget, name="view-forget"),
]
