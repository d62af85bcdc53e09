"""Addresses of the market at the desk."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk.market import glossary, pages

urlpatterns: list[URLPattern] = [
    path("market/", pages.page, name="market"),
    path("market/numbers/", pages.figures, name="market_numbers"),
    path("market/glossary/", glossary.page, name="market_glossary"),
    path("market/new/<slug:code>/", pages.new, name="market_new"),
    path("market/<slug:code>/", pages.entry, name="market_entry"),
    path("market/<slug:code>/agree/", pages.agree, name="market_agree"),
    path("market/<slug:code>/not-this/", pages.not_this, name="market_not_this"),
    path("cases/<slug:code>/glossary/", glossary.from_case, name="glossary_form"),
]
