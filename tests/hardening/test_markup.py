"""What people write can show and do nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from records.markup import ELEMENTS, rich

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>body{display:none}</style>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "![x](http://127.0.0.1/trap.png)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<div hx-get='/admin' hx-trigger=load>x</div>",
    "<div data-hx-get='/admin'>x</div>",
    "<button hx-delete='/ncs/1/'>x</button>",
    "<form action='/admin' method=post><input name=x></form>",
    "<iframe src=//evil.example></iframe>",
    "<object data=//evil.example></object>",
    "<embed src=//evil.example>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<p id=main class=problem>x</p>",
    "`<img src=x onerror=alert(1)>`",
    '```html" onmouseover="alert(1)\n<script>alert(1)</script>\n```',
    "> <script>alert(1)</script>",
    "| <script> | x |\n|---|---|\n| <img onerror=alert(1)> | [x](javascript:1) |",
    "\0<script>alert(1)</script>",
    "<<script>script>alert(1)<</script>/script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "[a](<javascript:alert(1)>)",
    "[a](//evil.example 'onclick=alert(1)')",
    "[a](https://ok.example \"' onclick='alert(1)\")",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<textarea><script>alert(1)</script>",
    "<a href=https://ok.example target=_blank onclick=alert(1)>x</a>",
    "{{ 7*7 }} {% load x %}",
]


class Elements(HTMLParser):
    """The elements and attributes of a text, as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


@pytest.mark.parametrize("text", PAYLOADS)
def test_nothing_that_acts_survives(text):
    reader = Elements()
    reader.feed(rich(text))
    assert {tag for tag, _ in reader.found} <= ELEMENTS
    for tag, attributes in reader.found:
        assert {name for name, _ in attributes} <= ({"href", "title", "rel"} if tag == "a" else set())
        for name, value in attributes:
            if name == "href":
                assert re.match(r"(https?:|mailto:|//|/|#|[^:]*$)", value or "")


def test_what_people_mean_is_shown():
    assert rich("**Seen** on site\nby *Jo*") == "<p><strong>Seen</strong> on site<br>\nby <em>Jo</em></p>\n"
    assert (
        rich("- [rule](https://iso.org)")
        == '<ul>\n<li><a href="https://iso.org" rel="noopener nofollow noreferrer">rule</a></li>\n</ul>\n'
    )
    assert rich("5 < 6 & 7") == "<p>5 &lt; 6 &amp; 7</p>\n"
    assert rich("") == ""
