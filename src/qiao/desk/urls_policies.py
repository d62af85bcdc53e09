"""Addresses of firms, their facts, and policies."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk import firms, policies

urlpatterns: list[URLPattern] = [
    path("firms/", firms.page, name="firms"),
    path("firms/<slug:code>/", firms.firm_facts, name="firm"),
    path("firms/<slug:code>/confirm/", firms.confirm, name="fact_confirm"),
    path("firms/<slug:code>/evidence/<slug:paper>/", firms.evidence, name="evidence"),
    path("firms/<slug:code>/facts/<path:key>/", firms.fact, name="fact"),
    path("firms/<slug:code>/policies/", firms.fits, name="fits"),
    path("firms/<slug:code>/policies/<slug:issuer>/<slug:name>/", firms.fit, name="fit"),
    path("policies/", policies.page, name="policies"),
    path("policies/<slug:issuer>/<slug:name>/", policies.one, name="policy"),
    path("policies/<slug:issuer>/<slug:name>/what-if/", policies.what_if, name="what_if"),
]
