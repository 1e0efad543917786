"""Addresses of personal choices."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("organizations/", views.organizations, name="organizations"),
    path("theme/", views.choose_theme, name="theme"),
]
