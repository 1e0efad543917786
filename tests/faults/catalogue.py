"""The failure catalogue and its run: `python -m tests.faults.catalogue` (`make test-faults`).

Runs every test that the catalogue names and prints, group by group, how many faults are survived of how many there are,
and each one without a test with the reason. Ends with 1 when a fault is not survived.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.architecture.source import ROOT

CATALOGUE = Path(__file__).with_name("catalogue.yaml")


@dataclass(frozen=True)
class Fault:
    """One entry: what goes wrong, and the tests that show what happens then, or why there is none."""

    group: str
    id: str
    fault: str
    tests: tuple[str, ...] = ()
    open: str = ""


def faults() -> list[Fault]:
    """The catalogue in its order."""
    groups = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return [
        Fault(group, name, entry["fault"], tuple(entry.get("tests", ())), entry.get("open", ""))
        for group, entries in groups.items()
        for name, entry in entries.items()
    ]


def missing(test: str) -> bool:
    """Whether no test of this address exists: a file, or a function of it."""
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return True
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return bool(name) and name not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


class Outcomes:
    """Collects how each test ended, by its address without parameters."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.others: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has passed when no step of it failed or was left out."""
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)
        elif not report.passed:
            self.others.add(report.nodeid)

    def survived(self, fault: Fault) -> bool:
        """Every test of the fault ran and passed."""
        return all(self._held(test) for test in fault.tests)

    def _held(self, test: str) -> bool:
        return any(self._of(test, self.passed)) and not any(self._of(test, self.others))

    @staticmethod
    def _of(test: str, found: set[str]) -> Iterator[bool]:
        return (name == test or name.startswith((f"{test}[", f"{test}::")) for name in found)


def main() -> int:
    """Run, and print what was survived."""
    outcomes, known = Outcomes(), faults()
    tests = sorted({test for fault in known for test in fault.tests})
    code = int(pytest.main(["-p", "no:xdist", *tests], plugins=[outcomes]))
    lost = []
    for group in dict.fromkeys(fault.group for fault in known):
        entries = [fault for fault in known if fault.group == group]
        tested = [fault for fault in entries if fault.tests]
        lost += [fault for fault in tested if not outcomes.survived(fault)]
        survived = sum(outcomes.survived(fault) for fault in tested)
        sys.stdout.write(f"{group}: {survived} of {len(entries)} survived, {len(entries) - len(tested)} not tested\n")
    for fault in known:
        if fault.open:
            sys.stdout.write(f"not tested: {fault.id} {fault.fault}: {fault.open}\n")
    for fault in lost:
        sys.stdout.write(f"NOT SURVIVED OR NOT RUN: {fault.id} {fault.fault}\n")
    return code or int(bool(lost))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.exit(main())
