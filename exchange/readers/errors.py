"""Why a file can not be read: one clear sentence in the reader's language and the name of its class."""

from __future__ import annotations


class Unreadable(Exception):
    """A file of which nothing can be imported.

    ``reason`` is the class: empty, no_rows, no_heading, damaged, not_allowed, wrong_type, old_format, password,
    too_large, character_not_allowed, gone.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
