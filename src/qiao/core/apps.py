from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "qiao.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from qiao.core import notices, search  # noqa: F401, PLC0415  (they listen to acts)
