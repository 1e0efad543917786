"""Addresses of import and export."""

from django.urls import path

from exchange import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/match/", views.match, name="import-match"),
    path("<int:pk>/check/", views.check, name="import-check"),
    path("<int:pk>/done/", views.done, name="import-done"),
    path("<int:pk>/refused.csv", views.refused, name="import-refused"),
    path("<int:pk>/undo/", views.undo, name="import-undo"),
    path("<int:pk>/discard/", views.discard, name="import-discard"),
    path("export/<slug:kind>.<slug:form>", views.export, name="list-export"),
    path("sample/<slug:kind>.csv", views.sample, name="list-sample"),
]
