"""Text that people write, as HTML that can do nothing but show: the only place that calls a text safe.

Markdown is read without HTML of its own; what comes out passes an allow-list of elements. No class, id, style, image,
``hx-*`` or ``on*`` survives, links lead to http, https and mailto only.
"""

from __future__ import annotations

from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

ELEMENTS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
LONGEST = 100_000


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def rich(text: str) -> SafeString:
    """Markdown as harmless HTML."""
    html = _reader().render(text[:LONGEST])
    return SafeString(
        nh3.clean(
            html,
            tags=ELEMENTS,
            clean_content_tags={"script", "style"},
            attributes={"a": {"href", "title"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener nofollow noreferrer",
        )
    )
