"""The recipient's conversation with the dispatchers, behind the tracking link alone.

Looking changes nothing (mail scanners look too): what was read is said by a request of its own. The page works without
JavaScript; the tracking page asks the same address for JSON.
"""

from __future__ import annotations

from typing import ClassVar, TypedDict
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from accounts import permissions
from accounts.models import Organization
from core import clock, errors
from core.actor import Actor
from core.words import say
from notifications import message_actions, message_queries
from notifications.message_models import TEXT_MOST
from notifications.models import Thread, ThreadMessage
from tracking import pages, recipient, story
from tracking.queries import instant

SHOWN = 100


class RecipientLineRow(TypedDict):
    """A line as its recipient sees it: no name of a dispatcher, no way it went."""

    id: str
    mine: bool
    text: str
    at: str
    clock: str
    read: bool


class ConversationRow(TypedDict):
    """`open`: whether the recipient may still write."""

    open: bool
    messages: list[RecipientLineRow]
    organization: str
    most: int


# A link is the only key here: no cookie is asked for, so there is nothing that another site's page could misuse.
@method_decorator(csrf_exempt, name="dispatch")
class Conversation(pages.RecipientDoor):
    """What was written, and the place to write. A POST with `read` says up to which line it was looked at."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC, "POST": permissions.PUBLIC}

    def post(self, request: HttpRequest, slug: str, token: str) -> HttpResponse:
        return self.answered(request, slug, token)

    def shown(
        self, request: HttpRequest, organization: Organization, told: story.Story, row: recipient.StateRow
    ) -> HttpResponse:
        fault, status, text = "", 200, ""
        if request.method == "POST" and "read" in request.POST:
            return self._read(request.POST["read"])
        if request.method == "POST":
            text = request.POST.get("text", "")[: TEXT_MOST * 2]
            try:
                self._write(text, request.POST.get("id", ""))
            except errors.Refused as refused:
                # Nothing was written: the answer says why, and what was typed stays in its place.
                fault, status = refused.message, refused.status
                if _wants_json(request):
                    return JsonResponse({"code": refused.code, "message": fault}, status=status)
            else:
                if not _wants_json(request):
                    return HttpResponseRedirect(request.path)
                return JsonResponse(self._row(organization), status=201)
        conversation = self._row(organization)
        if _wants_json(request):
            return JsonResponse(conversation)
        shown = {"organization": organization, "row": conversation, "fault": fault, "text": text}
        return render(request, "tracking/conversation.html", shown, status=status)

    def unknown(self, request: HttpRequest, message: str, status: int) -> HttpResponse:
        if _wants_json(request):
            code = "not_found" if status == 404 else "too_many"
            return JsonResponse({"code": code, "message": message}, status=status)
        return render(request, "tracking/unknown.html", {"message": message}, status=status)

    def _row(self, organization: Organization) -> ConversationRow:
        thread, zone = self._thread(), ZoneInfo(organization.timezone)
        lines = message_queries.thread_lines(thread, most=SHOWN) if thread else []
        closes_at = message_queries.closes_at(self.link.order)
        return {
            "open": closes_at is None or closes_at > clock.now(),
            "messages": [_line(line, zone) for line in lines],
            "organization": organization.name,
            "most": TEXT_MOST,
        }

    def _thread(self) -> Thread | None:
        row: Thread | None = message_queries.threads().filter(order=self.link.order).first()
        return row

    def _read(self, mark: str) -> HttpResponse:
        thread = self._thread()
        try:
            upto = UUID(mark)
        except ValueError:
            return JsonResponse({"code": "bad_id", "message": say("read is not an id.")}, status=400)
        if thread is not None:
            message_actions.read_by_other(thread, upto=upto, at=clock.now())
        return JsonResponse({"read": thread is not None})

    def _write(self, text: str, mark: str) -> ThreadMessage:
        order = self.link.order
        try:
            client_id = UUID(mark) if mark else uuid4()
        except ValueError as error:
            raise errors.Invalid("bad_id", say("This page is out of date: load it again."), param="id") from error
        actor = Actor("recipient", None, order.recipient_name or "Recipient")
        return message_actions.write_as_recipient(order, text, client_id=client_id, by=actor, at=clock.now())


def _line(line: ThreadMessage, zone: ZoneInfo) -> RecipientLineRow:
    local = line.sent_at.astimezone(zone)
    same_day = local.date() == timezone.localtime(clock.now(), zone).date()
    return {
        "id": str(line.id),
        "mine": line.author == "recipient",
        "text": line.text,
        "at": instant(line.sent_at),
        "clock": f"{local:%H:%M}" if same_day else f"{local.day} {local:%b}, {local:%H:%M}",
        "read": line.read_at is not None,
    }


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
