"""Atom feeds: what was published, and the daily roots."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from qiao.core.clocks import SHANGHAI
from qiao.core.models import DailyRoot
from qiao.core.templatetags.qiao import day
from qiao.kinds import public
from qiao.portal import phrases

NEWEST = 50


def _feed(title: object, page: str, own: str) -> Atom1Feed:
    return Atom1Feed(
        title=str(title),
        link=public.address(page),
        description=None,
        feed_url=public.address(own),
        language=get_language() or "zh-hans",
    )


def _answer(feed: Atom1Feed) -> HttpResponse:
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_safe
def replies(request: HttpRequest) -> HttpResponse:
    feed = _feed(phrases.FEED_REPLIES, "/replies/", "/replies/feed.xml")
    for card in public.cards(public.replies()[:NEWEST]):
        moment = dt.datetime.combine(card.published, dt.time(), tzinfo=SHANGHAI)
        feed.add_item(
            title=card.title,
            link=public.address(card.url),
            description=str(phrases.REPLY_SUMMARY)
            % {"unit": card.unit, "result": card.result, "day": day(card.published)},
            unique_id=public.address(card.url),
            pubdate=moment,
            updateddate=moment,
            author_name=card.unit,
        )
    return _answer(feed)


@require_safe
def roots(request: HttpRequest) -> HttpResponse:
    """The root hash itself stands in each title: whoever keeps the feed can prove a later change."""
    feed = _feed(phrases.FEED_ROOTS, "/history/", "/history/feed.xml")
    for root in DailyRoot.objects.order_by("-day")[:NEWEST]:
        address = public.address(f"/history/roots/{root.day.isoformat()}.json")
        words = {"day": root.day.isoformat(), "root": root.root[:12], "count": root.count}
        feed.add_item(
            title=str(phrases.ROOT_TITLE) % words,
            link=address,
            description=root.root,
            unique_id=address,
            pubdate=root.made_at,
            updateddate=root.made_at,
        )
    return _answer(feed)
