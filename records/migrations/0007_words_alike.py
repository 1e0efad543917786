"""Lets PostgreSQL compare words that are only alike; a database that does not allow it finds exact words."""

from django.db import migrations, transaction
from django.db.utils import DatabaseError


def allow(apps, schema_editor):
    """A server without the extension, or a role that may not add it, is no reason to stop."""
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return


class Migration(migrations.Migration):
    dependencies = [("records", "0006_saved_views")]

    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
