"""What all pages of orders share: the organization's clock, who may write, and the merchants to choose from."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import doors, permissions
from core import clock
from orders import queries

READ = {"GET": permissions.ORDERS_READ}
WRITE = {"POST": permissions.ORDERS_WRITE}
_MERCHANTS_OFFERED = 500


class OrdersPage(doors.PageDoor):
    """A page of orders; times are shown by the organization's clock."""

    permissions: ClassVar[dict[str, str]] = {}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.caller.organization.timezone)

    @property
    def today(self) -> date:
        """The day it is where the organization works."""
        return clock.now().astimezone(self.zone).date()

    def show(
        self, request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        with timezone.override(self.zone):
            return render(
                request,
                template,
                {
                    "today": self.today,
                    "zone": self.zone.key,
                    "may_write": self.caller.may(permissions.ORDERS_WRITE),
                    **(context or {}),
                },
                status=status,
            )

    def merchant_names(self) -> list[str]:
        return list(queries.merchants().order_by("name").values_list("name", flat=True)[:_MERCHANTS_OFFERED])
