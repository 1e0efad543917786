"""What the mail about a long import says to the person who started it."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from access.letters import NoLongerTrue, PlainLetter
from accounts.models import Membership
from accounts.permissions import Capability
from accounts.templatetags.ui import moment
from alerts.subjects import page
from exchange.actions import last_moment
from exchange.models import ImportRun
from records.models import Message

NAMED = 10


def write(message: Message) -> PlainLetter:
    """The letter of a message about an import; ``NoLongerTrue`` when there is nothing left to look at."""
    run: ImportRun = ImportRun.objects.get(pk=message.subject_id)
    if run.state != ImportRun.State.DONE:
        raise NoLongerTrue(gettext_noop("the import was taken back"))
    member = Membership.objects.filter(user=message.recipient_id).first()
    if member is None or not member.may(Capability.IMPORT):
        raise NoLongerTrue(gettext_noop("the reader may not import lists any more"))
    return KINDS[message.kind](run)


def _done(run: ImportRun) -> PlainLetter:
    return PlainLetter(
        subject=_("Import finished: %s") % run.file_name,
        sentence=_result(run),
        button=_("Look at the result"),
        url=page(reverse("import-done", args=[run.pk])),
        rows=tuple(_rows(run)),
        why=_("You get this because you started this import."),
    )


def _result(run: ImportRun) -> str:
    added = ngettext(
        "%(imported)s record of %(file_name)s is imported.",
        "%(imported)s records of %(file_name)s are imported.",
        run.added,
    ) % {"imported": run.added, "file_name": run.file_name}
    changed = len(run.changed)
    if not changed:
        return added
    more = ngettext("%(n)s record was changed.", "%(n)s records were changed.", changed)
    return f"{added} {more % {'n': changed}}"


def _rows(run: ImportRun) -> list[tuple[str, str]]:
    """The list, what of it did not get in, and how long it can be taken back."""
    rows = [(_("List"), str(run.get_kind_display()))]
    if run.behind:
        text = ngettext(
            "%(behind)s row stayed behind: %(waiting)s without an answer, %(refused)s with a problem, "
            "%(left_out)s left out.",
            "%(behind)s rows stayed behind: %(waiting)s without an answer, %(refused)s with a problem, "
            "%(left_out)s left out.",
            run.behind,
        )
        rows.append((_("Not imported"), text % {"behind": run.behind, **run.counts}))
    if run.not_changed:
        rows.append((_("Not changed"), ", ".join(item["number"] for item in run.not_changed[:NAMED])))
    text = _("It can be taken back until %(until)s, while nobody has worked with its records.")
    return [*rows, (_("Taking back"), text % {"until": moment(last_moment(run))})]


KINDS: dict[str, Callable[[ImportRun], PlainLetter]] = {"import_done": _done}
