from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import walls

        # After every migrate the database walls are raised for whatever tables exist by then.
        post_migrate.connect(walls.after_migrate, sender=self, dispatch_uid="core.walls")
