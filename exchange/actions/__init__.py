"""The doors of import: upload a file, choose, answer, import, take back."""

from exchange.actions.runs import answer, carry_on, choose_columns, discard, start, upload
from exchange.actions.taking_back import last_moment, take_back

__all__ = ["answer", "carry_on", "choose_columns", "discard", "last_moment", "start", "take_back", "upload"]
