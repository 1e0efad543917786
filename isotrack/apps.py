from importlib import import_module

from django.apps import AppConfig


class IsotrackConfig(AppConfig):
    name = "isotrack"
    verbose_name = "isotrack"

    def ready(self) -> None:
        """Let each package register the kinds of paper it knows, and the records that evidence may support."""
        for package in ("certifications", "nonconformities", "followup", "isotrack"):
            import_module(f"{package}.reports")
        import_module("isotrack.attachable")
