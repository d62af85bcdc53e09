"""The interface itself, version 1. ``qiao.api.description`` writes its OpenAPI description."""

from __future__ import annotations

from ninja import NinjaAPI

from qiao.api import mine, open, problems

api = NinjaAPI(
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
api.add_router("", mine.router)
