"""Django's name for the routing app; it has no tables."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Registers the `build_map` command."""

    name = "routing"
    verbose_name = "Routing"
