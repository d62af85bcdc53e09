"""Addresses of the registry and of those who sign."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
