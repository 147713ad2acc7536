from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import translation


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import walls, words

        words.translate_with(translation.gettext, translation.ngettext)

        # After every migrate the database walls are raised for whatever tables exist by then.
        post_migrate.connect(walls.after_migrate, sender=self, dispatch_uid="core.walls")
