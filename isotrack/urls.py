"""Addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from isotrack import dashboard, desk, health, keys, search, signin, styleguide
from isotrack.happenings import views as happenings

handler500 = "isotrack.failure.failed"
urlpatterns = [
    path("", dashboard.portfolio_page, name="portfolio"),
    path("queue/", desk.queue_page, name="queue"),
    path("queue/<slug:key>/", desk.task_page, name="task"),
    path("queue/<slug:key>/done/", desk.done, name="task-done"),
    path("queue/<slug:key>/hand/", desk.hand, name="task-hand"),
    path("queue/<slug:key>/time/", desk.time, name="task-time"),
    path("queue/time/<int:pk>/", desk.time_request, name="time-request"),
    path("keyboard/", dashboard.keyboard_page, name="keyboard"),
    path("search/", search.search_page, name="search"),
    path("sign-in/", signin.page, name="sign-in"),
    path("sign-in/", signin.page, name="account_login"),
    path("", include("access.urls")),
    path("", include("accounts.urls")),
    path("certificates/", include("certifications.urls")),
    path("certificates/<int:pk>/events/new/", happenings.choose, name="event-new"),
    path("certificates/<int:pk>/events/new/<slug:kind>/", happenings.record, name="event-record"),
    path("audits/", include("followup.urls")),
    path("audits/", include("audits.urls")),
    path("ncs/", include("nonconformities.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("api/", include("isotrack.api.urls")),
    path("import/", include("exchange.urls")),
    path("evidence/", include("evidence.urls")),
    path("papers/", include("records.urls")),
    path("views/", include("records.lists.urls")),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/<int:pk>/rotate/", keys.rotate, name="key-rotate"),
    path("settings/keys/<int:pk>/revoke/", keys.revoke, name="key-revoke"),
    path("settings/", include("certifications.urls_settings")),
    path("", include("alerts.urls")),
    path("", include("agenda.urls")),
    path("history/", include("isotrack.history.urls")),
    path("styleguide/", styleguide.page, name="styleguide"),
    path("health/", health.page, name="health"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
