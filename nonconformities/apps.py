from django.apps import AppConfig


class NonconformitiesConfig(AppConfig):
    name = "nonconformities"
    verbose_name = "Nonconformities and corrective actions"
