"""One door per transition: a row's status is written in actions.py and nowhere else."""

import ast
import re

import pytest

from tests.architecture.source import PRODUCT, Source

# The engine and the charts compute with states of their own; they know no rows. The benchmark compares the sweep with
# a bare statement, in a database of its own.
ROWS = [
    source
    for source in PRODUCT
    if source.package not in {"lifecycle", "charts"} and not source.name.startswith("isotrack/bench/")
]
WRITERS = {"update", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "acreate", "aupdate"}
MODELS = {
    node.name
    for source in ROWS
    if "models" in source.name
    for node in ast.walk(source.tree)
    if isinstance(node, ast.ClassDef)
}
SQL = re.compile(r"\bupdate\b[\s\S]*\bset\b[\s\S]*\bstatus\b\s*=", re.IGNORECASE)


def in_actions(source: Source) -> bool:
    return source.path.stem == "actions" or source.path.parent.name == "actions"


def assigns_status(node: ast.AST) -> bool:
    """``row.status = ...`` in any of its spellings."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        inner = [part for target in targets for part in ast.walk(target)]
        return any(isinstance(part, ast.Attribute) and part.attr == "status" for part in inner)
    return isinstance(node, ast.Call) and called(node) == "setattr" and "'status'" in map(ast.unparse, node.args)


def writes_status(node: ast.AST) -> bool:
    """``.update(status=...)``, ``.create(status=...)``, ``Certificate(status=...)``, ``UPDATE ... SET status =``."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(SQL.search(node.value))
    if not isinstance(node, ast.Call):
        return False
    given = any(keyword.arg == "status" for keyword in node.keywords)
    return given and called(node) in WRITERS | MODELS


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_status_is_written_in_actions_only():
    wrong = [
        source.at(node)
        for source in ROWS
        if not in_actions(source)
        for node in ast.walk(source.tree)
        if assigns_status(node) or writes_status(node)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "row.status = 'active'",
        "row.status, other = 'active', 1",
        "setattr(row, 'status', 'active')",
        "rows.update(status='active')",
        "Certificate.objects.create(status='active')",
        "Certificate(status='active')",
        "sql = 'UPDATE certificate SET status = %s'",
    ],
)
def test_every_spelling_is_recognized(text):
    nodes = list(ast.walk(ast.parse(text)))
    assert [node for node in nodes if assigns_status(node) or writes_status(node)] != []


@pytest.mark.parametrize("text", ["row.status == 'active'", "rows.filter(status='active')", "Response(status=404)"])
def test_reading_is_no_writing(text):
    nodes = list(ast.walk(ast.parse(text)))
    assert [node for node in nodes if assigns_status(node) or writes_status(node)] == []
