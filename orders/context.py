"""What every signed-in page shows of orders: how many wait for a look (the number in the main menu)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core import tenancy
from orders.models import Order


def review(request: HttpRequest) -> dict[str, Any]:
    """Template context: `review_count`, counted only where a template asks and a tenant's scope is open."""
    return {"review_count": SimpleLazyObject(_count)}


def _count() -> int:
    if tenancy.current_or_none() is None:
        return 0
    return int(Order.objects.filter(status="needs_attention").count())
