from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    name = "records"
    verbose_name = "History and jobs"

    def ready(self) -> None:
        """History cannot be changed from the first migration on."""
        from records.insert_only import after_migrate  # models are not loaded when this module is

        post_migrate.connect(after_migrate, sender=self)
