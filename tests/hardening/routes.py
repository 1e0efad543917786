"""Every address of the product, read from its own list of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = {"int": "1", "slug": "certificate", "str": "x", "uuid": "00000000-0000-4000-8000-000000000000", "path": "x"}


def addresses() -> list[str]:
    """One address for each route, with a sample in place of each parameter; the admin's are Django's own."""
    found = dict.fromkeys(_below(get_resolver(), ""))
    return sorted(address for address in found if not address.startswith("/admin/"))


def _below(resolver: URLResolver, before: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        here = before + _sample(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(entry, here)
        elif isinstance(entry, URLPattern):
            yield "/" + here.lstrip("/")


def _sample(pattern: Any) -> str:
    """A route with its parameters filled in; of a regular expression, the shortest that it takes."""
    text = str(pattern)
    text = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found.group(1) or "str", "x"), text)
    text = re.sub(r"\(\?P?1?[^)]*\)\+?\??|\(\?P<\w+>[^)]*\)", "1", text)
    return re.sub(r"[\^$\\?]", "", text)
