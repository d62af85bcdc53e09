"""Addresses of this surface."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from qiao.desk import (
    alike,
    calendar,
    cases,
    doing,
    links,
    listing,
    notices,
    papers,
    sheet,
    tasks,
    upload,
    watching,
)

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", tasks.page, name="tasks"),
    path("cases/", listing.page, name="cases"),
    path("cases.csv", listing.as_csv, name="cases_csv"),
    path("cases.xlsx", listing.as_xlsx, name="cases_xlsx"),
    path("cases/<slug:code>/", cases.page, name="case"),
    path("cases/<slug:code>/follow/", cases.follow, name="follow"),
    path("cases/<slug:code>/alike/", alike.page, name="alike"),
    path("cases/<slug:code>/do/<slug:verb>/", doing.page, name="do"),
    path("cases/<slug:code>/papers/<slug:paper>/", papers.page, name="paper"),
    path("cases/<slug:code>/papers/<slug:paper>/<int:n>.<slug:form>", papers.download, name="paper_as"),
    path("cases/<slug:code>/sheet/<slug:verb>/", sheet.page, name="sheet"),
    path("cases/<slug:code>/file/<slug:verb>/", upload.page, name="upload"),
    path("letter.css", papers.stylesheet, name="letter_css"),
    path("notices/", notices.page, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("watch/", watching.page, name="watching"),
    path("watch/<int:pk>/delete/", watching.delete, name="unwatch"),
    path("calendar/", calendar.page, name="calendar"),
    path("calendar/remove/", calendar.remove, name="calendar_remove"),
    path("", include("qiao.desk.urls_policies")),
    path("", include("qiao.desk.urls_support")),
    path("", include("qiao.desk.urls_market")),
    path("", include("qiao.desk.urls_scenarios")),
    path("", include("qiao.desk.urls_writing")),
    path("", include("qiao.desk.urls_registry")),
]
# Letters by e-mail lead here, without signing in: include under "link/" at the root.
link_urlpatterns: list[URLPattern] = [path("<path:token>/", links.page, name="link")]
