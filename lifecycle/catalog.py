"""The catalog of schemes and editions that comes with the product, read from plain data.

Parsing the file happens outside; here a mapping with the shape of ``schemes.yaml`` becomes policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lifecycle.facts import EditionEnd
from lifecycle.policy import Policy, RuleSource, build_policy

_SOURCE_FIELDS = ("clause", "verified", "sources", "choice", "usual", "note", "document")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All schemes of the product with what they inherit resolved, and the ends of editions.

    ``source_titles`` maps the short source keys of a rule to titles that people can look up.
    """

    policies: Mapping[str, Policy]
    resolved: Mapping[str, Mapping[str, Any]]
    editions: tuple[EditionEnd, ...]
    source_titles: Mapping[str, str]
    data: Mapping[str, Any]

    @property
    def scheme_ids(self) -> tuple[str, ...]:
        """The ids of all schemes, in the order of the catalog."""
        return tuple(self.policies)

    def policy(self, scheme_id: str) -> Policy:
        """The rules of one scheme; ``KeyError`` when there is no such scheme."""
        return self.policies[scheme_id]

    def raw(self, scheme_id: str) -> Mapping[str, Any]:
        """One scheme as plain data, its rules and grades merged with those it extends."""
        return self.resolved[scheme_id]


def load_catalog(data: Mapping[str, Any]) -> Catalog:
    """Build the catalog from the parsed mapping of ``schemes.yaml``; a scheme follows what it extends."""
    resolved: dict[str, dict[str, Any]] = {}
    policies: dict[str, Policy] = {}
    sources: dict[str, dict[str, RuleSource]] = {}
    for scheme in data["schemes"]:
        scheme_id, parent = scheme["id"], scheme.get("extends")
        resolved[scheme_id] = _inherit(scheme, resolved[parent] if parent else {})
        sources[scheme_id] = _sources(scheme, sources[parent] if parent else {})
        policies[scheme_id] = policy_from(resolved[scheme_id], sources[scheme_id])
    return Catalog(
        policies=policies,
        resolved=resolved,
        editions=tuple(edition_from(row) for row in data.get("editions", ())),
        source_titles=dict(data.get("sources", {})),
        data=data,
    )


def policy_from(scheme: Mapping[str, Any], sources: Mapping[str, RuleSource]) -> Policy:
    """Type the rules of one resolved scheme."""
    grades = {grade: bool(fields["blocks_decision"]) for grade, fields in scheme["grades"].items()}
    values = {
        rule: {name: value for name, value in fields.items() if name not in _SOURCE_FIELDS}
        for rule, fields in scheme["rules"].items()
    }
    return build_policy(scheme["id"], scheme["title"], scheme["document"], grades, values, sources)


def _inherit(scheme: Mapping[str, Any], parent: Mapping[str, Any]) -> dict[str, Any]:
    """Rules change field by field; grades are replaced as a whole, with the rules of lost grades gone."""
    grades = scheme.get("grades") or parent["grades"]
    lost = tuple(f"nc.{grade}." for grade in parent.get("grades", {}) if grade not in grades)
    rules = {rule: dict(fields) for rule, fields in parent.get("rules", {}).items() if not rule.startswith(lost)}
    for rule, fields in scheme["rules"].items():
        rules[rule] = {**rules.get(rule, {}), **fields}
    return {**scheme, "grades": dict(grades), "rules": rules}


def _sources(scheme: Mapping[str, Any], parent: Mapping[str, RuleSource]) -> dict[str, RuleSource]:
    """A scheme that states anew how far a number is verified no longer leans on its parent's source."""
    sources = dict(parent)
    for rule, fields in scheme["rules"].items():
        if "verified" in fields or rule not in sources:
            sources[rule] = _source(fields, scheme["document"])
    return sources


def _source(fields: Mapping[str, Any], document: str) -> RuleSource:
    usual: Sequence[str] | None = fields.get("usual")
    return RuleSource(
        clause=str(fields.get("clause", "")),
        verified=str(fields.get("verified", "no")),
        sources=tuple(fields.get("sources", ())),
        choice=bool(fields.get("choice", False)),
        usual=(usual[0], usual[1]) if usual else None,
        note=str(fields.get("note", "")),
        document=document,
    )


def edition_from(row: Mapping[str, Any]) -> EditionEnd:
    """One row of ``editions``; its dates may be dates or text."""
    return EditionEnd(
        standard=row["standard"],
        edition=row["edition"],
        ends_on=_date(row["ends_on"]),
        last_new_audit_on=_date(row.get("last_new_audit_on")),
        accreditation_body=row.get("accreditation_body"),
        recorded_on=_date(row.get("recorded_on")),
    )


def _date(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def titles(catalog: Catalog, sources: Iterable[str]) -> tuple[str, ...]:
    """The titles of the sources of a rule, for display."""
    return tuple(catalog.source_titles.get(source, source) for source in sources)
