"""An import is taken back as long as nobody has worked with what it brought."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import clock
from accounts.models import Site
from audits.actions import change_audit
from audits.models import Audit, AuditCertificate
from certifications.actions import Refused, change_certificate, refresh_ids
from certifications.models import Certificate, Decision, Notice
from exchange.models import ImportRun
from nonconformities.actions import change_nonconformity
from nonconformities.models import CorrectiveAction, Nonconformity, NonconformityCertificate
from records.models import Event
from records.record import Actor, Entry, record, subject_type

DAYS = 7
NAMED = 10
MODELS: dict[str, Any] = {"nonconformity": Nonconformity, "audit": Audit, "certificate": Certificate}


def last_moment(run: ImportRun) -> datetime:
    """Until when a finished import can be taken back."""
    return cast(datetime, run.finished_at) + timedelta(days=DAYS)


@transaction.atomic
def take_back(run: ImportRun, by: Actor) -> ImportRun:
    """Remove the records that an import brought; their history stays and says why they are gone.

    Raises ``Refused`` after seven calendar days, or when one of them was changed or referred to since.
    """
    if run.state != ImportRun.State.DONE or run.finished_at is None:
        raise Refused(_("Only a finished import can be taken back."))
    if clock.now() > last_moment(run):
        raise Refused(_("An import can be taken back for %d days; this one is older.") % DAYS)
    added = {name: _locked(model, run.created.get(name, [])) for name, model in MODELS.items()}
    _refuse_touched([touched for name, rows in added.items() if rows for touched in _touched(name, rows)], run)
    concerned: set[int] = set()
    for name, rows in added.items():
        if rows:
            concerned |= _remove(name, rows, by, run)
    for kept in run.changed:
        _put_back(kept, by, _cause(run))
    ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.UNDONE)
    run.refresh_from_db()
    record(by, [Entry.about(run, "import.taken_back", clock.today(run.organization), reason=run.file_name)])
    refresh_ids(concerned, by, _cause(run))
    return run


def _locked(model: Any, ids: list[int]) -> list[Any]:
    """The rows; whoever refers to one of them meanwhile waits, and finds it gone or kept."""
    return list(model.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _cause(run: ImportRun) -> str:
    """What the history says, in the language of whoever takes it back."""
    return _("Import of %(file)s taken back") % {"file": run.file_name}


def _refuse_touched(touched: list[str], run: ImportRun) -> None:
    """Name what somebody has worked with since: records that were added, and those that the list changed."""
    for kept in run.changed:
        row = MODELS[kept["model"]].objects.filter(pk=kept["id"]).first()
        if row is None or row.version != kept["version"]:
            touched.append(kept["number"])
    if touched:
        more = len(touched) - NAMED
        names = ", ".join(touched[:NAMED])
        if more > 0:
            and_more = ngettext("%(names)s and %(more)d more record", "%(names)s and %(more)d more records", more)
            names = and_more % {"names": names, "more": more}
        text = ngettext(
            "%(names)s was changed or referred to since the import; nothing is taken back.",
            "%(names)s were changed or referred to since the import; nothing is taken back.",
            len(touched),
        )
        raise Refused(text % {"names": names})


def _touched(name: str, rows: list[Any]) -> list[str]:
    changed = [str(row) for row in rows if row.version > 1]
    referred = None if changed else _referred_to(name, [row.pk for row in rows])
    return changed or ([str(referred)] if referred else [])


def _put_back(kept: dict[str, Any], by: Actor, cause: str) -> None:
    """Give a record back what it held before the list changed it."""
    model = MODELS[kept["model"]]
    row = model.objects.select_related("organization").get(pk=kept["id"])
    fields = {name: model._meta.get_field(name).to_python(value) for name, value in kept["before"].items()}
    if kept["model"] == "certificate":
        sites = list(Site.objects.filter(pk__in=kept["sites"])) if kept["sites"] else None
        change_certificate(row, kept["version"], fields, by, cause, sites)
    elif kept["model"] == "audit":
        change_audit(row, kept["version"], fields, by)
    else:
        change_nonconformity(row, kept["version"], fields, by, cause)


def _referred_to(name: str, ids: list[int]) -> Any:
    """The first record that later work refers to."""
    if name == "certificate":
        linked = AuditCertificate.objects.filter(certificate__in=ids).first()
        linked = linked or NonconformityCertificate.objects.filter(certificate__in=ids).first()
        worked = Event.objects.filter(subject_type="certificate", subject_id__in=ids)
        by_hand = worked.filter(
            Q(kind__startswith="decision.") | Q(kind__startswith="notice.") | Q(kind__startswith="reliance.")
        )
        return linked.certificate if linked else by_hand.first() and by_hand[0].subject_label
    if name == "audit":
        return Nonconformity.objects.filter(audit__in=ids).first()
    worked = Event.objects.filter(subject_type="nonconformity", subject_id__in=ids)
    by_hand = worked.filter(Q(kind__startswith="action.") | Q(kind="nonconformity.extended"))
    return CorrectiveAction.objects.filter(nonconformity__in=ids, version__gt=1).first() or by_hand.first()


def _remove(name: str, rows: list[Any], by: Actor, run: ImportRun) -> set[int]:
    """Delete the rows with their parts and tell it; returns certificates whose deadlines depended on them."""
    ids = [row.pk for row in rows]
    concerned: set[int] = set()
    if name == "certificate":
        Decision.objects.filter(certificate__in=ids).delete()
        Notice.objects.filter(certificate__in=ids).delete()
    else:
        links = AuditCertificate.objects.filter(audit__in=ids) if name == "audit" else _concerning(ids)
        concerned = set(links.values_list("certificate_id", flat=True))
    today = clock.today(run.organization)
    reason = _cause(run)
    record(by, [Entry.about(row, f"{subject_type(row)}.taken_back", today, reason=reason) for row in rows])
    MODELS[name].objects.filter(pk__in=ids).delete()
    return concerned


def _concerning(ids: list[int]) -> Any:
    return NonconformityCertificate.objects.filter(nonconformity__in=ids)
