"""A scheme's own numbers as a YAML file: written for another organization, read back after a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _

from certifications.models import Scheme

MOST_BYTES = 64 * 1024
KEYS = {"title", "based_on", "reason", "rules"}


class NotAScheme(ValueError):
    """A file that holds no scheme; the message says what is wrong and what is expected."""


@dataclass(frozen=True)
class SchemeFile:
    """What a file holds: a title, the shipped profile it is based on, and the numbers that differ from it."""

    title: str
    based_on: str
    reason: str
    rules: dict[str, dict[str, Any]]


def write_scheme(scheme: Scheme) -> str:
    """The scheme with the numbers of its last version."""
    latest = scheme.versions.order_by("-number").first()
    held = {
        "title": scheme.title,
        "based_on": scheme.catalog_id,
        "reason": latest.reason if latest else "",
        "rules": latest.rules if latest else {},
    }
    return yaml.safe_dump(held, allow_unicode=True, sort_keys=False)


def read_scheme(content: bytes) -> SchemeFile:
    """What a file says; raises ``NotAScheme``. The numbers themselves are checked by the door."""
    if len(content) > MOST_BYTES:
        raise NotAScheme(_("The file is larger than 64 KB; no scheme needs that much."))
    try:
        data = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        raise NotAScheme(_("The file is no YAML. Export a scheme to see what one looks like.")) from None
    if not isinstance(data, dict) or not {"title", "based_on", "rules"} <= set(data) <= KEYS:
        raise NotAScheme(_("The file must hold title, based_on and rules, and may hold a reason."))
    rules = data["rules"]
    if not isinstance(rules, dict) or not all(isinstance(given, dict) for given in rules.values()):
        raise NotAScheme(_("“rules” must name rules, and below each its numbers."))
    plain = {str(rule): {str(name): value for name, value in given.items()} for rule, given in rules.items()}
    if not all(isinstance(value, str | int | bool | None) for given in plain.values() for value in given.values()):
        raise NotAScheme(_("Each number of a rule must be a single value, such as 90d."))
    return SchemeFile(str(data["title"])[:200], str(data["based_on"]), str(data.get("reason") or ""), plain)
