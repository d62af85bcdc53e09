"""Addresses of the registry and of those who sign."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk.registry import board, indicators, outbox, promises, signing, statistics

urlpatterns: list[URLPattern] = [
    path("board/", board.page, name="board"),
    path("board/do/", board.do, name="board_do"),
    path("board/assign/<slug:code>/form/", board.assign_form, name="board_assign_form"),
    path("board/assign/<slug:code>/", board.assign, name="board_assign"),
    path("indicators/", indicators.page, name="indicators"),
    path("indicators/new/", indicators.new, name="indicator_new"),
    path("indicators/<slug:code>/", indicators.one, name="indicator"),
    path("outbox/", outbox.page, name="outbox"),
    path("outbox/many/", outbox.many, name="outbox_many"),
    path("outbox/<slug:code>/", outbox.one, name="mail"),
    path("promises/", promises.page, name="promises"),
    path("statistics/", statistics.page, name="statistics"),
    path("statistics.xlsx", statistics.as_xlsx, name="statistics_xlsx"),
    path("sign/", signing.page, name="sign_list"),
    path("cases/<slug:code>/sign/<slug:verb>/", signing.sign, name="sign"),
]
