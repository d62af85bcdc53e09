"""Addresses where papers are written: proposals, replies, other texts."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
