"""What every page needs: who is signed in, their seats, unread notices, the navigation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from qiao.core import notices
from qiao.core.identity import person_of, seats_at
from qiao.core.models import Person, Seat
from qiao.core.policies import rights

PUBLIC = [
    ("/", _("首页")),
    ("/replies/", _("答复公开")),
    ("/promises/", _("承诺跟踪")),
    ("/statistics/", _("办理统计")),
    ("/finder/", _("政策测一测")),
    ("/market/", _("供需集市")),
    ("/scenarios/", _("应用场景")),
    ("/verify/", _("核验")),
]
FOOTER = [
    *PUBLIC[1:],
    ("/support/", _("支持公示")),
    ("/kinds/", _("办事流程")),
    ("/about/", _("关于本平台")),
]

# Whether an address is for somebody who holds these seats. What a page refuses, no navigation offers.
Entry = tuple[str, Any, Callable[[Sequence[Seat]], bool]]


def _everybody(_seats: Sequence[Seat]) -> bool:
    return True


def _any_of(*roles: str) -> Callable[[Sequence[Seat]], bool]:
    return lambda seats: any(s.role in roles for s in seats)


def _of_a_firm(seats: Sequence[Seat]) -> bool:
    return bool(rights.firms_of(seats)) and not rights.is_official(seats)


DESK: list[Entry] = [
    ("/desk/", _("我的待办"), _everybody),
    ("/desk/cases/", _("事项"), _everybody),
    ("/desk/new/", _("提交提案"), _any_of("member", "deputy", "contact", "registry")),
    ("/desk/intake/", _("导入来文"), _any_of("registry")),
    ("/desk/board/", _("交办台"), _any_of("registry")),
    ("/desk/sign/", _("待我签批"), _any_of("head", "office", "leader")),
    ("/desk/promises/", _("承诺事项"), _any_of("officer", "registry", "leader", "head")),
    ("/desk/outbox/", _("待发邮件"), _any_of("registry")),
    ("/desk/indicators/", _("指标"), _any_of("officer", "registry", "head", "leader")),
    ("/desk/policies/", _("政策"), _any_of("officer", "head", "leader", "registry", "admin")),
    ("/desk/firms/", _("企业"), rights.is_official),
    ("/desk/firms/", _("企业事实与政策"), _of_a_firm),
    ("/desk/support/", _("政策申报"), _any_of("officer", "head", "leader", "agent")),
    ("/desk/market/", _("供需集市"), _any_of("officer", "leader", "agent")),
    ("/desk/scenarios/", _("场景与揭榜"), _any_of("officer", "head", "leader", "agent", "expert")),
    ("/desk/calendar/", _("工作日历"), _any_of("registry")),
    ("/desk/statistics/", _("统计"), _any_of("registry", "officer", "head", "leader")),
    ("/desk/notices/", _("通知"), _everybody),
]


def _active(path: str, url: str) -> bool:
    return path == url if url in {"/", "/desk/"} else path.startswith(url)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    path = request.path
    if not path.startswith("/desk/"):
        return [{"url": url, "label": label, "active": _active(path, url)} for url, label in PUBLIC]
    seats = seats_at(request)
    person = person_of(request)
    return [
        {
            "url": url,
            "label": label,
            "active": _active(path, url),
            "count": notices.unread(person) if person and url == "/desk/notices/" else None,
        }
        for url, label, offered in DESK
        if offered(seats)
    ]


_fiction: dict[str, tuple[float, bool]] = {}
FICTION_SECONDS = 60


def is_fictional() -> bool:
    """Does this installation hold the sample district? Asked of the database once a minute, not for every page."""
    name = str(connection.settings_dict["NAME"])
    asked, answer = _fiction.get(name, (0.0, False))
    if time.monotonic() - asked > FICTION_SECONDS or not asked:
        answer = Person.objects.filter(fictional=True).exists()
        _fiction[name] = (time.monotonic(), answer)
    return answer


def qiao(request: HttpRequest) -> dict[str, Any]:
    if not hasattr(request, "user"):  # an error page may come before the session
        return {}
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "footer_nav": FOOTER,
        "me": SimpleLazyObject(lambda: person_of(request)),
        "seats": SimpleLazyObject(lambda: seats_at(request)),
        "site_name": settings.SITE_NAME,
        "upload_limit": settings.UPLOAD_LIMIT,
        "fictional": SimpleLazyObject(
            lambda: person.fictional if (person := person_of(request)) else is_fictional()
        ),
    }
