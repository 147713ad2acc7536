"""The operator's admin: organizations and people, and, during a visit, a read-only look into one organization."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from accounts import operator
from accounts.models import AccessKey, Membership, OperatorVisit, Organization, User
from core import errors, tenancy
from core.models import Delivery, Event, Operation

admin.site.unregister(Group)


class TenantAdmin(ModelAdmin):  # type: ignore[misc]
    """A tenant's rows: to look at, during a visit, and never to change."""

    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff and tenancy.current_or_none())

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "slug", "country", "timezone", "active", "created_at")
    search_fields = ("name", "slug")
    readonly_fields = ("id", "created_at")
    change_form_template = "admin/accounts/organization.html"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<uuid:id>/visit/", self.admin_site.admin_view(self.visit), name="visit"),
            path("leave/", self.admin_site.admin_view(self.leave), name="leave"),
            *super().get_urls(),
        ]

    def visit(self, request: HttpRequest, id: UUID) -> HttpResponse:
        """Ask for the reason, then open the visit."""
        organization = get_object_or_404(Organization, id=id)
        problem = ""
        if request.method == "POST":
            operator.close_visit(request)
            try:
                operator.open_visit(request, organization, request.POST.get("reason", ""))
            except errors.Invalid as invalid:
                problem = invalid.message
            except tenancy.TenantScopeClash:
                problem = "Leave the organization that you are visiting first."
            else:
                return HttpResponseRedirect("/admin/")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Look into {organization.name}",
            "problem": problem,
            "organization": organization,
            "opts": self.opts,
        }
        return render(request, "admin/accounts/visit.html", context)

    def leave(self, request: HttpRequest) -> HttpResponse:
        operator.close_visit(request)
        return HttpResponseRedirect("/admin/")


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "created_at")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "last_login", "created_at")
    readonly_fields = ("email", "is_staff", "last_login", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    list_display = ("user", "role", "active", "created_at")
    list_filter = ("role", "active")


@admin.register(AccessKey)
class AccessKeyAdmin(TenantAdmin):
    list_display = ("name", "scopes", "live", "last_used_on", "revoked_at", "created_at")
    fields = ("name", "scopes", "live", "last_used_on", "revoked_at", "created_at")


@admin.register(OperatorVisit)
class OperatorVisitAdmin(TenantAdmin):
    list_display = ("user", "reason", "opened_at", "until")


@admin.register(Event)
class EventAdmin(TenantAdmin):
    list_display = ("at", "kind", "subject_id", "actor_kind", "actor_label", "reason")
    list_filter = ("subject", "actor_kind")
    search_fields = ("kind", "subject_id")
    ordering = ("-id",)


@admin.register(Operation)
class OperationAdmin(TenantAdmin):
    list_display = ("created_at", "kind", "status", "tries", "started_at", "finished_at", "error")
    list_filter = ("kind", "status")
    ordering = ("-id",)


@admin.register(Delivery)
class DeliveryAdmin(TenantAdmin):
    list_display = ("due_at", "handler", "tries", "parked", "error")
    list_filter = ("parked",)
