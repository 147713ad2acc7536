"""Changes to an organization's own settings, and to a person's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import languages, objectives, speaking
from accounts.models import Organization, User
from core import errors, tenancy
from core.actor import Actor
from core.models import Event
from core.words import say

UNITS = {"distance_unit": ("km", "mi"), "clock": ("24h", "12h")}
"""How lengths and times of day may be written."""


def set_objective(organization: Organization, objective: str, *, by: Actor, at: datetime) -> None:
    """What plans aim at from now on; plans that are there stay as they are. Who changed it is on record.

    Raises `Invalid` for an unknown objective.
    """
    if objective not in objectives.NAMES:
        names = ", ".join(objectives.NAMES)
        raise errors.Invalid("unknown_objective", say("The objective is one of "
                                                      "{names}.", names=names), param="objective")
    _change(organization, {"objective": objective}, by=by, at=at)


def set_units(
    organization: Organization, *, distance_unit: str | None = None, clock: str | None = None, by: Actor, at: datetime
) -> None:
    """How lengths (km, mi) and times of day (24h, 12h) are written for this organization's people; None = as it is.

    Raises `Invalid` for an unknown unit or clock.
    """
    wishes = {"distance_unit": distance_unit, "clock": clock}
    for name, value in wishes.items():
        if value is not None and value not in UNITS[name]:
            told = say("The setting {name} is one of {words}.", name=name, words=", ".join(UNITS[name]))
            raise errors.Invalid(f"unknown_{name}", told, param=name)
    _change(organization, {name: value for name, value in wishes.items() if value is not None}, by=by, at=at)


def set_language(organization: Organization, language: str, *, by: Actor, at: datetime) -> None:
    """The language of everybody in the organization who has not chosen their own.

    Raises `Invalid` for a language that is not spoken here.
    """
    _change(organization, {"language": _spoken(language)}, by=by, at=at)
    transaction.on_commit(lambda: speaking.forget(organization.id))


def set_own_language(user: User, language: str, *, by: Actor, at: datetime) -> None:
    """A person's own language, in every organization of theirs; empty = as the organization at work.

    Raises `Invalid` for a language that is not spoken here.
    """
    language = _spoken(language) if language else ""
    before = user.language
    if language == before:
        return
    user.language = language
    user.save(update_fields=["language"])
    change = {"language": {"before": before, "after": language}}
    _record("member.changed", "member", by.id or user.id, change, by=by, at=at)


def _spoken(language: str) -> str:
    if language not in languages.CODES:
        names = ", ".join(f"{name} ({code})" for code, name in languages.NAMES)
        raise errors.Invalid(
            "unknown_language", say("The language is one of {names}.", names=names), param="language"
        )
    return language


def _change(organization: Organization, values: dict[str, str], *, by: Actor, at: datetime) -> None:
    """Set columns of the organization at work; one event says what each was before."""
    row = Organization.objects.select_for_update().get(id=organization.id)
    if row.id != tenancy.current():
        raise tenancy.TenantScopeClash("Only the organization at work changes its settings.")
    changes = {}
    for name, value in values.items():
        before = getattr(row, name)
        setattr(organization, name, value)
        if before != value:
            setattr(row, name, value)
            changes[name] = {"before": before, "after": value}
    if not changes:
        return
    row.save(update_fields=list(changes))
    _record("organization.changed", "organization", row.id, changes, by=by, at=at)


def _record(
    kind: str, subject: str, subject_id: UUID, data: dict[str, dict[str, str]], *, by: Actor, at: datetime
) -> None:
    known = Event.objects.filter(subject=subject, subject_id=subject_id).count()
    Event.objects.create(
        kind=kind,
        subject=subject,
        subject_id=subject_id,
        sequence=known + 1,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_label=by.label,
        at=at,
        data=data,
    )
