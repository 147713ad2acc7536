"""A note for whoever works next."""

from __future__ import annotations

from datetime import date, datetime

from analytics.models import HandoverNote
from core import errors
from core.actor import Actor
from core.words import number, say

NOTE_CHARS = 2_000


def write_note(*, day: date, text: str, by: Actor, at: datetime) -> HandoverNote:
    """Keep a note on a day. Raises `Invalid` for an empty or a too long one."""
    text = "\n".join(" ".join(line.split()) for line in text.replace("\0", "").strip().splitlines())
    if not text:
        raise errors.Invalid("empty", say("Write something before you keep the note."), param="text")
    if len(text) > NOTE_CHARS:
        raise errors.Invalid(
            "too_long", say("A note has at most {note_chars} characters.", note_chars=number(NOTE_CHARS)), param="text"
        )
    note: HandoverNote = HandoverNote.objects.create(day_on=day, text=text, author=by.label, author_id=by.id, at=at)
    return note
