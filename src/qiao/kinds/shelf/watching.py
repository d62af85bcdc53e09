"""Those who keep a search of the market are told of a new entry that it finds."""

from __future__ import annotations

from qiao.core.process import Context
from qiao.kinds import phrases
from qiao.kinds.shelf.entries import Listed
from qiao.kinds.shelf.glossary import groups, standing
from qiao.kinds.shelf.searching import MARKET, new_fits
from qiao.kinds.watching import News, tell
from qiao.matching import Glossary


def tell_of_entry(ctx: Context) -> None:
    """An effect of listing an entry."""
    version, holders = ctx.current("entry"), ctx.organisations("holder")
    if version is None or not holders:
        return
    entry = Listed(ctx.case, holders[0], dict(version.content), ctx.today)
    news = News(phrases.NEW_ENTRY, str(entry.content.get("title", "")), entry.holder, entry.url)
    tell(ctx, MARKET, news, lambda searches: new_fits(entry, searches, Glossary(groups(standing()))))
