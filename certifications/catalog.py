"""The shipped rule profiles, edition ends and clause titles, read once from ``certifications/data``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lifecycle.catalog import Catalog, load_catalog

DATA = Path(__file__).parent / "data"


_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlainLoader(_SAFE):
    """YAML in which a date stays text, so that an impossible one can be refused by name.

    The safe loader in C reads the catalog eight times faster than the one in Python, which stands in for it.
    """


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def raw_catalog() -> dict[str, Any]:
    """The mapping of ``schemes.yaml`` with the profile of an organization's own deadlines added."""
    catalog: dict[str, Any] = _read("schemes.yaml")
    catalog["schemes"].append(_read("own_deadlines.yaml"))
    return catalog


@cache
def catalog() -> Catalog:
    """The shipped profiles, resolved and typed."""
    return load_catalog(raw_catalog())


def clauses(standard: str, edition: str) -> dict[str, str]:
    """Clause numbers and short titles of an edition; empty when none are shipped."""
    return dict(_clause_tables().get(f"{standard}:{edition}", {}))


@cache
def _clause_tables() -> dict[str, Any]:
    tables: dict[str, Any] = _read("clauses.yaml")
    return tables


def _read(name: str) -> Any:
    return yaml.load((DATA / name).read_text(encoding="utf-8"), Loader=PlainLoader)
