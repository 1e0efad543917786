"""Settings, addresses, Celery application and the pages that read every package."""

from isotrack.celery import app as celery_app

__all__ = ["celery_app"]
