"""Proposals from files, and letters."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext_lazy as _
from rich.table import Table

from .speaking import NO_FILE, NO_USER, done, err, fail, language, out, ready, say, set_up

if TYPE_CHECKING:
    from qiao.core.models import Call, Person, Seat
    from qiao.letters.model import Letter
    from qiao.letters.reading import ProposalReading

NO_CALL = _("没有编码为 %(code)s 的征集。现有：")
NO_REGISTRY = _("%(owner)s没有在任的交办人员席位，不能代为录入。")
NO_PROPOSER = _("在%(owner)s没有找到提案人“%(name)s”的席位；请用 --proposer 指定其账号。")
NO_PROPOSER_NAME = _("文件中没有写明提案人；请用 --proposer 指定其账号。")
READ_TITLE = _("案由")
READ_PROPOSER = _("提案人")
READ_COSIGNERS = _("联名人（须各自确认，请在起草页邀请）")
READ_PARTS = {"background": _("背景情况"), "problem": _("问题及分析"), "suggestion": _("具体建议")}
READ_CHARS = _("%(n)s字")
READ_ITEMS = _("%(chars)s字，%(n)s条建议")
READ_MISSING = _("缺少")
READ_OTHER = _("未归入任何部分的文字：%(n)s行（已附在背景情况之后）")
IMPORTED = _("已录入草稿：%(title)s\n%(url)s")
REFUSED = _("不能办理：%(why)s")
LETTER_WRITTEN = _("已写出 %(path)s")
LETTER_FORMAT = _("输出文件应以 .html、.pdf 或 .docx 结尾。")


def import_proposal(
    file: Annotated[Path, typer.Argument(help="DOCX 或 TXT  a DOCX or TXT file")],
    call: Annotated[str, typer.Option(help="征集（届次）的编码  code of the call")],
    proposer: Annotated[
        str, typer.Option(help="提案人的账号；默认按文件中的姓名查找  user name of the proposer")
    ] = "",
) -> None:
    """从文件录入一件提案，存为草稿。  Read a proposal from a file into a draft."""
    set_up()
    from django.db import transaction

    from qiao.core.acts import Refused, act
    from qiao.kinds.proposal import start_draft
    from qiao.letters.reading import ReadingError, extract_text, read_proposal

    if not file.is_file():
        raise fail(NO_FILE, path=file)
    session = _call(call)
    registry = _registry(session)
    content = file.read_bytes()
    try:
        reading = read_proposal(extract_text(content, file.name).text)
    except ReadingError as error:
        raise fail(_spoken(error)) from None
    _say_reading(reading)
    person = _proposer(session, proposer, reading)
    try:
        with transaction.atomic():
            case = start_draft(session, registry, person=person)
            act(case, "save", by=registry, content=_paper(reading), file=(file.name, content))
    except Refused as refused:
        raise fail(REFUSED, why=refused.answer) from None
    from django.conf import settings

    done(IMPORTED, title=case.title, url=settings.PUBLIC_ADDRESS + case.get_absolute_url())


def _spoken(error: Any) -> str:
    from qiao.letters.reading import say as spoken

    return spoken(error.code, error.params, language())


def _call(code: str) -> Call:
    from qiao.core.models import Call

    found = Call.objects.select_related("owner").filter(code=code).first()
    if found is None:
        fail(NO_CALL, code=code)
        for each in Call.objects.order_by("-start")[:20]:
            err.print(f"  {each.code}  {each.title}", markup=False)
        raise typer.Exit(1)
    return found


def _registry(call: Call) -> Seat:
    from qiao.core.clocks import today
    from qiao.core.models import Seat

    seat = Seat.objects.filter(organisation=call.owner, role="registry").held_on(today()).first()
    if seat is None:
        raise fail(NO_REGISTRY, owner=call.owner)
    return seat


def _proposer(call: Call, user: str, reading: ProposalReading) -> Person:
    from qiao.core.clocks import today
    from qiao.core.models import Person, Seat

    if user:
        named = Person.objects.filter(user__username=user).first()
        if named is None:
            raise fail(NO_USER, name=user)
        return named
    if not reading.proposers:
        raise fail(NO_PROPOSER_NAME)
    name = reading.proposers[0].value
    seats = Seat.objects.filter(organisation=call.owner, person__name=name).exclude(role="registry")
    found = seats.held_on(today()).select_related("person").first()
    if found is None:
        raise fail(NO_PROPOSER, owner=call.owner, name=name)
    return found.person


def _paper(reading: ProposalReading) -> dict[str, Any]:
    """The content of a proposal paper; lines of no part follow the background, so that nothing is lost."""

    def part(code: str) -> str:
        return reading.parts[code].text if code in reading.parts else ""

    other = "\n".join(line.value for line in reading.other)
    return {
        "title": reading.title.value if reading.title else "",
        "background": "\n".join(filter(None, (part("background"), other))),
        "problem": part("problem"),
        "suggestions": part("suggestion"),
        "wish_lead": reading.wishes.lead,
        "wish_co": reading.wishes.co,
        "consent": reading.wishes.consent is not False,
        "consent_reason": reading.wishes.consent_reason,
    }


def _say_reading(reading: ProposalReading) -> None:
    from django.utils.translation import gettext

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    if reading.title:
        table.add_row(str(READ_TITLE), reading.title.value)
    if reading.proposers:
        table.add_row(str(READ_PROPOSER), gettext("、").join(p.value for p in reading.proposers))
    if reading.cosigners:
        table.add_row(str(READ_COSIGNERS), gettext("、").join(p.value for p in reading.cosigners))
    for code, label in READ_PARTS.items():
        if found := reading.parts.get(code):
            size = len("".join(found.text.split()))
            items = len(reading.suggestions) if code == "suggestion" else 0
            said = READ_ITEMS % {"chars": size, "n": items} if items else READ_CHARS % {"n": size}
            table.add_row(str(label), said)
    if missing := [str(READ_PARTS[code]) for code in reading.missing]:
        table.add_row(f"[red]{READ_MISSING}[/red]", gettext("、").join(missing))
    out.print(table)
    if reading.other:
        say(READ_OTHER, n=len(reading.other))


def letter(
    file: Annotated[Path, typer.Argument(help="答复文本（TXT 或 DOCX）  the text of a reply")],
    output: Annotated[Path, typer.Option("-o", "--output", help=".html / .pdf / .docx")],
) -> None:
    """把答复文本排成公文。  Set the text of a reply as an official letter."""
    ready()
    from qiao.letters import LetterError
    from qiao.letters.reading import ReadingError, extract_text, read_reply

    if not file.is_file():
        raise fail(NO_FILE, path=file)
    try:
        read = read_reply(extract_text(file.read_bytes(), file.name).text).letter
        made = _rendered(read, output.suffix.lower())
    except ReadingError as error:
        raise fail(_spoken(error)) from None
    except LetterError as error:
        raise fail(str(error)) from None
    if made is None:
        raise fail(LETTER_FORMAT)
    output.write_bytes(made)
    done(LETTER_WRITTEN, path=output)


def _rendered(read: Letter, suffix: str) -> bytes | None:
    from html import escape

    from qiao.letters import stylesheet, to_docx, to_html, to_pdf

    if suffix in {".html", ".htm"}:
        title = escape("".join(read.title_lines))
        head = f'<meta charset="utf-8"><title>{title}</title><style>{stylesheet()}</style>'
        page = f"<!doctype html>\n<html lang={read.language}><head>{head}</head><body>\n{to_html(read)}</body></html>\n"
        return page.encode()
    if suffix == ".pdf":
        return to_pdf(read)
    if suffix == ".docx":
        return to_docx(read)
    return None
