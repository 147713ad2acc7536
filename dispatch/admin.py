"""Plans, routes, stops and attempts for the platform's operator."""

from django.contrib import admin

from accounts.admin import TenantAdmin
from dispatch.models import Attempt, Plan, Route, Stop


@admin.register(Plan)
class PlanAdmin(TenantAdmin):
    list_display = ("day_on", "depot", "status", "roads", "version")
    list_filter = ("status",)


@admin.register(Route)
class RouteAdmin(TenantAdmin):
    list_display = ("plan", "shift", "status", "distance_m", "duration_s", "cost_cents", "started_at", "completed_at")
    list_filter = ("status",)
    exclude = ("geometry",)


@admin.register(Stop)
class StopAdmin(TenantAdmin):
    list_display = ("plan", "route", "position", "status", "planned_arrival_at", "arrived_at", "outcome")
    list_filter = ("status",)


@admin.register(Attempt)
class AttemptAdmin(TenantAdmin):
    list_display = ("order", "driver", "number", "outcome", "at", "received_at")
    list_filter = ("outcome",)
