from django.apps import AppConfig


class KindsConfig(AppConfig):
    name = "qiao.kinds"
    label = "kinds"

    def ready(self) -> None:
        from qiao.kinds import load  # noqa: PLC0415  (the registry is filled once all models are there)

        load()
