from typing import Any

from django.db import migrations

from records import chain

AT_ONCE = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    """Chain what was recorded before there was a chain; those rows are not protected yet."""
    event, counter = apps.get_model("records", "Event"), apps.get_model("records", "EventCounter")
    for head in counter._base_manager.order_by("pk"):
        events = event._base_manager.filter(organization_id=head.pk).order_by("number")
        while some := list(events.filter(number__gt=getattr(head, "reached", 0))[:AT_ONCE]):
            chain_rows(some, head)
            event._base_manager.bulk_update(some, ["who_seal", "what_seal", "previous_hash", "hash"], batch_size=50)
        head.save()


def chain_rows(events: list[Any], head: Any) -> None:
    salts = iter(chain.new_salts(2 * len(events)))
    for row in events:
        row.who_seal, row.what_seal, row.previous_hash = next(salts), next(salts), head.last_hash
        row.hash = chain.link(row.previous_hash, *chain.parts_of(row))
        head.reached, head.last_hash = row.number, row.hash


class Migration(migrations.Migration):
    dependencies = [("records", "0003_chain")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
