"""Charts worked out on the server: dates in, coordinates out. Standard library only.

Give ``outlook``, ``lifecycle`` or ``fishbone`` the plain records of ``charts.inputs``; the templates in
``templates/_components/charts/`` draw what comes back. Words arrive in the reader's language.
"""

from charts.fishbone import Cause, Fishbone, fishbone
from charts.inputs import Clock, Lane, Mark, Row, Span
from charts.lifecycle import Lifecycle, lifecycle
from charts.outlook import Outlook, outlook

__all__ = [
    "Cause",
    "Clock",
    "Fishbone",
    "Lane",
    "Lifecycle",
    "Mark",
    "Outlook",
    "Row",
    "Span",
    "fishbone",
    "lifecycle",
    "outlook",
]
