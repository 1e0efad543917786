"""Passwords that others use: checked against a list that is shipped, so nothing leaves the machine.

Where the list comes from stands in ``access/data/README.md``; words that belong to this product are added.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LIST = Path(__file__).with_name("data") / "known-passwords.txt.gz"
OWN = ("isotrack", "certificate", "nonconformity", "compliance", "password")
ORNAMENTS = "0123456789!?.,;:-_*#+$%&=@ "


class KnownPasswordValidator(CommonPasswordValidator):
    """Refuses what stands on the list, also with the usual ornaments: capitals, digits and marks at the ends."""

    def __init__(self) -> None:
        super().__init__(LIST)

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` for a password that is known, or is a known one in disguise."""
        plain = password.casefold().strip()
        bare = plain.strip(ORNAMENTS)
        if plain in self.passwords or bare in self.passwords or bare in OWN:
            raise ValidationError(
                _("This password is on lists of passwords that others use. Choose another one."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        """What the person should know before typing."""
        return _("None that others use.")
