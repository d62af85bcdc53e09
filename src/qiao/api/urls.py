"""Addresses of this surface."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from qiao.api.problems import not_found
from qiao.api.service import api


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """An address of nothing is said in the shape of every other error."""
    problem = not_found()
    return api.create_response(request, problem.body, status=problem.status)


urlpatterns: list[URLPattern | URLResolver] = [path("v1/", api.urls), path("<path:rest>", nothing)]
