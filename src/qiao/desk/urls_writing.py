"""Addresses where papers are written: proposals, incoming files, replies, other texts."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk.writing import intake, proposal, reply, text

urlpatterns: list[URLPattern] = [
    path("new/", proposal.new, name="new"),
    path("intake/", intake.page, name="intake"),
    path("cases/<slug:code>/proposal/", proposal.page, name="proposal"),
    path("cases/<slug:code>/reply/", reply.page, name="reply"),
    path("cases/<slug:code>/text/<slug:verb>/", text.page, name="text"),
]
