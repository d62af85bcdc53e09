"""Accounts of people."""

# ruff: noqa: PLC0415  (Django's models can be imported only after django.setup(), so each command imports its own)

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from django.utils.translation import gettext_lazy as _

from .speaking import NO_USER, done, fail, say, set_up

NO_UNIT = _("没有名为“%(name)s”的单位。")
USER_EXISTS = _("账号 %(name)s 已经存在。")
PASSWORD = _("密码")
PASSWORD_BAD = _("密码不合要求：%(why)s")
USER_MADE = _("已建立账号 %(name)s")
USER_NO_SEAT = _("此账号还没有席位，因而没有任何职权。")
PASSWORD_SET = _("已更改 %(name)s 的密码")


def _ask_password(user: Any) -> str:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if sys.stdin.isatty():
        password: str = typer.prompt(str(PASSWORD), hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise fail(PASSWORD_BAD, why=" ".join(error.messages)) from None
    return password


def create_user(  # noqa: PLR0917
    name: Annotated[str, typer.Argument(help="账号名  user name")],
    person: Annotated[str, typer.Option(help="姓名  the person's name")],
    email: Annotated[str, typer.Option(help="电子邮箱  e-mail")] = "",
    seat: Annotated[str, typer.Option(help="席位角色，如 registry  role of a first seat")] = "",
    unit: Annotated[str, typer.Option(help="席位所在单位名称  organisation of that seat")] = "",
    administrator: Annotated[bool, typer.Option("--admin", help="系统管理员  may use /admin/")] = False,
) -> None:
    """建立账号；密码从终端或标准输入读取。  Make an account; the password comes from terminal or standard input."""
    set_up()
    from django.db import transaction

    from qiao.core.clocks import today
    from qiao.core.models import Organisation, Person, Seat, User

    if User.objects.filter(username=name).exists():
        raise fail(USER_EXISTS, name=name)
    organisation = Organisation.objects.filter(name=unit).first() if unit else None
    if (unit or seat) and organisation is None:
        raise fail(NO_UNIT, name=unit)
    user = User(username=name, email=email, is_staff=administrator, is_superuser=administrator)
    user.set_password(_ask_password(user))
    with transaction.atomic():
        user.save()
        human = Person.objects.create(name=person, user=user, email=email)
        if organisation and seat:
            Seat.objects.create(person=human, organisation=organisation, role=seat, start=today())
    done(USER_MADE, name=name)
    if not seat:
        say(USER_NO_SEAT)


def set_password(name: Annotated[str, typer.Argument(help="账号名  user name")]) -> None:
    """更改密码。  Change a password."""
    set_up()
    from qiao.core.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise fail(NO_USER, name=name)
    user.set_password(_ask_password(user))
    user.save()
    done(PASSWORD_SET, name=name)
