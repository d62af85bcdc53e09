"""Write the OpenAPI description of the interface: ``python -m qiao.api.description FILE``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django


def description() -> str:
    """The description as JSON text, the same every time."""
    from qiao.api.service import api  # noqa: PLC0415 (only after django.setup())

    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiao.settings")
    django.setup()
    Path(sys.argv[1]).write_text(description(), encoding="utf-8")
