"""The fleet for the platform's operator."""

from django.contrib import admin

from accounts.admin import TenantAdmin
from fleet.models import Depot, Driver, Shift, Vehicle, Zone, ZoneDriver


@admin.register(Depot)
class DepotAdmin(TenantAdmin):
    list_display = ("name", "line", "opens", "closes", "status")


@admin.register(Vehicle)
class VehicleAdmin(TenantAdmin):
    list_display = ("name", "plate", "kind", "weight_g", "volume_ml", "skills", "status")
    list_filter = ("kind", "status")


@admin.register(Driver)
class DriverAdmin(TenantAdmin):
    list_display = ("name", "depot", "vehicle", "usual_start", "usual_end", "status", "active")
    list_filter = ("status", "active")


@admin.register(Zone)
class ZoneAdmin(TenantAdmin):
    list_display = ("name", "color", "status")
    list_filter = ("status",)


@admin.register(ZoneDriver)
class ZoneDriverAdmin(TenantAdmin):
    list_display = ("zone", "driver")


@admin.register(Shift)
class ShiftAdmin(TenantAdmin):
    list_display = ("day_on", "driver", "vehicle", "starts_at", "ends_at", "status")
    date_hierarchy = "day_on"
