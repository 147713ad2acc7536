"""Django's handle for the roof; loading it configures Celery for every process that runs Django."""

from django.apps import AppConfig


class LastmileConfig(AppConfig):
    """The roof as an installed app: its templates, static files and `shared_task` configuration."""

    name = "lastmile"
    verbose_name = "Lastmile"

    def ready(self) -> None:
        """Make the configured Celery app the current one, so that `.delay()` in a web process finds the broker."""
        import lastmile.celery  # noqa: F401
        from lastmile import subscriptions

        subscriptions.connect()
