"""Addresses of the calendar."""

from django.urls import path

from agenda import views

urlpatterns = [
    path("calendar/", views.calendar_page, name="calendar"),
    path("calendar/subscribe/", views.subscribe_page, name="calendar-subscribe"),
    path("calendar/subscribe/<int:pk>/reset/", views.reset_page, name="calendar-reset"),
    path("calendar/subscribe/<int:pk>/remove/", views.remove_page, name="calendar-remove"),
    path("cal/<str:secret>.ics", views.feed, name="calendar-feed"),
]
