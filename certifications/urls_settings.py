"""Addresses of the settings pages."""

from django.urls import path

from accounts.views_settings import SetPasswordView, profile
from certifications.views import editions, people, places, scheme_files, schemes, settings

urlpatterns = [
    path("", settings.overview, name="settings"),
    path("organization/", settings.organization_page, name="settings-organization"),
    path("sites/", places.rows, {"kind": places.SITES}, name="settings-sites"),
    path("sites/new/", places.add, {"kind": places.SITES}, name="site-new"),
    path("sites/<int:pk>/", places.edit, {"kind": places.SITES}, name="site-edit"),
    path("bodies/", places.rows, {"kind": places.BODIES}, name="settings-bodies"),
    path("bodies/new/", places.add, {"kind": places.BODIES}, name="body-new"),
    path("bodies/<int:pk>/", places.edit, {"kind": places.BODIES}, name="body-edit"),
    path("people/", people.people, name="settings-people"),
    path("people/new/", people.add, name="person-new"),
    path("people/<int:pk>/", people.role, name="person-role"),
    path("people/<int:pk>/remove/", people.remove, name="person-remove"),
    path("people/<int:pk>/link/", people.link, name="person-link"),
    path("editions/", editions.editions, name="settings-editions"),
    path("editions/<int:pk>/end/", editions.end, name="edition-end"),
    path("schemes/", schemes.scheme_list, name="settings-schemes"),
    path("schemes/<int:pk>/", schemes.scheme_page, name="scheme"),
    path("schemes/from-file/", scheme_files.read_in, name="scheme-read-in"),
    path("schemes/<int:pk>/rules.yaml", scheme_files.export, name="scheme-export"),
    path("schemes/<int:pk>/change/", schemes.change, name="scheme-change"),
    path("schemes/<int:pk>/change/preview/", schemes.preview, name="scheme-preview"),
    path("schemes/<int:pk>/copy/", schemes.copy, name="scheme-copy"),
    path("schemes/<int:pk>/moving/", schemes.moving, name="scheme-moving"),
    path("profile/", profile, name="settings-profile"),
    path("password/<uidb64>/<token>/", SetPasswordView.as_view(), name="set-password"),
]
