"""Pages of certificates."""

from certifications.views.changes import add, change, confirm, rely, rely_no_more, start
from certifications.views.decisions import choose_decision, decide, strike
from certifications.views.reading import certificate_list, certificate_page, export
from certifications.views.reported import report, reported, told
from certifications.views.tabs import audits_tab, changes_tab, history_tab, nonconformities_tab

__all__ = [
    "add",
    "audits_tab",
    "certificate_list",
    "certificate_page",
    "change",
    "changes_tab",
    "choose_decision",
    "confirm",
    "decide",
    "export",
    "history_tab",
    "nonconformities_tab",
    "rely",
    "rely_no_more",
    "report",
    "reported",
    "start",
    "strike",
    "told",
]
