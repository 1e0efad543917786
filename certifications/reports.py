"""The certificate dossier: facts, forecast and history of one certificate on paper."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from accounts import clock
from certifications.facts import with_relations
from certifications.insight import insight, open_deadlines, strip, why
from certifications.models import Certificate
from certifications.picture import picture
from certifications.queries import audits_of, planned_facts, site_names
from certifications.timeline import loss_of, site_of, will_be
from certifications.words import deadline_words
from records.papers import PAPERS, Paper
from records.wording import latest_events

MAX_EVENTS = 200


def dossier(pk: int) -> dict[str, Any]:
    """What the dossier of a certificate shows, as of today in its organization."""
    row = with_relations(Certificate.objects.filter(pk=pk)).get()
    today = clock.today(row.organization)
    audits = audits_of([pk])[pk]
    seen = insight(row, today, planned_facts(audits))
    loss = loss_of(row)
    return {
        "certificate": row,
        "sites": site_names(row),
        "site": site_of(site_names(row)),
        "seen": seen,
        "now": seen.now,
        "loss": loss,
        "will_be": will_be(loss.status, loss.on) if loss else "",
        "why": why(seen),
        "strip": strip(seen, plan=False),
        "deadlines": [(d, deadline_words(d.kind, seen.references.get(d.subject))) for d in open_deadlines(seen)],
        "nonconformities": [(nc, seen.reference(nc.id)) for nc in seen.outcome.nonconformities if not nc.sources],
        "audits": audits,
        "chart": picture(seen, audits) if row.current_expires_on else None,
        "decisions": row.decisions.filter(struck_on=None),
        "reliances": row.reliances.all(),
        "events": latest_events("certificate", pk, MAX_EVENTS),
        "max_events": MAX_EVENTS,
    }


PAPERS["dossier"] = Paper(gettext_lazy("Certificate dossier"), Certificate, "reports/dossier.html", dossier)
