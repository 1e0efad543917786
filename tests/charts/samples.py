"""Halden Group on 23 November 2026, as the charts get it."""

from datetime import date

from charts import Clock, Lane, Mark, Row, Span

TODAY = date(2026, 11, 23)


def valid(start: date, end: date | None, *words: str) -> Span:
    return Span("active", start, end, words or ("Valid",))


def suspended(start: date, end: date | None) -> Span:
    return Span("suspended", start, end, ("Suspended",))


def withdrawn(start: date, *words: str) -> Span:
    return Span("withdrawn", start, None, (*words, "Withdrawn"))


GDANSK = Row(
    "ISO/IEC 27001",
    "Gdańsk plant",
    "Major NC-0142 still open",
    "/certificates/1/",
    (
        valid(date(2025, 10, 22), date(2027, 1, 11)),
        suspended(date(2027, 1, 12), date(2027, 7, 11)),
        withdrawn(date(2027, 7, 12)),
    ),
    (Mark("external", date(2026, 10, 14), done=True, text="Surveillance 1"),),
)
ROTTERDAM = Row(
    "ISO 9001",
    "Rotterdam depot",
    "Surveillance 2 not booked",
    "/certificates/2/",
    (
        valid(date(2024, 2, 1), date(2027, 2, 13)),
        suspended(date(2027, 2, 14), date(2027, 8, 13)),
        withdrawn(date(2027, 8, 14)),
    ),
)
LEEDS = Row(
    "ISO 45001",
    "Leeds works",
    "Suspended since 3 Sep 2026",
    "/certificates/3/",
    (suspended(date(2026, 9, 3), date(2027, 3, 2)), withdrawn(date(2027, 3, 3))),
)
PORTO = Row(
    "ISO 14001",
    "Porto plant",
    "Recertification audit 9–11 Feb",
    "/certificates/4/",
    (
        valid(date(2024, 4, 1), date(2027, 3, 31)),
        Span("expired", date(2027, 4, 1), date(2027, 9, 30), ("Expired · can be restored", "Expired")),
        withdrawn(date(2027, 10, 1), "Start again"),
    ),
    (Mark("external", date(2027, 2, 9), done=False, text="Recertification"),),
)
KRAKOW = Row(
    "ISO 13485",
    "Kraków lab",
    "Management review 61 days late",
    "/certificates/5/",
    (valid(date(2025, 11, 20), None, "Valid to 19 Nov 2028", "Valid"),),
    (Mark("external", date(2027, 5, 20), done=False, text="Surveillance 2"),),
)
ROWS = (GDANSK, ROTTERDAM, LEEDS, PORTO, KRAKOW)
START, END = date(2026, 9, 1), date(2028, 1, 1)

LANES = (
    Lane(
        "If nothing is done",
        (
            valid(date(2025, 10, 22), date(2027, 1, 11)),
            suspended(date(2027, 1, 12), date(2027, 7, 11)),
            withdrawn(date(2027, 7, 12), "Withdrawn · Stage 1 and Stage 2 again"),
        ),
    ),
    Lane(
        "If NC-0142 closes",
        (
            valid(date(2025, 10, 22), date(2028, 10, 21), "Valid to 21 Oct 2028", "Valid"),
            Span("expired", date(2028, 10, 22), None, ("Expired",)),
        ),
    ),
)
MARKS = (
    Mark("external", date(2025, 10, 10), done=True, text="Stage 2"),
    Mark("external", date(2026, 10, 14), done=True, text="Surveillance 1 · held 12–14 Oct"),
    Mark("external", date(2027, 10, 22), done=False, text="Surveillance 2 by 22 Oct 2027", opens_on=date(2027, 7, 22)),
    Mark("external", date(2028, 7, 22), done=False, text="Recertification by 22 Jul 2028", opens_on=date(2028, 4, 22)),
    Mark("internal", date(2026, 2, 15), done=True, text="Internal audit"),
    Mark("internal", date(2026, 8, 22), done=True, text="Internal audit"),
    Mark("internal", date(2027, 2, 15), done=False, text="Internal audit"),
    Mark("review", date(2026, 3, 17), done=True, text="Management review"),
    Mark("review", date(2027, 3, 17), done=False, text="Management review"),
)
CLOCKS = (
    Clock("NC-0142 major · closes by 12 Jan 2027", date(2026, 10, 14), date(2027, 1, 12), "overdue"),
    Clock("2 minors · by surveillance 2", date(2026, 10, 14), date(2027, 10, 22), "due"),
)
YEARS = (date(2025, 10, 22), date(2026, 10, 22), date(2027, 10, 22), date(2028, 10, 22))
RESTORABLE_UNTIL = date(2029, 4, 21)
CYCLE_START, CYCLE_END = date(2025, 9, 10), date(2029, 5, 1)
