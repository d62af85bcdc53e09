"""The ASGI application: ``uvicorn qiao.asgi:application``, or ``qiao serve``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiao.settings")
application = get_asgi_application()

from qiao.warm import warm  # noqa: E402 (needs the settings)

warm()
