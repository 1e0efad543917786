"""Schemes, rule overrides and ends of editions (sections 2 and 5), read straight from schemes.yaml."""

from copy import deepcopy
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tests.lifecycle.oracle.dates import to_date

SCHEMES_FILE = Path(__file__).resolve().parents[3] / "certifications" / "data" / "schemes.yaml"


class DatesStayText(yaml.SafeLoader):
    """In YAML a date stays text (section 1)."""


DatesStayText.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml_text(text: str) -> Any:
    """The content of YAML text with dates as text."""
    return yaml.load(text, Loader=DatesStayText)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file with dates as text."""
    return read_yaml_text(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def scheme_file() -> dict[str, Any]:
    """All of schemes.yaml."""
    content: dict[str, Any] = read_yaml(SCHEMES_FILE)
    return content


def scheme_entry(scheme_id: str) -> dict[str, Any]:
    """One scheme as it is written, without what it inherits."""
    return next(entry for entry in scheme_file()["schemes"] if entry["id"] == scheme_id)


def rules_of(scheme_id: str) -> dict[str, dict[str, Any]]:
    """Values of a scheme: those of the scheme it extends, changed field by field."""
    entry = scheme_entry(scheme_id)
    rules = rules_of(entry["extends"]) if entry.get("extends") else {}
    for rule_id, fields in entry["rules"].items():
        rules.setdefault(rule_id, {}).update(fields)
    return deepcopy(rules)


def grades_of(scheme_id: str) -> dict[str, dict[str, Any]]:
    """The grades of a scheme; replaced as a whole by a scheme that names its own."""
    entry = scheme_entry(scheme_id)
    return entry["grades"] if "grades" in entry else grades_of(entry["extends"])


class Rulebook:
    """The rules of one document: its scheme with the overrides of the document."""

    def __init__(self, scheme_id: str, overrides: dict[str, dict[str, Any]]) -> None:
        self.rules = rules_of(scheme_id)
        for rule_id, fields in overrides.items():
            self.rules[rule_id].update(fields)
        self.grades = grades_of(scheme_id)

    def __getitem__(self, rule_id: str) -> dict[str, Any]:
        return self.rules[rule_id]

    def blocks_decision(self, grade: str) -> bool:
        """Whether an open nonconformity of this grade is a "major" in the sense of section 7."""
        return bool(self.grades[grade]["blocks_decision"])


class Editions:
    """Ends of editions: those of the document before those of schemes.yaml (section 2)."""

    def __init__(self, listed: list[dict[str, Any]], standard: str | None, body: str | None) -> None:
        self.sources = [listed, scheme_file()["editions"]]
        self.standard = standard
        self.body = body
        self.found: dict[str | None, dict[str, Any]] = {}

    def record(self, edition: str | None) -> dict[str, Any]:
        """The one record that counts for an edition of the certificate's standard; empty when there is none."""
        if edition not in self.found:
            self.found[edition] = self._find(edition)
        return self.found[edition]

    def _find(self, edition: str | None) -> dict[str, Any]:
        for source in self.sources:
            for body in [self.body, None] if self.body else [None]:
                found = [r for r in source if self._matches(r, edition, body)]
                if found:
                    return max(found, key=lambda r: r.get("recorded_on") or "")
        return {}

    def _matches(self, record: dict[str, Any], edition: str | None, body: str | None) -> bool:
        key = (record["standard"], record["edition"], record.get("accreditation_body"))
        return key == (self.standard, edition, body)

    def end(self, edition: str | None) -> date | None:
        """The last day of certificates to an edition."""
        return to_date(self.record(edition).get("ends_on"))

    def last_new_audit(self, edition: str | None) -> date | None:
        """The last day of initial and recertification audits to an edition."""
        return to_date(self.record(edition).get("last_new_audit_on"))
