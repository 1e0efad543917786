"""Why a document is refused: the path of each wrong field, what is wrong, what is allowed."""

from __future__ import annotations

from collections.abc import Iterable

WHOLE = "document"
"""The path of an error that concerns the document as a whole."""


class DocumentErrors(Exception):
    """A document that cannot be answered; ``errors`` are (path, message), ordered by path."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors: tuple[tuple[str, str], ...] = tuple(sorted(errors))
        super().__init__("\n".join(f"{path}: {message}" for path, message in self.errors))

    def as_json(self) -> dict[str, list[dict[str, str]]]:
        """The refusal as the command, the batch and the API answer it (section 10)."""
        return {"errors": [{"path": path, "message": message} for path, message in self.errors]}


class ErrorList:
    """Collects the errors of one stage; several about one field become one."""

    def __init__(self) -> None:
        self._messages: dict[str, list[str]] = {}

    def add(self, path: str, message: str) -> None:
        """Note that the field at ``path`` is wrong."""
        self._messages.setdefault(path, []).append(message)

    def refuse_if_any(self) -> None:
        """End the stage: raise ``DocumentErrors`` when at least one error was noted."""
        if self._messages:
            raise DocumentErrors((path, "; ".join(texts)) for path, texts in self._messages.items())


def refuse(path: str, message: str) -> DocumentErrors:
    """The refusal of a document for one reason."""
    return DocumentErrors([(path, message)])
