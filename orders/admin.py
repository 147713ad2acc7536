"""Orders for the platform's operator."""

from django.contrib import admin

from accounts.admin import TenantAdmin
from orders.models import ImportFile, Merchant, Order, Place


@admin.register(Order)
class OrderAdmin(TenantAdmin):
    list_display = ("reference", "merchant", "delivery_on", "status", "priority", "source", "attention_reason")
    list_filter = ("status", "priority", "source")
    search_fields = ("reference",)
    list_select_related = ("merchant",)
    ordering = ("-id",)


@admin.register(Merchant)
class MerchantAdmin(TenantAdmin):
    list_display = ("name", "created_at")


@admin.register(Place)
class PlaceAdmin(TenantAdmin):
    list_display = ("line", "precision", "confidence", "review", "doubt")
    list_filter = ("review", "precision")


@admin.register(ImportFile)
class ImportFileAdmin(TenantAdmin):
    list_display = ("name", "day_on", "rows", "created", "updated", "unchanged", "created_at")
    exclude = ("content",)
