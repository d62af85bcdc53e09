"""Addresses of scenarios, challenges and joint projects."""

from __future__ import annotations

from django.urls import URLPattern, path

from qiao.desk.scenarios import board, home, join, joint, panel

urlpatterns: list[URLPattern] = [
    path("scenarios/", home.page, name="scenarios"),
    path("scenarios/new/<slug:code>/", home.new, name="scenario_new"),
    path("scenarios/joint/<slug:code>/", joint.page, name="joint_new"),
    path("scenarios/pool/<slug:code>/", home.enter, name="pool_enter"),
    path("scenarios/<slug:code>/challenge/", home.start, name="challenge_start"),
    path("challenges/<slug:code>/", board.page, name="challenge"),
    path("challenges/<slug:code>/invite/", board.invitations, name="challenge_invite"),
    path("challenges/<slug:code>/experts/", board.experts, name="challenge_experts"),
    path("challenges/<slug:code>/propose/", board.propose, name="challenge_propose"),
    path("challenges/<slug:code>/explain/", board.explain, name="challenge_explain"),
    path("challenges/<slug:code>/join/", join.page, name="challenge_join"),
    path("cases/<slug:code>/panel/", panel.page, name="panel"),
]
