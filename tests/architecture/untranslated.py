"""Finds words that people see and that no translation can reach: `python -m tests.architecture.untranslated [FILE...]`.

In a template: text between tags, words in attributes that are read aloud or shown, and words given to a tag or a
filter. In Python: words given to what shows them (messages, errors, labels), and any words of two or more that are not
handed to gettext (a sentence in a table reaches a page as well as one that is given to it).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

from audits import states as audits
from certifications import states as certifications
from nonconformities import states as nonconformities
from tests.architecture.source import PACKAGES as APPS
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


TRANSLATING = {
    *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"),
    *("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"),
}
# Errors of the program, for who works on it; a person is shown a page that says so much.
OF_THE_PROGRAM = {"RuntimeError", "TypeError", "AssertionError", "ImproperlyConfigured", "CommandError", "SystemExit"}
VALUE = "\0"
PROSE = re.compile(rf"[^\W\d_]{{2,}}[,;:.]? (?:[^\W\d_]{{2,}}|{VALUE})|{VALUE}[,;:.]? [^\W\d_]{{2,}}")
# Statements for the database.
STATEMENT = re.compile(
    r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|BEGIN|SET LOCAL|PRAGMA|DO|ON CONFLICT|FOREIGN KEY"
    r"|REPEATABLE READ|OR IGNORE)\b"
)
# Words for machines: headers of answers, names of moves, names of apps, what commands print, and what stands in files.
HEADER = re.compile(r"; (charset|filename)=|^(private, |bytes |default-src )")
MOVES = {move.name for states in (audits, certifications, nonconformities) for move in states.MOVES}
TERMINAL = {  # what the operator reads: a command, the log
    *("exchange/reports.py", "evidence/checking.py", "access/saml.py", "access/views_saml.py"),
    *("isotrack/backup", "isotrack/preflight.py", "isotrack/embedded.py", "isotrack/celery.py", "isotrack/queue.py"),
    *("records/heads.py", "accounts/secrets.py", "accounts/clock.py"),
    # the command ``simulate`` and its twin in the API, which say the same of the same document
    *("isotrack/simulation.py", "lifecycle/document", "lifecycle/story.py", "lifecycle/violations.py"),
}
DATABASE = {  # pieces of statements
    *("accounts/walls.py", "records/insert_only.py", "records/bulk.py"),
}
MACHINE: dict[str, set[str]] = {
    "accounts/authentication.py": {'Bearer realm="isotrack"'},
    "accounts/reach.py": {"reached ids"},  # the name of a variable
    "accounts/templatetags/ui.py": {  # markup, and what browsers call a system
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        '<span class="tag st-{}">{}{}</span>',
        "Mac OS",
    },
    "accounts/tenancy.py": {f"{VALUE} is read outside acting_in(organization)"},  # an error of the program
    "alerts/deliver.py": {f"{VALUE} sent, {VALUE} to be tried again, {VALUE} refused, {VALUE} not needed"},  # a command
    "audits/telling.py": {f"member {VALUE}"},  # a key
    "certifications/models/schemes.py": {f"{VALUE}, version {VALUE}"},  # a label that the history keeps
    "certifications/timeline.py": {"dict[str, Any] | None"},
    "charts/shapes.py": {"mark-open late"},
    "exchange/actions/stored.py": {f"Sites: {VALUE}"},  # read back from notes
    "exchange/export.py": {"external audit", "internal audit", "management review"},  # read back by the import
    "exchange/layout.py": {f"{VALUE} (column {VALUE})"},  # a key; pages say column_name()
    "exchange/readers/csv_file.py": {"field larger"},  # of the csv module
    "exchange/readers/number_format.py": {"h:mm AM/PM", "h:mm:ss AM/PM"},
    "exchange/survey.py": {f"(column {VALUE})"},
    "exchange/views.py": {  # an example list
        *("Example Certification Ltd", "Jo Example", "Design and manufacture of pumps", "external audit"),
        "Supplier used without evaluation.",
    },
    "isotrack/health.py": {"in this process", f"failed: {VALUE}", f"failed: {VALUE} to run"},  # /readyz
    "isotrack/settings.py": {  # the description of the API
        "isotrack API",
        "Certificates, audits, nonconformities and corrective actions as a state machine over dated facts.",
    },
    "isotrack/styleguide.py": {"Marta Zielińska", "Per Hansen", "Pumps and motors"},  # examples of what people write
    "lifecycle/calculators.py": {f"integration takes 0 to {VALUE} percent"},  # an error of the program
    "lifecycle/calendar.py": {f'{VALUE} is not a duration such as "90d" or "6m"'},  # of the program, and of documents
    "lifecycle/known.py": {f"nonconformity {VALUE} has neither raised_on nor an audit with ended_on"},  # of the program
    "nonconformities/actions/moves.py": {f"verify: {VALUE}", f"judge: {VALUE}"},
    "records/api_papers.py": {  # the description of the API
        *("Which paper; needed where the record has more than one.", "The paper could not be made"),
    },
    "records/markup.py": {"noopener nofollow noreferrer"},
    "records/pdf.py": {  # a command, what a library says, a piece of a file, an error of the program
        *("apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", "cannot load library"),
        *(f"<< /O /Table /Scope {VALUE} >>", "a paper reaches nothing but the product's own fonts"),
    },
    "records/people.py": {f"no such limit: {VALUE}"},  # an error of the program
    "records/record.py": {"history is written in the transaction of the change"},  # an error of the program
    "records/sweep.py": {  # the log and the commands
        *(f"{VALUE} {VALUE} (id {VALUE}): {VALUE} is {VALUE}, the rules say {VALUE}",),
        f"{VALUE} {VALUE} could not be judged: {VALUE}",
    },
}


def prose(path: Path) -> list[str]:
    """The sentences of one module that no translation can reach, wherever they stand."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = str(path.relative_to(ROOT))
    if path.name == "apps.py" or any(path.is_relative_to(ROOT / place) for place in TERMINAL | DATABASE):
        return []
    quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    allowed = MOVES | MACHINE.get(name, set())
    found = ((line, text) for line, text in said(tree, quiet) if PROSE.search(text) and text not in allowed)
    return [f"{line}: {text}" for line, text in found if not HEADER.search(text) and not STATEMENT.search(text)]


def uncollected(path: Path) -> list[str]:
    """Translations inside an f-string, which gettext does not collect from it, so that they stay English."""
    return [
        f"{call.lineno}: {ast.unparse(call)}"
        for joined in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call) and called(call) in TRANSLATING
        if any(isinstance(argument, ast.Constant) for argument in call.args)
    ]


def said(node: ast.AST, quiet: set[int]) -> Iterator[tuple[int, str]]:
    """Literals below a node that are handed to no translation and to no log, with ``VALUE`` for what is filled in."""
    if isinstance(node, ast.Call) and (called(node) in TRANSLATING | OF_THE_PROGRAM or from_log(node)):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet:
        yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else VALUE for part in node.values]
        yield node.lineno, "".join(str(part) for part in parts)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from said(part.value, quiet)
        return
    for child in ast.iter_child_nodes(node):
        yield from said(child, quiet)


def called(call: ast.Call) -> str:
    """The name of what is called."""
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def from_log(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in LOGS


def handed(call: ast.Call) -> Iterator[ast.Constant]:
    """Literals among the arguments that are shown."""
    name = called(call)
    arguments = [argument for argument in call.args if name in SHOWING]
    arguments += [keyword.value for keyword in call.keywords if keyword.arg in NAMED]
    for argument in arguments:
        if isinstance(argument, ast.JoinedStr):
            yield from (part for part in argument.values if isinstance(part, ast.Constant))
        elif isinstance(argument, ast.Constant):
            yield argument


def templates() -> list[Path]:
    """Every template that a person may see."""
    places = [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]
    return sorted(path for place in places for path in place.rglob("*") if path.suffix in {".html", ".svg", ".txt"})


def modules() -> list[Path]:
    """Every module whose words reach a page, a mail or a paper."""
    quiet = {"migrations", "management", "bench", "demo", "api", "api.py", "rest"}
    return sorted(p for app in APPS for p in (ROOT / app).rglob("*.py") if not quiet & set(p.relative_to(ROOT).parts))


def main(names: list[str]) -> None:
    """Print what was found, file by file."""
    paths = [Path(name).resolve() for name in names] or [*templates(), *modules()]
    for path in paths:
        found = in_python(path) if path.suffix == ".py" else in_template(path)
        for text in [*found, *(prose(path) if path.suffix == ".py" else [])]:
            sys.stdout.write(f"{path.relative_to(ROOT)}: {text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
