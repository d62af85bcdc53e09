"""技术需求 and 技术成果: two shelves with editorial review, expiry and renewal; and the interest taken in an entry.

The life cycle is that of the Enterprise Europe Network's profiles: creation, review, publication for a year,
expressions of interest with their outcome, renewal or end (scenario facts §6). An entry is a case on its shelf (a
standing call); an interest is a case of its own beneath it, because two parties deal with each other there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qiao.core.acts import act, need, open_case
from qiao.core.clocks import today
from qiao.core.models import Call, Case, Organisation, Seat
from qiao.core.process import OWNER, Clock, Context, Field, Kind, Problem, Stage, Tick, Verb, Who, register
from qiao.kinds import phrases
from qiao.kinds.common import TIMER, check, clock_ended
from qiao.kinds.sheets import fits
from qiao.kinds.shelf.listing import text_of

EDITOR = Who(label=_("货架编辑"), role="officer", of=OWNER)
HOLDER = Who(label=_("发布单位经办人"), role="agent", of="holder")
ASKER = Who(label=_("意向单位经办人"), role="agent", of="asker")

SHELVES = {"need": _("技术需求"), "offer": _("技术成果与能力")}


@check
def written(ctx: Context) -> Problem | None:
    return None if ctx.current("entry") else need("entry_empty", phrases.SHELF_EMPTY)


@check
def run_out(ctx: Context) -> Problem | None:
    return None if clock_ended(ctx, "listed") else need("still_listed", phrases.SHELF_RUNS)


@check
def no_interest_open(ctx: Context) -> Problem | None:
    count = ctx.case.children.filter(kind="interest", closed_at__isnull=True).count() if ctx.case.pk else 0
    return need("interest_open", phrases.SHELF_INTEREST_OPEN, n=count) if count else None


@check
def on_the_other_shelf(ctx: Context) -> Problem | None:
    """What is spoken of is listed on the other shelf; asked only once something is said."""
    code = str(ctx.data.get("other", "")) if ctx.data else ""
    if not ctx.data:
        return None
    others = Case.objects.filter(code=code, kind__in=SHELVES, stage="listed").exclude(kind=ctx.case.kind)
    return None if others.exists() else need("no_such_entry", phrases.SHELF_NO_ENTRY)


def take_title(ctx: Context) -> None:
    """The entry's name is its title."""
    version = ctx.current("entry")
    if version is not None:
        ctx.case.title = str(version.content.get("title", ""))[:300]


def tell_who_searches(ctx: Context) -> None:
    """Those with a saved search that the entry fits are told that it is listed."""
    from qiao.kinds.shelf.watching import tell_of_entry  # noqa: PLC0415 (circular import)

    tell_of_entry(ctx)


def shelf_kind(code: str) -> Kind:
    return Kind(
        code=code,
        version=1,
        label=SHELVES[code],
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=("officer", "leader"),
        text_of=text_of,
        fits=fits,
        party_labels={"holder": _("发布单位")},
        paper_labels={"entry": _("条目")},
        stages=(
            Stage(code="draft", label=_("填写中"), private=True),
            Stage(code="review", label=_("待审核")),
            Stage(code="listed", label=_("已上架")),
            Stage(code="expired", label=_("已到期")),
            Stage(code="ended", label=_("已结束"), end=True),
            Stage(code="withdrawn", label=_("已撤下"), end=True),
        ),
        clocks=(
            Clock(code="review", label=_("审核期限"), legal="shelf_review"),
            Clock(code="listed", label=_("上架期限"), legal="shelf_listed"),
        ),
        verbs=(
            Verb(
                code="write",
                label=_("填写条目"),
                source=("draft",),
                who=(HOLDER,),
                paper="entry",
                page="sheet",
                effects=(take_title,),
                duty=True,
                owed=lambda ctx: ctx.current("entry") is None,
            ),
            Verb(
                code="submit",
                label=_("提交审核"),
                source=("draft",),
                target="review",
                who=(HOLDER,),
                on="entry",
                needs=(written,),
                ticks=(Tick(clock="review", event="start"),),
                duty=True,
                owed=lambda ctx: ctx.current("entry") is not None,
                tone="primary",
                tell=(OWNER,),
            ),
            Verb(
                code="return",
                label=_("退回修改"),
                source=("review",),
                target="draft",
                who=(EDITOR,),
                fields=(Field(code="ground", label=_("情形"), kind="choice", choices="shelf_return"),),
                reason=True,
                ticks=(Tick(clock="review", event="stop"),),
                tell=("holder",),
                mail=True,
            ),
            Verb(
                code="publish",
                label=_("上架"),
                source=("review",),
                target="listed",
                who=(EDITOR,),
                on="entry",
                ticks=(Tick(clock="review", event="stop"), Tick(clock="listed", event="start")),
                effects=(tell_who_searches,),
                duty=True,
                tone="primary",
                tell=("holder",),
                mail=True,
                public=True,
            ),
            Verb(
                code="renew",
                label=_("续期"),
                source=("listed", "expired"),
                target="listed",
                who=(HOLDER,),
                on="entry",
                ticks=(Tick(clock="listed", event="restart"),),
                duty=True,
                owed=lambda ctx: ctx.case.stage == "expired",
                public=True,
                help=_("确认内容仍然属实。需要修改的，先修改再提交审核。"),
            ),
            Verb(
                code="revise",
                label=_("修改后重新审核"),
                source=("listed", "expired"),
                target="draft",
                who=(HOLDER,),
                ticks=(Tick(clock="listed", event="stop"),),
                help=_("修改期间从货架上取下；已有的意向不受影响。"),
            ),
            Verb(
                code="agree",
                label=_("这个合适"),
                source=("listed",),
                who=(HOLDER,),
                fields=(Field(code="other", label=_("条目编号")),),
                needs=(on_the_other_shelf,),
                help=_("认可一条推荐：两个条目的用词作为同义词建议的依据。不等于表达意向。"),
            ),
            Verb(
                code="not_this",
                label=_("这个不合适"),
                source=("listed",),
                who=(HOLDER,),
                fields=(Field(code="other", label=_("条目编号")),),
                needs=(on_the_other_shelf,),
                reason=True,
                help=_("写明为什么：以后不再向你推荐它，理由用于改进匹配。"),
            ),
            Verb(
                code="expire",
                label=_("到期"),
                source=("listed",),
                target="expired",
                who=(TIMER,),
                needs=(run_out,),
                ticks=(Tick(clock="listed", event="stop"),),
                tell=("holder",),
                mail=True,
            ),
            Verb(
                code="end",
                label=_("报告结果并结束"),
                source=("listed", "expired"),
                target="ended",
                who=(HOLDER,),
                fields=(
                    Field(code="result", label=_("结果"), kind="choice", choices="shelf_end"),
                    Field(code="with", label=_("与谁合作"), required=False),
                    Field(code="note", label=_("说明"), kind="long", required=False),
                ),
                needs=(no_interest_open,),
                ticks=(Tick(clock="listed", event="stop"),),
                tell=(OWNER,),
                public=True,
            ),
            Verb(
                code="take_down",
                label=_("撤下"),
                source=("review", "listed", "expired"),
                target="withdrawn",
                who=(EDITOR,),
                reason=True,
                ticks=(Tick(clock="review", event="stop"), Tick(clock="listed", event="stop")),
                tone="danger",
                tell=("holder",),
                mail=True,
            ),
        ),
    )


NEED, OFFER = register(shelf_kind("need")), register(shelf_kind("offer"))

INTEREST = register(
    Kind(
        code="interest",
        version=1,
        label=_("合作意向"),
        call_label=phrases.CALL,
        owner_label=phrases.OFFICE,
        supervisors=("officer", "leader"),
        party_labels={"asker": _("意向单位"), "holder": _("发布单位")},
        stages=(
            Stage(code="sent", label=_("待答复")),
            Stage(code="talking", label=_("洽谈中")),
            Stage(code="declined", label=_("未接受"), end=True),
            Stage(code="withdrawn", label=_("已撤回"), end=True),
            Stage(code="reported", label=_("已报告结果"), end=True),
        ),
        clocks=(Clock(code="answer", label=_("答复期限"), legal="shelf_answer"),),
        verbs=(
            Verb(
                code="begin",
                label=_("表达意向"),
                source=("sent",),
                who=(ASKER,),
                fields=(
                    Field(code="message", label=_("为什么合适"), kind="long"),
                    Field(code="contact", label=_("联系人和联系方式")),
                    Field(
                        code="terms",
                        label=_("同意保密条款"),
                        kind="flag",
                        required=False,
                        help=_(
                            "对方注明“同意保密条款后可见”的内容，只用于判断是否合作，不对外提供。同意与否记入本件。"
                        ),
                    ),
                ),
                ticks=(Tick(clock="answer", event="start"),),
                once=True,
                tell=("holder",),
                mail=True,
            ),
            Verb(
                code="accept",
                label=_("接受洽谈"),
                source=("sent",),
                target="talking",
                who=(HOLDER,),
                fields=(Field(code="message", label=_("答复"), kind="long", required=False),),
                ticks=(Tick(clock="answer", event="stop"),),
                duty=True,
                tone="primary",
                tell=("asker",),
                mail=True,
                link=True,
            ),
            Verb(
                code="decline",
                label=_("不接受"),
                source=("sent",),
                target="declined",
                who=(HOLDER,),
                reason=True,
                ticks=(Tick(clock="answer", event="stop"),),
                tone="danger",
                tell=("asker",),
                mail=True,
            ),
            Verb(
                code="withdraw",
                label=_("撤回意向"),
                source=("sent", "talking"),
                target="withdrawn",
                who=(ASKER,),
                reason=True,
                ticks=(Tick(clock="answer", event="stop"),),
                tell=("holder",),
            ),
            Verb(
                code="report",
                label=_("报告结果"),
                source=("talking",),
                target="reported",
                who=(HOLDER, ASKER),
                fields=(
                    Field(code="outcome", label=_("结果"), kind="choice", choices="shelf_outcome"),
                    Field(code="amount", label=_("合同金额（元）"), kind="number", required=False),
                    Field(code="note", label=_("说明"), kind="long", required=False),
                ),
                duty=True,
                tell=("holder", "asker", OWNER),
            ),
        ),
    )
)


def begin(shelf: Call, holder: Organisation, *, by: Seat, at: Any = None) -> Case:
    """A new, empty entry of a unit on a shelf. ``shelf.kind`` says whether it is a need or an offer."""
    return open_case(
        shelf.kind, call=shelf, title=f"{holder.name} · {shelf.title}"[:300], by=by,
        parties=[("holder", holder)], unit=holder, at=at,
    )  # fmt: skip


def express_interest(
    entry: Case, asker: Organisation, *, by: Seat, said: Mapping[str, Any], at: Any = None
) -> Case:
    """Tell the holder of a listed entry that a unit wants to work with it: message, contact, terms agreed or not.

    One at a time for each unit: the database refuses a second one (IntegrityError).
    Raises Refused where something is missing.
    """
    holder = Organisation.objects.get(parts__case=entry, parts__role="holder")
    with transaction.atomic():
        case = open_case(
            "interest", call=entry.call, title=str(phrases.SHELF_INTEREST % {"title": entry.title})[:300], by=by,
            parties=[("asker", asker), ("holder", holder)], parent=entry, unit=holder,
            live_key=f"interest:{entry.pk}:{asker.pk}", at=at,
        )  # fmt: skip
        act(case, "begin", by=by, data=said, at=at)
    return case


def expire_due() -> int:
    """Takes entries off the shelves whose time is over; what the timer calls. Gives how many."""
    due = Case.objects.filter(kind__in=SHELVES, stage="listed", due_legal__lt=today())
    rows = list(due.select_related("call__owner", "unit"))
    for case in rows:
        act(case, "expire", by=None)
    return len(rows)
