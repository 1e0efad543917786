"""Filling in forms as a browser does."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, MultiWidget


def data_of(form: BaseForm, **changes: Any) -> dict[str, Any]:
    """What a browser sends for a form; dots of a field's name are written ``__`` in ``changes``."""
    data: dict[str, Any] = {}
    for bound in form:
        widget, value = bound.field.widget, bound.value()
        if isinstance(widget, MultiWidget):
            parts = widget.decompress(value)
            data |= {f"{bound.html_name}{end}": part for end, part in zip(widget.widgets_names, parts, strict=True)}
        else:
            data[bound.html_name] = "" if value is None else value
    return data | {name.replace("__", "."): value for name, value in changes.items()}
