"""The site's addresses with the e-mail links among them."""

from django.urls import include, path

from qiao.desk.urls import link_urlpatterns
from qiao.urls import urlpatterns as site

urlpatterns = [path("link/", include((link_urlpatterns, "links"))), *site]
