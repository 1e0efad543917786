"""The import order of docs/architecture.md: between packages, inside an app, and never hidden in a function."""

import sys

import pytest

from tests.architecture.source import PACKAGES, PRODUCT, Source

# What each package may import beside itself: those left of it. The first three know nothing of each other.
LEFT_OF = {package: set(PACKAGES[:place]) for place, package in enumerate(PACKAGES)} | {
    "lifecycle": set(),
    "charts": set(),
    "accounts": set(),
}
# Inside an app: a file may import files of its own row and of the rows above it.
ROWS = (
    {"states", "permissions"},
    {"models"},
    {"queries", "facts"},
    {"actions"},
    {"forms"},
    {"views", "api", "reports", "tasks", "admin"},
    {"urls", "management"},
)
ROW_OF = {name: row for row, names in enumerate(ROWS) for name in names}


def role(dotted: str) -> int | None:
    """The row of ``app.role...``; none for files outside the scheme."""
    parts = dotted.split(".")
    return ROW_OF.get(parts[1]) if len(parts) > 1 else None


def dotted(source: Source) -> str:
    return source.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_those_left_of_them(package):
    wrong = [
        f"{source.name}:{found.line} imports {found.module}"
        for source in PRODUCT
        if source.package == package
        for found in source.imports
        if (other := found.module.split(".")[0]) in PACKAGES and other != package and other not in LEFT_OF[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", [name for name in PACKAGES if name not in {"lifecycle", "charts", "isotrack"}])
def test_inside_an_app_files_import_downwards(package):
    wrong = [
        f"{source.name}:{found.line} imports {found.module}"
        for source in PRODUCT
        if source.package == package and (own := role(dotted(source))) is not None
        for found in source.imports
        if found.module.startswith(f"{package}.") and (its := role(found.module)) is not None and its > own
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["lifecycle", "charts"])
def test_pure_packages_use_the_standard_library_only(package):
    used = {found.module.split(".")[0] for source in PRODUCT if source.package == package for found in source.imports}
    assert used - set(sys.stdlib_module_names) - {package} == set()


def test_an_import_inside_a_function_says_why():
    wrong = [
        f"{source.name}:{found.line}"
        for source in PRODUCT
        for found in source.imports
        if found.inside_function and "#" not in source.lines[found.line - 1] + source.lines[found.line - 2]
    ]
    assert wrong == []


def test_no_signals_between_our_own_apps():
    """The one that Django sends after a migration is not between them."""
    wrong = [
        f"{source.name}:{found.line}"
        for source in PRODUCT
        for found in source.imports
        if found.module.startswith("django.db.models.signals") or found.module == "django.dispatch"
        if not source.lines[found.line - 1].endswith("import post_migrate")
    ]
    assert wrong == []
