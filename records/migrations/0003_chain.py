from django.db import migrations, models

import records.chain


class Migration(migrations.Migration):
    dependencies = [("records", "0002_outbox_and_runs")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="actor_kind",
            field=models.CharField(
                choices=[
                    ("person", "Person"),
                    ("key", "API key"),
                    ("rule", "Rule"),
                    ("import", "Import"),
                    ("service", "Service account"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField("event", "via_key", models.BigIntegerField(null=True)),
        migrations.AddField("event", "request_id", models.CharField(blank=True, default="", max_length=64), False),
        migrations.AddField("event", "who_seal", models.CharField(default="", max_length=64), False),
        migrations.AddField("event", "what_seal", models.CharField(default="", max_length=64), False),
        migrations.AddField("event", "previous_hash", models.CharField(default="", max_length=64), False),
        migrations.AddField("event", "hash", models.CharField(default="", max_length=64), False),
        migrations.AddField(
            "eventcounter", "last_hash", models.CharField(default=records.chain.START, max_length=64)
        ),
    ]
