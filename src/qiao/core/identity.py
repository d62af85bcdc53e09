"""Who signs in. Accounts are made by administrators; nobody can register by themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.db.models import Q
from django.http import HttpRequest

from qiao.core.access import seats_of
from qiao.core.models import Person, Seat, User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One lock for each account, whichever of its names is tried and whichever name the server is called by."""
        said = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
        named = User.objects.filter(Q(username__iexact=said) | Q(email__iexact=said)).order_by("pk")
        found = named.values_list("pk", flat=True).first() if said else None
        return f"account:{found}" if found else f"nobody:{said}"


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """OpenID Connect: an account is made at first sign-in, without any seat, and so without any authority."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        user = super().save_user(request, sociallogin, form)
        Person.objects.get_or_create(user=user, defaults={"name": user.get_full_name() or user.username})
        return user


def person_of(request: HttpRequest) -> Person | None:
    """The person behind a request, read once per request."""
    if not hasattr(request, "_qiao_person"):
        user = request.user
        found = Person.objects.filter(user=user.pk).first() if user.is_authenticated else None
        request._qiao_person = found  # type: ignore[attr-defined]
    person: Person | None = request._qiao_person  # type: ignore[attr-defined]
    return person


def seats_at(request: HttpRequest) -> list[Seat]:
    """The seats that the request's person holds today, read once per request."""
    if not hasattr(request, "_qiao_seats"):
        request._qiao_seats = seats_of(person_of(request))  # type: ignore[attr-defined]
    seats: list[Seat] = request._qiao_seats  # type: ignore[attr-defined]
    return seats
