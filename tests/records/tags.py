"""What PDF/UA-1 (ISO 14289-1) asks of a file and a machine can see, read with pypdf: no validator is needed.

Checked: the UA mark, title shown and set, language, tagged, every page has its tags in order, figures with alternative
text, headings without a gap, tables with header cells that name their scope, fonts embedded.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader


def elements(node: Any) -> Iterator[Any]:
    """The elements of the structure in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for part in node:
            yield from elements(part)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def scope(element: Any) -> str:
    """The scope that a header cell names."""
    given = element.get("/A")
    if given is None:
        return ""
    rows = given if isinstance(given, list) else [given]
    return next((str(row.get_object().get("/Scope")) for row in rows if row.get_object().get("/Scope")), "")


def complaints(pdf: bytes) -> list[str]:
    """What is missing, in words; empty when everything that can be seen is there."""
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    found = list(elements(root["/StructTreeRoot"]["/K"])) if "/StructTreeRoot" in root else []
    kinds = [str(element["/S"]).lstrip("/") for element in found]
    levels = [int(kind[1]) for kind in kinds if kind[0] == "H" and kind[1:].isdecimal()]
    checks = {
        "no mark of PDF/UA-1": b"pdfuaid" in root["/Metadata"].get_data(),
        "no language": bool(root.get("/Lang")),
        "not marked as tagged": bool(root.get("/MarkInfo", {}).get("/Marked")),
        "the title is not shown": bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle")),
        "no title": bool(reader.metadata and reader.metadata.title),
        "no structure": kinds[:1] == ["Document"],
        "a page whose tags have no order": all(page.get("/StructParents") is not None for page in reader.pages),
        "tabs do not follow the structure": all(page.get("/Tabs", "/S") == "/S" for page in reader.pages),
        "a figure without words": all(e.get("/Alt") for e in found if e["/S"] == "/Figure"),
        "headings with a gap": levels[:1] == [1] and all(b <= a + 1 for a, b in itertools.pairwise(levels)),
        "a header cell without scope": all(scope(e) for e in found if e["/S"] == "/TH"),
        "a font that is not embedded": all(_embedded(page) for page in reader.pages),
    }
    return [words for words, holds in checks.items() if not holds]


def _embedded(page: Any) -> bool:
    fonts: Any = page["/Resources"].get("/Font", {})
    return all(_has_file(font.get_object()) for font in fonts.get_object().values())


def _has_file(font: Any) -> bool:
    described = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    descriptor = described.get("/FontDescriptor", {}).get_object()
    return any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))
