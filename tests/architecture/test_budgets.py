"""The budgets of the style guide: short functions, short files, few branches, a reason for every broad except."""

import ast
import re
from functools import cache
from statistics import median, quantiles

from tests.architecture.source import PRODUCT, TESTS, Function

BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.BoolOp, ast.comprehension, ast.match_case)
BROAD = {"Exception", "BaseException"}


def length(function: Function) -> int:
    """Lines from ``def`` to the end, decorators left out."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def p95(values: list[int]) -> float:
    return quantiles(values, n=20)[18]


@cache
def lengths() -> dict[str, int]:
    """Lines of each function of the product, by its place."""
    return {source.at(function): length(function) for source in PRODUCT for function in source.functions}


FILES = {source.name: len(source.lines) for source in PRODUCT}


def test_functions_are_short():
    assert median(lengths().values()) <= 8
    assert p95(list(lengths().values())) <= 40


def test_no_function_is_over_60_lines():
    assert {place: lines for place, lines in lengths().items() if lines > 60} == {}


def test_files_are_short():
    assert p95(list(FILES.values())) <= 350


def test_no_file_is_over_500_lines():
    sizes = FILES | {source.name: len(source.lines) for source in TESTS}
    assert {name: lines for name, lines in sizes.items() if lines > 500} == {}


def test_functions_branch_little():
    branches = [
        sum(isinstance(node, BRANCHES) for node in ast.walk(function))
        for source in PRODUCT
        for function in source.functions
    ]
    assert p95(branches) <= 8


def test_a_broad_except_gives_its_reason():
    wrong = [
        source.at(node)
        for source in PRODUCT
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not reason(source.lines, node.lineno)
    ]
    assert wrong == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    """``except:``, ``except Exception`` and tuples with it; one that ends with ``raise`` hides nothing."""
    if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return False
    if handler.type is None:
        return True
    return any(isinstance(node, ast.Name) and node.id in BROAD for node in ast.walk(handler.type))


def reason(lines: list[str], number: int) -> bool:
    """At least three words of comment on that line or beside it, besides a word to the checker."""
    near = " ".join(lines[max(number - 2, 0) : number + 1])
    comments = " ".join(re.findall(r"#\s*([^#]*)", near))
    return len(re.sub(r"noqa:?\s*[A-Z0-9, ]*", "", comments).split()) >= 3


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    wrong = [
        f"{source.name}:{number}"
        for source in [*PRODUCT, *TESTS]
        if source.path.name != "test_budgets.py"
        for number, line in enumerate(source.lines, 1)
        if words.search(line)
    ]
    assert wrong == []
