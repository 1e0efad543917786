"""One clock: only accounts/clock.py reads the present."""

import ast

from tests.architecture.source import PRODUCT

CLOCK = "accounts/clock.py"
READERS = {"now", "utcnow", "today", "localdate", "localtime"}
OWNERS = {"datetime", "date", "timezone", "time", "dt"}


def names_the_present(node: ast.AST) -> bool:
    """``datetime.now``, ``date.today``, ``timezone.now``, ``time.time``, ``Now()``; ours is ``clock.now``."""
    if isinstance(node, ast.Attribute):
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        return owner in OWNERS and (node.attr in READERS or (owner, node.attr) == ("time", "time"))
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Now", "CurrentTimestamp"}


def test_the_present_is_read_in_one_file():
    found = {source.name for source in PRODUCT for node in ast.walk(source.tree) if names_the_present(node)}
    assert found == {CLOCK}


def test_sql_asks_the_database_for_the_present_in_the_same_file():
    words = ("current_date", "current_timestamp", "now()", "clock_timestamp")
    found = {
        source.name
        for source in PRODUCT
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(word in node.value.lower() for word in words)
        and any(verb in node.value.upper() for verb in ("SELECT ", "UPDATE ", "INSERT "))
    }
    assert found == {CLOCK}
