from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Organizations and people"

    def ready(self) -> None:
        """Every connection names the organization it works for; every table must be one that can be walled in."""
        connection_created.connect(import_module("accounts.database").install)
        checks.register(import_module("accounts.walls").check_models)
