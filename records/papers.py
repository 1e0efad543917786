"""Papers are asked for on a page, made by a worker, kept, and fetched when ready."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from accounts import clock, tenancy
from accounts.models import Membership, User
from accounts.tenancy import OrganizationRow
from records.models import EventCounter, RenderedPdf
from records.pdf import SECONDS, PdfFailed, render
from records.record import subject_type
from records.wake import wake

LEASE = timedelta(seconds=2 * SECONDS)
CSS = Path(settings.BASE_DIR) / "static" / "css" / "paper.css"


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper: the rows it is about, the template, and what gathers what it shows of one row."""

    title: Any
    model: type[OrganizationRow]
    template: str
    context: Callable[[int], dict[str, Any]]


PAPERS: dict[str, Paper] = {}


@transaction.atomic
def ask(kind: str, row: OrganizationRow, by: User) -> RenderedPdf:
    """Ask for a paper about a row; a worker makes it after the commit, or the next wake-up does."""
    paper = RenderedPdf.objects.create(
        organization_id=row.organization_id,
        kind=kind,
        subject_type=subject_type(row),
        subject_id=row.pk,
        asked_by=by,
        asked_at=clock.now(),
    )
    transaction.on_commit(lambda: wake("records.make_papers"))
    return paper


def make_waiting() -> int:
    """Make every paper that waits or whose maker has gone; returns how many were tried."""
    with tenancy.across_organizations():
        gone = Q(state=RenderedPdf.State.WORKING, lease_until__lt=clock.now())
        waiting = list(RenderedPdf.objects.filter(Q(state=RenderedPdf.State.WAITING) | gone).order_by("pk")[:50])
    return sum(make(paper.pk) for paper in waiting)


def make(pk: int) -> bool:
    """Make one paper; False when somebody else makes it. A failure is kept as a sentence for who asked."""
    with tenancy.across_organizations():
        paper = _claim(pk)
        if paper is None:
            return False
    with _as_who_asked(paper), translation.override(paper.asked_by.language):
        try:
            pdf = render(html_of(paper))
        except PdfFailed as failure:
            paper.error = str(failure)[:500]
            paper.state = RenderedPdf.State.FAILED
        else:
            paper.file.save(f"{paper.kind}-{paper.pk}.pdf", ContentFile(pdf), save=False)
            paper.state = RenderedPdf.State.READY
        paper.finished_at = clock.now()
        paper.save()
    return True


def _as_who_asked(paper: RenderedPdf) -> AbstractContextManager[None]:
    """A paper shows no more than the person who asked for it may see."""
    with tenancy.acting_in(paper.organization):
        member: Membership | None = Membership.objects.filter(user=paper.asked_by).first()
    return tenancy.acting_as(member) if member else tenancy.acting_in(paper.organization)


def html_of(paper: RenderedPdf) -> str:
    """The page that becomes the paper, in the language of the person who asked."""
    kind = PAPERS[paper.kind]
    organization: Any = paper.organization
    with translation.override(paper.asked_by.language):
        context = {
            "organization": organization,
            "language": paper.asked_by.language,
            "css": CSS.read_text(encoding="utf-8"),
            "printed_at": clock.now(),
            "printed_by": str(paper.asked_by),
            "today": clock.today(organization),
            "head": EventCounter.objects.get(pk=organization.pk),
            **kind.context(paper.subject_id),
        }
        return render_to_string(kind.template, context)


def _claim(pk: int) -> RenderedPdf | None:
    now = clock.now()
    free = Q(state=RenderedPdf.State.WAITING) | Q(state=RenderedPdf.State.WORKING, lease_until__lt=now)
    with transaction.atomic():
        claimed = RenderedPdf.objects.filter(free, pk=pk).update(
            state=RenderedPdf.State.WORKING, lease_until=now + LEASE
        )
    return RenderedPdf.objects.select_related("organization", "asked_by").get(pk=pk) if claimed else None
