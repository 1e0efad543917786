"""Finds words that people see and that no translation can reach: `python -m tests.architecture.untranslated [FILE...]`.

In a template: text between tags, words in attributes that are read aloud or shown, and words given to a tag or a
filter. In Python: words given to what shows them (messages, errors, labels), and sentences put together from pieces.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

from tests.architecture.source import ROOT

# Names, units and codes that are the same in every language.
SAME = re.compile(
    r"\b(isotrack|ISO|IEC|IAF|MD|UTC|PDF|CSV|XLSX|YAML|JSON|API|URL|UUID|QR|NC|NCs|CAPA|CAR|TOTP|OIDC|SAML|SHA-256|Ed25519"
    r"|kB|MB|GB|Celery|Redis|PostgreSQL|SQLite|Outlook|Google|Apple|webcal|Esc|Enter|Ctrl|Alt|Shift|HTTP|POST|GET|PUT"
    r"|OpenAPI|RFC|curl)\b|https?:\S+|\S+@\S+|\S+\.example"
)
WORD = re.compile(r"[^\W\d_]{2,}")
SHOWN = {"aria-label", "aria-description", "title", "placeholder", "alt", "data-l", "data-label", "label", "summary"}
ENDS = {"endblocktranslate", "endblocktrans", "endcomment", "endblock"}
SILENT = {"script", "style", "code", "kbd", "pre", "use"}
VOID = {"input", "br", "img", "hr", "meta", "link", "use", "path", "line", "rect", "circle", "wbr", "source", "col"}
LITERAL = re.compile(r"""(_\(\s*)?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
# Literals of tags and filters that are names for machines: icons, classes, a language, a command.
NAMES = {"inbox", "do", "btn wide", "holds,broken", "en", "manage.py import"}
FILTERED = re.compile(r"""\|(?:default|default_if_none|yesno|add|join):("[^"]*"|'[^']*')""")


def words(text: str) -> bool:
    """Whether a text holds a word of a language."""
    return bool(WORD.search(SAME.sub(" ", re.sub(r"&\w+;", " ", text))))


class Shown(HTMLParser):
    """Collects what a reader sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{name}={value}" for name, value in attrs if name in SHOWN and value and words(value)]
        if tag in SILENT and tag not in VOID:
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and words(data):
            self.found.append(" ".join(data.split()))


def in_template(path: Path) -> list[str]:
    """The texts of one template that no translation can reach."""
    shown, found, translating = Shown(), [], False
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        head = token.contents.split()[0] if token.contents.split() else ""
        if token.token_type == TokenType.BLOCK and token.contents in {"block page_class", "block css"}:
            translating = True  # names of the style sheet, and its rules
        elif token.token_type == TokenType.BLOCK and head in {"blocktranslate", "blocktrans", "comment"}:
            translating = True
        elif token.token_type == TokenType.BLOCK and head in ENDS:
            translating = False
        elif token.token_type == TokenType.TEXT and not translating:
            shown.feed(token.contents)
        elif token.token_type in {TokenType.BLOCK, TokenType.VAR} and not translating:
            shown.feed("0")
            found += in_tag(head, token.contents)
    shown.close()
    return shown.found + found


def in_tag(head: str, text: str) -> Iterator[str]:
    """Words given as they are to a tag or a filter."""
    if head in {"translate", "trans", "load", "extends", "if", "elif", "url", "plural", "block"}:
        text = " ".join(FILTERED.findall(text))
        yield from (match[1:-1] for match in FILTERED.findall(text) if words(match) and match[1:-1] not in NAMES)
        return
    for wrapped, literal in LITERAL.findall(text):
        sentence = literal[1:-1]
        if wrapped or sentence in NAMES or not words(sentence):
            continue
        if " " in sentence.strip() or sentence[:1].isupper():
            yield sentence
    filtered = (match[1:-1] for match in FILTERED.findall(text) if match[1:-1] not in NAMES)
    yield from (match for match in filtered if words(match) and " " not in match and not match[:1].isupper())


SHOWING = {
    "ValidationError",
    "success",
    "warning",
    "error",
    "info",
    "add_error",
    "PermissionDenied",
    "Http404",
    "Refused",
}
NAMED = {"label", "help_text", "verbose_name", "verbose_name_plural", "message", "title", "detail", "empty_label"}
LOGS = {"log", "logger", "logging"}


def in_python(path: Path) -> list[str]:
    """The literal words of one module that are handed to what shows them."""
    return [
        f"{node.lineno}: {literal.value}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and not from_log(node)
        for literal in handed(node)
        if isinstance(literal.value, str) and " " in literal.value.strip() and words(literal.value)
    ]


def from_log(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in LOGS


def handed(call: ast.Call) -> Iterator[ast.Constant]:
    """Literals among the arguments that are shown."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    arguments = [argument for argument in call.args if name in SHOWING]
    arguments += [keyword.value for keyword in call.keywords if keyword.arg in NAMED]
    for argument in arguments:
        if isinstance(argument, ast.JoinedStr):
            yield from (part for part in argument.values if isinstance(part, ast.Constant))
        elif isinstance(argument, ast.Constant):
            yield argument


def templates() -> list[Path]:
    """Every template that a person may see."""
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".svg", ".txt"})


def modules() -> list[Path]:
    """Every module whose words reach a page, a mail or a paper."""
    apps = (
        *("accounts", "records", "evidence", "certifications", "audits", "nonconformities", "exchange", "access"),
        *("followup", "alerts", "agenda", "isotrack", "lifecycle", "charts"),
    )
    quiet = {"migrations", "management", "bench", "demo", "api", "api.py", "rest"}
    return sorted(p for app in apps for p in (ROOT / app).rglob("*.py") if not quiet & set(p.relative_to(ROOT).parts))


def main(names: list[str]) -> None:
    """Print what was found, file by file."""
    paths = [Path(name).resolve() for name in names] or [*templates(), *modules()]
    for path in paths:
        for text in in_python(path) if path.suffix == ".py" else in_template(path):
            sys.stdout.write(f"{path.relative_to(ROOT)}: {text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
