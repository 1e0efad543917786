"""``{{ text|rich }}``: what people wrote, with its lists, emphasis and links, and nothing that acts."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from records import markup

register = template.Library()


@register.filter
def rich(text: str | None) -> SafeString:
    """Markdown as harmless HTML."""
    return markup.rich(text or "")
