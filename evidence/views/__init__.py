"""Pages of evidence."""

from evidence.views.changing import add, change, revise, unlink, use, withdraw
from evidence.views.reading import evidence_list, evidence_page, file

__all__ = ["add", "change", "evidence_list", "evidence_page", "file", "revise", "unlink", "use", "withdraw"]
