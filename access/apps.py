from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccessConfig(AppConfig):
    name = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        """Session times are noted whenever somebody signs in."""
        from access.middleware import note_sign_in  # it reads models, which are ready only now

        user_logged_in.connect(note_sign_in, dispatch_uid="access.note_sign_in")
