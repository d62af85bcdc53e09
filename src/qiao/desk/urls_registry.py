"""Addresses of the registry and of those who sign."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk.registry import signing

urlpatterns: list[URLPattern] = [
    path("sign/", signing.page, name="sign_list"),
    path("cases/<slug:code>/sign/<slug:verb>/", signing.sign, name="sign"),
]
