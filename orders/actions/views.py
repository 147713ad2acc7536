"""Saved views: searches of orders under a name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from core import errors
from core.actor import Actor
from core.words import say
from orders.models import DefaultView, SavedView

MOST_VIEWS = 50
NAME_CHARS = 60
QUERY_CHARS = 1_000


def save_view(
    *, name: str, query: str, shared: bool, default: bool, member: UUID, by: Actor, at: datetime
) -> SavedView:
    """Keep a search under a name; the member's own view of that name is replaced. `default` opens the list with it."""
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > NAME_CHARS:
        raise errors.Invalid(
            "bad_name", say("A view has a name of up to {name_chars} characters.", name_chars=NAME_CHARS), param="name"
        )
    if len(query) > QUERY_CHARS:
        raise errors.Invalid("too_long", say("This search is too long to be kept."), param="query")
    own = SavedView.objects.filter(member_id=member)
    view: SavedView | None = own.filter(name=name).first()
    if view is None:
        if own.count() >= MOST_VIEWS:
            raise errors.Refused(
                "too_many_views", say("You have {most_views} views already: delete one first.", most_views=MOST_VIEWS)
            )
        view = SavedView(member_id=member, name=name)
    view.query, view.shared = query, shared
    view.save()
    if default:
        open_with(view, member=member, by=by, at=at)
    else:
        DefaultView.objects.filter(member_id=member, view=view).delete()
    return view


def open_with(view: SavedView | None, *, member: UUID, by: Actor, at: datetime) -> None:
    """Open the member's list with this view from now on; with all orders where it is None."""
    DefaultView.objects.filter(member_id=member).delete()
    if view is not None:
        DefaultView(member_id=member, view=view).save()


def delete_view(view: SavedView, *, by: Actor, at: datetime) -> None:
    """Forget the view, for everybody who had it."""
    view.delete()


def view_of(id: UUID, member: UUID | None) -> SavedView:
    """A view that this member sees: their own or a shared one. Raises `Missing`."""
    seen: SavedView | None = SavedView.objects.filter(Q(shared=True) | Q(member_id=member), id=id).first()
    if seen is None:
        raise errors.Missing("view")
    return seen
