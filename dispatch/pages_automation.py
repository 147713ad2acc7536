"""`/settings/automation/`: what the house may do by itself, rule by rule, and what it did last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as later

from accounts import doors, permissions
from core import clock, errors
from core.words import mark, say
from dispatch.automation import settings
from dispatch.models import Automation

ADDRESS = "/settings/automation/"


@dataclass(frozen=True, slots=True)
class About:
    """A rule in words. `inserts`: it changes routes, so that extra time, cost and lead are its limits."""

    title: str
    does: str
    leaves: str
    inserts: bool = True


ABOUT = {
    "assign_new": About(
        mark("New orders go to drivers"),
        mark("An order for today that comes in after the routes were sent goes to the van with the shortest way round "
             "for it that keeps every promise, and is sent to its driver."),
        mark("A van that has left gets nothing: the parcel is still at the depot.")),
    "insert_same_day": About(
        mark("Same-day orders join the plan"),
        mark("An order for today that comes in while the plan is ready but not sent gets its cheapest place on the "
             "routes."),
        mark("Nothing is sent to a driver before you do.")),
    "plan_ahead": About(
        mark("Ready orders are planned at the planning hour"),
        mark("At this hour the ready orders come onto the plan, and a day without routes is optimised: before noon "
             "the same day, later the next one."),
        mark("Nothing is sent to a driver before you do."), inserts=False),
    "rescue_late": About(
        mark("Promises in danger are saved"),
        mark("A stop that will be late goes to another van that has not left, or is done sooner on its own route when "
             "it is aboard."),
        mark("It is only done when the promise is kept by it and no other becomes late.")),
}
MODES = (("off", later("Off")), ("propose", later("Propose")), ("do", later("Do it")))


class RuleForm(forms.Form):
    """One rule as it is typed: minutes and money instead of seconds and cents."""

    mode = forms.ChoiceField(choices=MODES)
    minutes = forms.IntegerField(min_value=0, max_value=600, required=False, label=later("Extra time, minutes"))
    money = forms.DecimalField(
        min_value=0, max_value=10_000, decimal_places=2, required=False, label=later("Extra cost"))
    per_hour = forms.IntegerField(min_value=1, max_value=1000, required=False, label=later("Changes an hour"))
    lead = forms.IntegerField(min_value=0, max_value=1440, required=False, label=later("Lead time, minutes"))
    from_time = forms.TimeField(required=False, label=later("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    until_time = forms.TimeField(required=False, label=later("Until"), widget=forms.TimeInput(attrs={"type": "time"}))
    plan_at = forms.TimeField(
        required=False, label=later("Planning hour"), widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "input", "id": f"{self.prefix}-{name}"}

    def limits(self, row: Automation) -> dict[str, Any]:
        """What was typed as the rule's limits; a number that was left empty stays as it is."""
        typed = self.cleaned_data
        numbers = {
            "max_extra_s": None if typed["minutes"] is None else typed["minutes"] * 60,
            "max_extra_cents": None if typed["money"] is None else int(typed["money"] * 100),
            "max_per_hour": typed["per_hour"],
            "lead_s": None if typed["lead"] is None else typed["lead"] * 60,
        }
        kept = {name: getattr(row, name) if value is None else value for name, value in numbers.items()}
        return {**kept, **{name: typed[name] for name in ("from_time", "until_time", "plan_at")}}


def _form(row: Automation, data: Any = None) -> RuleForm:
    return RuleForm(data, prefix=row.rule, initial={
        "mode": row.status, "minutes": row.max_extra_s // 60, "money": f"{row.max_extra_cents / 100:.2f}",
        "per_hour": row.max_per_hour, "lead": row.lead_s // 60, "from_time": _hhmm(row.from_time),
        "until_time": _hhmm(row.until_time), "plan_at": _hhmm(row.plan_at)})


def _hhmm(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


class AutomationPage(doors.PageDoor):
    """Everybody who sees plans may look; who plans may switch."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ, "POST": permissions.AUTOMATION_WRITE}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, {})

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = {row.rule: row for row in settings.rules()}
        row = rows.get(request.POST.get("rule", ""))
        if row is None:
            raise errors.Missing("rule")
        form = _form(row, request.POST)
        if form.is_valid():
            try:
                settings.set_rule(row.rule, mode=form.cleaned_data["mode"], limits=form.limits(row),
                                  by=self.caller.actor, at=clock.now())
            except errors.Refused as refused:
                form.add_error(refused.param if refused.param in form.fields else None, refused.message)
            else:
                word = str(dict(MODES)[form.cleaned_data["mode"]]).lower()
                self.say(say("“{title}” is set to {word}.", title=say(ABOUT[row.rule].title), word=word))
                return HttpResponseRedirect(ADDRESS)
        return self._page(request, {row.rule: form}, status=400)

    def _page(
        self, request: HttpRequest, typed: dict[str, RuleForm], *, status: int = 200
    ) -> HttpResponse:
        shown = {
            "rules": [
                {"row": row, "about": ABOUT[row.rule], "form": typed.get(row.rule) or _form(row),
                 "modes": [mode for mode in MODES if mode[0] != "propose" or row.rule not in settings.NO_PROPOSALS]}
                for row in settings.rules()],
            "recent": [{"row": row, "title": ABOUT[row.rule].title} for row in settings.recent()],
            "may_change": self.caller.may(permissions.AUTOMATION_WRITE), "currency": self.caller.organization.currency,
        }
        with timezone.override(ZoneInfo(self.caller.organization.timezone)):
            return render(request, "dispatch/automation.html", shown, status=status)


