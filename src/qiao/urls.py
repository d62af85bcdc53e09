"""Where every address begins. Each surface owns the addresses below its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from qiao.desk.urls import link_urlpatterns

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("desk/", include("qiao.desk.urls")),
    path("api/", include("qiao.api.urls")),
    path("link/", include((link_urlpatterns, "links"))),
    path("", include("qiao.portal.urls")),
]
