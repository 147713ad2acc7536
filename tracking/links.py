"""A recipient's link to one order: 192 bits that nobody can guess, known to the database only as a hash.

The token is worked out from the server's key and a random seed, so that the same link can be sent again while what is
stored (the seed and the hash) opens nothing. Unknown, expired and revoked links are the same to whoever asks.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import Organization
from core import tenancy
from orders.models import Order
from tracking.models import TrackingLink

SALT = "tracking.links"
BYTES = 24
SHAPE = re.compile(r"^[A-Za-z0-9_-]{32}$")
AFTER_END = timedelta(hours=72)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _token(seed: str, key: str | bytes | None = None) -> str:
    raw = salted_hmac(SALT, seed, secret=key or settings.SECRET_KEY, algorithm="sha256").digest()[:BYTES]
    return base64.urlsafe_b64encode(raw).decode()


def _new(order: Order) -> TrackingLink:
    seed = secrets.token_urlsafe(32)
    return TrackingLink(order=order, sealed_token=seed, token_sha256=digest(_token(seed)))


def open_links(orders: Iterable[Order]) -> None:
    """Give a link to each of these orders that has none; the same again changes nothing."""
    rows = list(orders)
    held = set(TrackingLink.objects.filter(order__in=rows).values_list("order_id", flat=True))
    TrackingLink.objects.bulk_create([_new(order) for order in rows if order.id not in held], ignore_conflicts=True)


def link_for(order: Order) -> str:
    """The address of the order's page, made now if there is none yet."""
    return links_for([order])[order.id]


def links_for(orders: Iterable[Order]) -> dict[UUID, str]:
    """The addresses of many orders' pages, by order."""
    rows = list(orders)
    open_links(rows)
    slug = Organization.objects.get(id=tenancy.current()).slug
    held = TrackingLink.objects.filter(order__in=rows).select_related("order")
    return {link.order_id: address(slug, token_of(link)) for link in held}


def address(slug: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}/t/{slug}/{token}/"


def token_of(link: TrackingLink) -> str:
    """The link's token again. A server key that was changed for good gives the link a new one."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(link.sealed_token, key)
        if secrets.compare_digest(digest(token), link.token_sha256):
            return token
    fresh = _new(link.order)
    TrackingLink.objects.filter(id=link.id).update(
        sealed_token=fresh.sealed_token, token_sha256=fresh.token_sha256)
    return _token(fresh.sealed_token)


def find(token: str, *, at: datetime) -> TrackingLink | None:
    """The open tenant's link with this token, unless it has expired."""
    if not SHAPE.match(token):
        return None
    link: TrackingLink | None = (
        TrackingLink.objects.select_related("order__place").filter(token_sha256=digest(token)).first()
    )
    if link is None or (link.expires_at is not None and link.expires_at <= at):
        return None
    return link


def end(orders: Iterable[Order], *, at: datetime) -> None:
    """These orders have ended: their pages can be seen for three more days."""
    TrackingLink.objects.filter(order__in=list(orders), expires_at=None).update(expires_at=at + AFTER_END)


def revoke(order: Order, *, at: datetime) -> None:
    """The order's page is gone at once."""
    TrackingLink.objects.filter(order=order).update(expires_at=at)
