"""Cursor pages: `?limit=` rows after `?cursor=`, in the order of the id (which is the order of creation)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request

from core import errors
from core.words import say

MAX_LIMIT = 500


def page(request: Request, rows: QuerySet[Any], as_row: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    """One page of `rows` (ordered by id here) as `{results, next, previous}`."""
    limit = _limit(request.query_params.get("limit"))
    cursor = request.query_params.get("cursor", "")
    backwards, mark = cursor.startswith("-"), cursor.lstrip("-")
    if mark:
        try:
            edge = UUID(mark)
        except ValueError as error:
            raise errors.Invalid(
                "bad_cursor", say("This cursor is not one of ours: take it from `next`."), param="cursor"
            ) from error
        rows = rows.filter(id__lt=edge) if backwards else rows.filter(id__gt=edge)
    found = list(rows.order_by("-id" if backwards else "id")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next = bool(found) and (backwards or more)
    has_previous = bool(found) and (more if backwards else bool(mark))
    return {
        "results": as_row(found),
        "next": _address(request, str(found[-1].id)) if has_next else None,
        "previous": _address(request, f"-{found[0].id}") if has_previous else None,
    }


def _limit(text: str | None) -> int:
    if text is None:
        return 100
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= MAX_LIMIT:
        raise errors.Invalid(
            "bad_limit", say("limit is a whole number from 1 to {max_limit}.", max_limit=MAX_LIMIT), param="limit"
        )
    return int(text)


def _address(request: Request, cursor: str) -> str:
    query = request._request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def uuid_of(text: Any, param: str) -> UUID:
    """A reference in a query or a body; a wrong one is said by name."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise errors.Invalid("bad_id", say("{param} is not an id.", param=param), param=param) from error
