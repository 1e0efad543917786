"""HTML in, PDF out, in a process of its own that can reach nothing.

``render`` starts ``python -m records.pdf`` with the HTML on standard input and takes the PDF from standard output: a
paper that hangs or eats memory ends alone, and a machine without Pango still runs everything else.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SECONDS = 60
MEMORY = 1_500 * 1024 * 1024
PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
PHOTO = "data:image/jpeg;base64,"
FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"


class PdfFailed(Exception):
    """The paper could not be made; the text says why, for people."""


def render(html: str, seconds: int = SECONDS) -> bytes:
    """The PDF of a page; raises ``PdfFailed`` with a sentence when it cannot be made within the limits."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "records.pdf"],
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=seconds,
            cwd=FONTS.parent.parent,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = ngettext(
            "Making the PDF took longer than %d second and was stopped.",
            "Making the PDF took longer than %d seconds and was stopped.",
            seconds,
        )
        raise PdfFailed(said % seconds) from late
    if child.returncode or not child.stdout.startswith(b"%PDF"):
        raise PdfFailed(_reason(child.stderr.decode("utf-8", "replace")))
    return child.stdout


def _reason(stderr: str) -> str:
    if "cannot load library" in stderr:
        return _("PDFs need the Pango library: %s") % PANGO
    if "MemoryError" in stderr:
        return _("This paper is too large to be made within the memory limit.")
    last = stderr.strip().splitlines()[-1:] or [_("no reason given")]
    return _("The PDF could not be made: %s") % last[0][:300]


def _name_scopes(document: object, pdf: Any) -> None:
    """Say of each header cell whether it heads a column or a row (ISO 14289-1, 7.5), which WeasyPrint leaves out."""
    tagged = [item for item in pdf.objects if isinstance(item, dict) and "S" in item]
    elements: dict[str, Any] = {_number(item): item for item in tagged}
    for element in elements.values():
        if element["S"] == "/TH":
            row = elements.get(_text(element["P"]), {})
            heads = elements.get(_text(row.get("P", "")), {}).get("S") == "/THead"
            element["A"] = f"<< /O /Table /Scope {'/Column' if heads else '/Row'} >>"


def _number(item: Any) -> str:
    """How others refer to an object: ``12 0 R``."""
    return f"{item.number} 0 R"


def _text(reference: Any) -> str:
    """A reference as it is written: ``12 0 R``."""
    return reference.decode() if isinstance(reference, bytes) else str(reference)


def main() -> None:
    """Read HTML, write a tagged PDF (PDF/UA-1)."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from weasyprint import HTML  # here, because it needs Pango and two seconds
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFonts(URLFetcher):
        """Serves the product's own fonts by name (``own:fonts/…``) and photos that the page itself holds."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            """The font file or the photo; ``ValueError`` for any other address."""
            if url.startswith(PHOTO):
                return URLFetcherResponse(url, io.BytesIO(b64decode(url[len(PHOTO) :])), {"Content-Type": "image/jpeg"})
            path = (FONTS / url.removeprefix("own:fonts/")).resolve()
            if not url.startswith("own:fonts/") or not path.is_relative_to(FONTS):
                raise ValueError("a paper reaches nothing but the product's own fonts")
            return URLFetcherResponse(url, io.BytesIO(path.read_bytes()), {"Content-Type": "font/woff2"})

    html = HTML(
        string=sys.stdin.buffer.read().decode("utf-8"), base_url="own:", url_fetcher=OwnFonts(allowed_protocols=())
    )
    sys.stdout.buffer.write(html.write_pdf(pdf_variant="pdf/ua-1", finisher=_name_scopes))


if __name__ == "__main__":
    main()
