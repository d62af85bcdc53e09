"""Django's admin, for configuration only: people, organisations, seats, accounts, sessions, holidays, indicators.

Cases, acts, papers and everything else that moves are not here: they change through ``act()`` alone. Nothing that
history may point at can be deleted; a seat or a session ends, an organisation is merged.
"""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qiao.core.models import (
    Call,
    HolidayOverride,
    Indicator,
    Organisation,
    OrganisationName,
    Person,
    Seat,
    User,
    Value,
)

admin.site.site_header = _("桥：系统设置")
admin.site.site_title = _("桥：系统设置")
admin.site.index_title = _("人员、单位、席位与届次")
# One door for everybody: the admin's own sign-in page knows neither the lock-out nor the second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)  # authority comes from seats, never from groups

RIGHTS = _("此处的权限只管系统设置；办理事项的权限只来自席位。")


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]
    """What history may point at: it can be added and changed, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows that are written elsewhere, shown for reading."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NameInline(admin.TabularInline):  # type: ignore[type-arg]
    model = OrganisationName
    extra = 0
    can_delete = False


class SeatInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Seat
    extra = 0
    can_delete = False
    autocomplete_fields = ("organisation",)
    fields = ("organisation", "role", "title", "start", "end")


class ValueInline(ReadOnlyInline):
    """Values are stated at the desk (``core.figures``), where a revision supersedes; here they are only read."""

    model = Value
    fk_name = "indicator"
    fields = ("start", "end", "display", "revision", "superseded_by", "stated_by", "stated_at")
    readonly_fields = fields


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("本人"), {"fields": ("first_name", "last_name", "email")}),
        (
            _("系统设置权限"),
            {
                "fields": ("is_active", "is_staff", "is_superuser", "user_permissions"),
                "description": RIGHTS,
            },
        ),
        (_("时间"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # an account is switched off, so that nobody else gets its name


@admin.register(Person)
class PersonAdmin(Kept):
    list_display = ("name", "user", "email", "language", "fictional")
    search_fields = ("name", "email", "user__username")
    autocomplete_fields = ("user",)
    readonly_fields = ("code",)
    inlines = (SeatInline,)


@admin.register(Organisation)
class OrganisationAdmin(Kept):
    list_display = ("name", "short_name", "kind", "uscc", "parent", "merged_into")
    list_filter = ("kind", "fictional")
    search_fields = ("name", "short_name", "uscc", "names__name")
    autocomplete_fields = ("parent", "merged_into")
    readonly_fields = ("code",)
    inlines = (NameInline,)


@admin.register(Seat)
class SeatAdmin(Kept):
    """Who may do what. A seat on which somebody has acted keeps its person, organisation and role: it can only end."""

    list_display = ("person", "organisation", "role", "title", "start", "end")
    list_filter = ("role",)
    search_fields = ("person__name", "organisation__name", "organisation__short_name", "title")
    autocomplete_fields = ("person", "organisation")
    list_select_related = ("person", "organisation")
    date_hierarchy = "start"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("person", "organisation", "role", "start") if obj and obj.acts.exists() else ()


@admin.register(Call)
class CallAdmin(Kept):
    """Sessions. Which rules apply and what they belong to stands fixed once cases have been opened under them."""

    list_display = ("title", "kind", "owner", "start", "end", "rulebook")
    list_filter = ("kind",)
    search_fields = ("title", "owner__name")
    autocomplete_fields = ("owner",)
    exclude = ("last_number",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "kind", "owner", "rulebook") if obj and obj.cases.exists() else ("code",)


@admin.register(HolidayOverride)
class HolidayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read only: the calendar page of the desk changes days, and recomputes the dates that move with them."""

    list_display = ("day", "workday", "name", "source")
    date_hierarchy = "day"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Indicator)
class IndicatorAdmin(Kept):
    list_display = ("name", "code", "unit", "rhythm", "owner")
    list_filter = ("rhythm",)
    search_fields = ("name", "name_en", "code", "definition")
    autocomplete_fields = ("owner",)
    inlines = (ValueInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("owner")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "unit") if obj and Value.objects.filter(indicator=obj).exists() else ()
