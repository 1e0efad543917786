"""Every test asserts something, and every skip says why."""

import ast

from tests.architecture.source import TESTS, Function

CHECKS = {"raises", "warns", "fail", "expect"}


def calls(function: Function) -> set[str]:
    """The bare names of everything a function calls."""
    nodes = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in nodes}


def asserts(function: Function) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or bool(calls(function) & CHECKS)


def asserting_names() -> set[str]:
    """Functions of the tests that assert, and those that call them."""
    functions = [function for source in TESTS for function in source.functions]
    names = {function.name for function in functions if asserts(function)}
    while more := {function.name for function in functions if calls(function) & names} - names:
        names |= more
    return names


def test_every_test_asserts_something():
    names = asserting_names()
    wrong = [
        f"{source.at(function)} {function.name}"
        for source in TESTS
        for function in source.functions
        if function.name.startswith("test_")
        and not asserts(function)
        and not (calls(function) & names or any(name.startswith("assert") for name in calls(function)))
    ]
    assert wrong == []


def test_every_skip_says_why():
    wrong = [
        source.at(node)
        for source in TESTS
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail"}
        if ast.unparse(node).startswith("pytest.")
        if not explained(source.tree, node)
    ]
    assert wrong == []


def explained(tree: ast.Module, mark: ast.Attribute) -> bool:
    """Whether the mark or call is given a reason."""
    users = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.func is mark]
    return any(call.args[:1] or any(keyword.arg == "reason" for keyword in call.keywords) for call in users)
