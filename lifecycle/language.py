"""In which language sentences are said: English here, another one by whoever shows them."""

from __future__ import annotations

from typing import Protocol

from lifecycle.calendar import Duration


class Language(Protocol):
    """Says an English text in the reader's language; the module ``django.utils.translation`` is one."""

    def gettext(self, message: str) -> str:
        """The text."""

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form of the text for a number."""


class English:
    """The texts as they are written."""

    def gettext(self, message: str) -> str:
        """The text."""
        return message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The singular for one, else the plural."""
        return singular if number == 1 else plural


ENGLISH = English()


def gettext_noop(message: str) -> str:
    """Marks a text for translation that is said later."""
    return message


def duration_in_words(duration: Duration, language: Language) -> str:
    """The duration as people say it: "90 calendar days", "1 month"."""
    if duration.unit == "d":
        form = language.ngettext("%(count)d calendar day", "%(count)d calendar days", duration.count)
    else:
        form = language.ngettext("%(count)d month", "%(count)d months", duration.count)
    return form % {"count": duration.count}
