"""A letter laid out as a mail, and the post office that takes it."""

from __future__ import annotations

import smtplib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from enum import Enum
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import ngettext, override

from alerts.letters import Letter, compose
from alerts.subjects import page
from records.models import Message
from records.outbox import message_id

MAX_SUBJECT = 250
MOST_ROWS = 10


@dataclass(frozen=True)
class Mail:
    """The parts of a mail, as they are kept after sending."""

    subject: str
    text: str
    html: str


def lay_out(message: Message, secret: bool = False) -> Mail:
    """Write the mail of a message as of today; the organization's scope must be open.

    Without ``secret`` links that only the reader may have are left out, so that the mail can be kept and shown.
    """
    letter = compose(message, secret or settings.DEMO)
    with override(letter.language):
        return _mail("letter", letter.subject, {"letter": letter})


def lay_out_digest(letters: Sequence[Letter]) -> Mail:
    """One mail for several letters to the same reader: the most urgent first, at most ten of them."""
    first, behind = letters[0], len(letters) - MOST_ROWS
    with override(first.language):
        subject = ngettext("%(count)d deadline. %(first)s", "%(count)d deadlines. First: %(first)s", len(letters)) % {
            "count": len(letters),
            "first": first.subject,
        }
        context = {
            "letters": letters[:MOST_ROWS],
            "behind": max(behind, 0),
            "subject": subject,
            "organization": first.organization,
            "language": first.language,
            "work_url": page(reverse("queue")),
            "rules_url": page(reverse("settings-alerts")),
        }
        return _mail("digest", subject, context)


def _mail(template: str, subject: str, context: dict[str, Any]) -> Mail:
    return Mail(
        subject=one_line(subject)[:MAX_SUBJECT],
        text=render_to_string(f"emails/{template}.txt", context).strip() + "\n",
        html=render_to_string(f"emails/{template}.html", context),
    )


def one_line(text: str) -> str:
    """Text that is safe in a mail's header: no line ends, no control characters, nothing that is decoded later."""
    words = " ".join(text.split())
    return "".join(c for c in words if unicodedata.category(c)[0] != "C").replace("=?", "= ?")


def envelope(message: Message, mail: Mail, digest: bool = False) -> EmailMultiAlternatives:
    """The mail with its headers; sent twice, it carries the same Message-ID.

    A ``digest`` names the page where it is turned off; what tells of a single deadline is not for unsubscribing.
    """
    recipient = message.recipient
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    made = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[formataddr((one_line(recipient.full_name), one_line(recipient.email)), "utf-8")],
        headers={"Message-ID": message_id(message, domain), "Auto-Submitted": "auto-generated"},
    )
    if digest:
        made.extra_headers["List-Unsubscribe"] = f"<{page(reverse('settings-alerts'))}>"
    made.attach_alternative(mail.html, "text/html")
    return made


class Answer(Enum):
    """What came of handing a mail in."""

    TAKEN = "taken"
    LATER = "later"  # the server asks to try this mail again
    REFUSED = "refused"  # the server will never take this mail
    BROKEN = "broken"  # the connection broke; the server may have taken the mail
    CLOSED = "closed"  # the server cannot be reached or takes no mail from us


class PostOffice:
    """One connection to the mail server for many mails; it is opened anew after it broke."""

    def __init__(self) -> None:
        self._connection: Any = get_connection()
        self._open = False

    def __enter__(self) -> PostOffice:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._close()

    def hand_in(self, mail: EmailMultiAlternatives) -> tuple[Answer, str]:
        """Give one mail to the server; returns what came of it and the server's words."""
        if not self._open:
            try:
                self._connection.open()
            except (smtplib.SMTPException, OSError) as error:
                self._close()
                return Answer.CLOSED, _said(error)
            self._open = True
        try:
            self._connection.send_messages([mail])
        except (smtplib.SMTPException, OSError) as error:
            answer = judge(error)
            if answer in {Answer.BROKEN, Answer.CLOSED} or _code(error) == 421:
                self._close()
            return answer, _said(error)
        return Answer.TAKEN, ""

    def _close(self) -> None:
        self._open = False
        try:
            self._connection.close()
        except (smtplib.SMTPException, OSError):
            self._connection.connection = None


def judge(error: Exception) -> Answer:
    """What an error of the mail server means for the mail (RFC 5321, 4.2.1: 4yz is for now, 5yz for good)."""
    code = _code(error)
    if code == 0:
        return Answer.REFUSED if isinstance(error, smtplib.SMTPNotSupportedError) else Answer.BROKEN
    if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        return Answer.REFUSED if code >= 500 else Answer.LATER
    return Answer.CLOSED


def _code(error: Exception) -> int:
    """The server's number; 0 when it gave none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(next(iter(error.recipients.values()))[0])
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else 0


def _said(error: Exception) -> str:
    words: bytes | str = f"{type(error).__name__}: {error}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        words = next(iter(error.recipients.values()))[1]
    elif isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return one_line(f"{_code(error) or ''} {text}")[:500]
