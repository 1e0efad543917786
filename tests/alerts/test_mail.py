"""Headers that nobody can add to, and what the numbers of a mail server mean."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from accounts.models import Organization, Site, User
from alerts.mail import Answer, Mail, envelope, judge, lay_out, one_line
from certifications.models import Certificate, Standard
from nonconformities.models import Nonconformity
from records.models import Message
from tests.alerts.notes import stored, write
from tests.alerts.smtp import read
from tests.factories import nonconformity
from tests.records.rows import START, on

LINE_ENDS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "%0a", "\x1b[2K"]
PAYLOADS = [f"Title{end}Bcc: thief@example.org" for end in LINE_ENDS] + [
    "Title\r\nBcc: thief@example.org\r\n\r\nBody of a thief",
    "Title\n .\nSubject: other",
    "=?utf-8?q?Title=0ABcc=3A_thief=40example=2Eorg?=",
    "\u202egpj.exe",
    "Title\n\tContent-Type: text/html",
    'Per" <thief@example.org>, "',
]
HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]


def sent(message: Message, mail: Mail) -> EmailMessage:
    """The mail as it goes over the wire, read again."""
    return read(envelope(message, mail).message().as_bytes())


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_ours_becomes_a_header(
    row: Certificate, organization: Organization, officer: User, payload: str
) -> None:
    Organization.objects.filter(pk=organization.pk).update(name=payload)
    User.objects.filter(pk=officer.pk).update(full_name=payload)
    with on(START, organization):
        made = nonconformity(organization, [], "N1", source="complaint", grade="minor")
        Nonconformity.objects.filter(pk=made.pk).update(title=payload, number=payload)
    about = {
        "subject_type": "nonconformity",
        "payload": {
            "deadline": "nc_closure",
            "subject": f"nc:{made.pk}",
            "due_on": "2026-05-01",
            "rule": "nc.minor.closure",
            "as": "manager",
        },
    }
    write(row, officer, **{**about, "subject_id": made.pk})
    message = stored()
    with on(START, organization):
        mail = sent(message, lay_out(message))
    assert sorted(mail.keys()) == HEADERS
    assert len(mail["To"].addresses) == 1
    assert mail["To"].addresses[0].addr_spec == "marta@halden.example"
    assert "thief@example.org" not in [address.addr_spec for address in mail["To"].addresses]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_line_keeps_its_words_and_loses_everything_else() -> None:
    assert one_line(" a\r\n b\t\u2028c\0d\u200be =?utf-8?q?=0A?=") == "a b cde = ?utf-8?q?=0A?="


def test_a_very_long_subject_is_cut(row: Certificate, officer: User, organization: Organization) -> None:
    with on(START, organization):
        site = Site.objects.get()
        Site.objects.filter(pk=site.pk).update(name="Works " * 24)
        Standard.objects.filter(pk=row.standard_id).update(code="ISO " * 14)
    write(row, officer)
    with on(START, organization):
        assert len(lay_out(stored()).subject) == 250


REFUSED, LATER, BROKEN, CLOSED = Answer.REFUSED, Answer.LATER, Answer.BROKEN, Answer.CLOSED


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"busy")}), LATER),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (499, b"busy")}), LATER),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (500, b"no")}), REFUSED),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no")}), REFUSED),
        (smtplib.SMTPDataError(451, b"later"), LATER),
        (smtplib.SMTPDataError(554, b"spam"), REFUSED),
        (smtplib.SMTPSenderRefused(550, b"not you", "us@b.example"), CLOSED),
        (smtplib.SMTPAuthenticationError(535, b"who"), CLOSED),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), REFUSED),
        (smtplib.SMTPServerDisconnected("gone"), BROKEN),
        (TimeoutError("silence"), BROKEN),
        (ConnectionResetError("reset"), BROKEN),
    ],
)
def test_what_an_answer_of_the_server_means(error: Exception, answer: Answer) -> None:
    assert judge(error) is answer
