"""Addresses of this surface. Whatever lies below it answers as JSON, also where there is nothing."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from qiao.api.problems import in_one_shape, no_such_address
from qiao.api.service import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", in_one_shape(api.urls)),
    re_path("", no_such_address),
]
