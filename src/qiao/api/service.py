"""The interface itself, version 1. ``qiao.api.description`` writes its OpenAPI description."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.parser import Parser
from ninja.renderers import JSONRenderer

from qiao.api import market, mine, open, policies, problems


class Strict(Parser):
    """JSON that can be written down again: no halves of characters, which no answer and no database could hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        said = json.loads(request.body)
        json.dumps(said, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError: answered with 400
        return said


class Readable(JSONRenderer):
    """JSON in UTF-8, Chinese as it is written."""

    media_type = "application/json"
    charset = "utf-8"
    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    renderer=Readable(),
    parser=Strict(),
    title="Qiao",
    version="1",
    description=(
        "The operating platform of an innovation district. What is public needs no sign-in; everything else the "
        "session cookie and, for POST, the header X-CSRFToken. Labels and messages follow Accept-Language (zh-hans, "
        "en); letters stay Chinese."
    ),
    docs_url=None,  # the usual pages load scripts from other machines
    openapi_url="/openapi.json",
    urls_namespace="api-v1",
)
problems.install(api)
api.add_router("", open.router)
api.add_router("", policies.router)
api.add_router("", market.router)
api.add_router("", mine.router)
