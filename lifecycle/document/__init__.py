"""The document format of the engine: one mapping in, one mapping out, errors by path.

The command ``simulate``, its batch and the API call ``answer``; pages reuse ``render_outcome``.
"""

from lifecycle.document.answering import Answered, answer, answer_under_rules
from lifecycle.document.errors import DocumentErrors
from lifecycle.document.render import render_answer, render_outcome, render_transition

__all__ = [
    "Answered",
    "DocumentErrors",
    "answer",
    "answer_under_rules",
    "render_answer",
    "render_outcome",
    "render_transition",
]
