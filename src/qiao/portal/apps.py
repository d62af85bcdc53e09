from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "qiao.portal"
    label = "portal"
