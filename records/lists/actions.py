"""Doors of kept views."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, User
from records.lists.listing import LONGEST_QUERY, PLACE, without
from records.models import SavedView
from records.record import Actor, Entry, record

MOST_VIEWS = 50


@transaction.atomic
def keep_view(
    organization: Organization, owner: User, list_name: str, name: str, query: str, shared: bool
) -> SavedView:
    """Keep a list as it is looked at; the same name again replaces what it shows."""
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise ValidationError(_("Give the view a name of at most 80 characters."))
    mine = SavedView.objects.filter(list=list_name, owner=owner)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise ValidationError(_("You keep %d views of this list; let one go first.") % MOST_VIEWS)
    kept = without(QueryDict(query[:LONGEST_QUERY]), *PLACE)
    view, _made = SavedView.objects.update_or_create(
        organization=organization, list=list_name, owner=owner, name=name, defaults={"query": kept, "shared": shared}
    )
    after = {"list": list_name, "query": kept, "shared": shared}
    today = clock.today(organization)
    record(Actor.person(owner), [Entry.about(view, "view.kept", today, after=after)])
    return view


@transaction.atomic
def let_view_go(view: SavedView, by: Actor) -> None:
    """Remove a kept view; nothing else depends on it."""
    today = clock.today(view.organization)
    record(by, [Entry.about(view, "view.removed", today, before={"list": view.list, "query": view.query})])
    view.delete()
