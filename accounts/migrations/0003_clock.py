from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_objective"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="clock",
            field=models.CharField(choices=[("24h", "24 hours"), ("12h", "12 hours")], default="24h", max_length=3),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("clock__in", ["24h", "12h"])), name="organization_clock"
            ),
        ),
    ]
