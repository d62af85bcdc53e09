"""Addresses of support under policies."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk.support import calls, form, objection

urlpatterns: list[URLPattern] = [
    path("support/", calls.page, name="support"),
    path("support/<slug:code>/", calls.call, name="support_call"),
    path("support/<slug:code>/apply/", calls.apply, name="support_apply"),
    path("support/<slug:code>/listing/", calls.listing, name="support_listing"),
    path("cases/<slug:code>/form/", form.page, name="application_form"),
    path("cases/<slug:code>/objection/", objection.page, name="objection"),
]
