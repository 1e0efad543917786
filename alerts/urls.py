"""Addresses of the outbox."""

from django.urls import path

from alerts import views, views_rules, views_webhooks

urlpatterns = [
    path("settings/webhooks/", views_webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", views_webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/secret/", views_webhooks.rotate, name="webhook-secret"),
    path("settings/webhooks/<int:pk>/ping/", views_webhooks.ping, name="webhook-ping"),
    path("settings/webhooks/<int:pk>/switch/", views_webhooks.switch, name="webhook-switch"),
    path("settings/webhooks/<int:pk>/remove/", views_webhooks.remove, name="webhook-remove"),
    path("settings/webhooks/<int:pk>/again/<int:delivery>/", views_webhooks.again, name="webhook-again"),
    path("settings/alerts/", views_rules.rules, name="settings-alerts"),
    path("settings/alerts/times/", views_rules.times, name="alert-times"),
    path("settings/alerts/new/", views_rules.add, name="alert-rule-new"),
    path("settings/alerts/preview/", views_rules.preview, name="alert-rule-preview"),
    path("settings/alerts/<int:pk>/", views_rules.edit, name="alert-rule"),
    path("settings/alerts/<int:pk>/remove/", views_rules.remove, name="alert-rule-remove"),
    path("settings/alerts/<int:pk>/test/", views_rules.test, name="alert-rule-test"),
    path("outbox/", views.outbox_page, name="outbox"),
    path("outbox/<int:pk>/", views.message_page, name="outbox-message"),
    path("outbox/<int:pk>/html/", views.message_html, name="outbox-html"),
    path("outbox/<int:pk>/again/", views.again, name="outbox-again"),
]
