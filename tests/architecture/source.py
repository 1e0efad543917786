"""The project's own source, parsed once: what the architecture tests ask questions about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "lifecycle",
    "charts",
    "accounts",
    "records",
    "evidence",
    "certifications",
    "audits",
    "nonconformities",
    "exchange",
    "access",
    "followup",
    "alerts",
    "agenda",
    "isotrack",
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One imported module and where that happens."""

    module: str
    line: int
    inside_function: bool


@dataclass
class Source:
    """A Python file of the project."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def package(self) -> str:
        return self.path.relative_to(ROOT).parts[0]

    @cached_property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(), self.name)

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def imports(self) -> list[Import]:
        inner = {id(node) for function in self.functions for node in ast.walk(function)}
        return [
            Import(module, node.lineno, id(node) in inner)
            for node in ast.walk(self.tree)
            for module in imported(node, self)
        ]

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor opens it."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


def imported(node: ast.AST, source: Source) -> Iterator[str]:
    """The dotted modules an import statement names; ``from a import b`` names ``a.b`` when that is a module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        folder = source.path.relative_to(ROOT).parent.parts
        above = ".".join(folder[: len(folder) - node.level + 1]) if node.level else ""
        base = ".".join(part for part in (above, node.module) if part)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if is_module(inner) else base


def is_module(dotted: str) -> bool:
    """Whether that is a file or a folder of the project."""
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def files(*folders: str) -> list[Source]:
    """The Python files of these folders, without migrations."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [Source(path) for path in paths if "migrations" not in path.parts]


PRODUCT = files(*PACKAGES)
TESTS = files("tests")
