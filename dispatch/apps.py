from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"

    def ready(self) -> None:
        """Tell the floor below what its list of orders may be narrowed by (models are needed for that)."""
        from dispatch import narrowing

        narrowing.connect()
