"""Addresses of this surface."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.portal import (
    directions,
    feeds,
    finder,
    market,
    pages,
    promises,
    replies,
    results,
    scenarios,
    search,
    statistics,
    support,
    verify,
)

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("robots.txt", pages.robots, name="robots"),
    path("kinds/", pages.kinds_list, name="kinds"),
    path("kinds/<slug:code>/", pages.kind, name="kind"),
    path("finder/", finder.page, name="finder"),
    path("finder/<slug:issuer>/<slug:name>/", finder.policy, name="finder_policy"),
    path("letter.css", replies.letter_css, name="letter_css"),
    path("replies/", replies.listing, name="replies"),
    path("replies/feed.xml", feeds.replies, name="replies_feed"),
    path("replies/<slug:slug>/", replies.page, name="reply"),
    path("replies/<slug:slug>.json", replies.as_json, name="reply_json"),
    path("replies/<slug:slug>.pdf", replies.as_file, {"form": "pdf"}, name="reply_pdf"),
    path("replies/<slug:slug>.docx", replies.as_file, {"form": "docx"}, name="reply_docx"),
    path("promises/", promises.listing, name="promises"),
    path("promises/<slug:code>/", promises.page, name="promise"),
    path("support/", support.notices, name="support"),
    path("market/", market.page, name="market"),
    path("market/compare/", market.compare, name="market_compare"),
    path("market/directions/", directions.page, name="directions"),
    path("market/<slug:code>/", market.entry, name="market_entry"),
    path("scenarios/", scenarios.page, name="scenarios"),
    path("scenarios/results/", results.page, name="results"),
    path("scenarios/<slug:code>/", scenarios.scene_page, name="scenario"),
    path("statistics/", statistics.index, name="statistics"),
    path("statistics/<slug:scope>/", statistics.page, name="statistics_of"),
    path("statistics/<slug:scope>.xlsx", statistics.as_xlsx, name="statistics_xlsx"),
    path("statistics/<slug:scope>.json", statistics.as_json, name="statistics_json"),
    path("verify/", verify.page, name="verify"),
    path("history/", verify.history, name="history"),
    path("history/roots/<str:day>.json", verify.root, name="root"),
    path("history/verify_history.py", verify.script, name="history_script"),
    path("history/feed.xml", feeds.roots, name="history_feed"),
    path("search/", search.page, name="search"),
]
