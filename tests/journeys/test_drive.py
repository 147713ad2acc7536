"""The driver's page in a real browser against the real server: a day's work, a lost connection, a killed tab."""

from __future__ import annotations

import itertools
import json
import re
import time
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Playwright, Route

from core.models import Event
from dispatch.models import Attempt, Proof, Stop
from tests import node
from tests.fixtures import PASSWORD, World
from tests.journeys.drive_phone import (
    ARGUMENTS,
    CHROMIUM,
    PHONE,
    ROOT,
    Phone,
    browser_test,
    context_of,
    kinds,
    not_signed_in,
    picture,
)
from tests.tracking.day import Day, distributed
from tracking.models import Position, Report


@pytest.fixture
def day(amber: World) -> Day:
    """Three stops of today: the first wants a photo, the second a PIN, the third nothing."""
    zone = ZoneInfo(amber.organization.timezone)
    amber.day = datetime.now(zone).date()
    with amber.scope():
        shift = amber.shifts[0]
        shift.day_on = amber.day
        shift.starts_at = datetime.combine(amber.day, clock_time(8), zone)
        shift.ends_at = datetime.combine(amber.day, clock_time(18), zone)
        shift.save()
        made = distributed(amber)
        for order, proof, pin in zip(made.orders, ("photo", "pin", "none"), ("", "4711", ""), strict=True):
            order.proof_required, order.pin = proof, pin
            order.save()
        return made


def positions_arrive(world: World, day: Day, patience_s: float = 30) -> None:
    """Wait until the phone has sent where it is, which it does every few seconds while the route is under way."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        with world.scope():
            if Position.objects.filter(route=day.route).exists():
                return
        time.sleep(0.5)
    raise AssertionError("the phone sent no position")


@browser_test
def test_a_route_is_driven_on_the_phone(amber: World, day: Day, without_maps: Browser, host: str) -> None:
    first, second, third = day.stops
    phone = Phone(context_of(without_maps, day), host, amber).open()
    phone.sign_in("not the password")
    phone.page.get_by_text("The e-mail address or the password is wrong.").wait_for()
    phone.sign_in()
    phone.page.get_by_test_id("start").get_by_text("Good to go, Amber").wait_for()
    phone.press("Start route")
    phone.at(first, "next")
    phone.shot("next")
    phone.press("I’m here")
    phone.press("Deliver")
    phone.choose("The recipient")
    phone.press("Confirm delivery")
    phone.page.get_by_role("alert").get_by_text("Still needed: a photo").wait_for()
    phone.page.locator("input[type=file]").set_input_files([picture()])
    phone.page.get_by_role("img", name="Photo 1").wait_for()
    phone.page.get_by_text("Add a signature").click()
    phone.press("Type the name instead")
    phone.page.get_by_label("Full name of who signs").fill("Ada Winter")
    phone.page.get_by_text("Signed", exact=True).wait_for()
    phone.shot("deliver")
    phone.press("Confirm delivery")
    phone.at(first, "attempted")
    phone.press("Continue")
    phone.at(second, "next")
    phone.press("I’m here")
    phone.press("Deliver")
    phone.choose("The recipient")
    phone.page.get_by_label("PIN from the recipient").fill("9999")
    phone.press("Confirm delivery")
    phone.page.get_by_role("alert").get_by_text("The PIN of order A0-2 does not match.").wait_for()
    phone.page.get_by_label("PIN from the recipient").fill("4711")
    phone.press("Confirm delivery")
    phone.at(second, "attempted")
    phone.press("Continue")
    phone.at(third, "next")
    phone.fail_here("Something else")
    phone.page.get_by_role("alert").get_by_text("Still needed: a note").wait_for()
    phone.page.get_by_label(re.compile("^Note")).fill("The street is flooded")
    phone.press("Confirm: not delivered")
    phone.at(third, "attempted")
    phone.press("Leave this stop")
    phone.page.get_by_test_id("all-done").wait_for()
    positions_arrive(amber, day)
    phone.press("Complete route")
    phone.page.get_by_role("dialog").get_by_role("button", name="Complete route").click()
    phone.page.get_by_test_id("completed").wait_for()
    phone.press("Go off duty")
    phone.page.get_by_role("button", name="Go off duty").wait_for(state="detached")
    phone.unsent(0)
    with amber.scope():
        attempts = list(Attempt.objects.order_by("at"))
        assert [row.outcome for row in attempts] == ["delivered_to_recipient", "delivered_to_recipient", "failed_other"]
        assert attempts[0].name == "Ada Winter" and attempts[2].note == "The street is flooded"
        assert attempts[0].lat == pytest.approx(amber.depot.lat)
        proofs = {row.kind: row for row in Proof.objects.filter(attempt=attempts[0])}
        assert set(proofs) == {"photo", "signature"}
        with Image.open(django_settings.MEDIA_ROOT / proofs["photo"].path) as image:
            assert max(image.size) == 1600
        day.route.refresh_from_db()
        amber.drivers[0].refresh_from_db()
        assert (day.route.status, amber.drivers[0].status) == ("completed", "off_duty")
        assert Position.objects.filter(route=day.route).exists()
        assert Report.objects.exclude(status="applied").values_list("code", flat=True).get() == "wrong_pin"
    assert phone.faults == []


@browser_test
def test_a_lost_connection_and_a_closed_browser_lose_nothing(
    amber: World, day: Day, playwright: Playwright, host: str, tmp_path: Path
) -> None:
    first, second, third = day.stops

    def opened() -> tuple[BrowserContext, Phone]:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=ARGUMENTS, **PHONE
        )
        return context, Phone(context, host, amber)

    context, phone = opened()
    phone.open().sign_in()
    phone.press("Start route")
    phone.at(first, "next")
    phone.unsent(0)
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    phone.press("I’m here")
    phone.press("Deliver")
    phone.choose("In a safe place")
    phone.page.locator("input[type=file]").set_input_files([picture()])
    phone.page.get_by_role("img", name="Photo 1").wait_for()
    phone.page.reload()  # as phones do while their camera is open: the form comes back with its photo
    phone.page.get_by_role("img", name="Photo 1").wait_for()
    phone.press("Confirm delivery")
    phone.at(first, "attempted")
    phone.press("Continue")
    phone.at(second, "next")
    phone.unsent(3)
    phone.page.get_by_role("button", name="You").click()
    phone.press("Sign out")
    phone.page.get_by_text("3 reports are not sent yet. Sign out when everything has arrived.").wait_for()
    phone.page.get_by_role("button", name="Now", exact=True).click()
    phone.fail_here("Nobody home")
    phone.at(second, "attempted")
    phone.shot("offline")
    phone.unsent(5)
    assert phone.faults == []
    context.close()
    assert kinds(amber) == [("route_started", "applied")]

    context, phone = opened()
    phone.open()
    phone.at(second, "attempted")
    phone.unsent(0)
    assert kinds(amber) == [
        (kind, "applied") for kind in ("route_started", "arrived", "attempted", "departed", "arrived", "attempted")
    ]
    with amber.scope():
        rows = {row.stop_id: row for row in Attempt.objects.all()}
        assert rows[first.id].outcome == "delivered_to_safe_place" and rows[second.id].outcome == "failed_not_home"
        assert Proof.objects.get().attempt_id == rows[first.id].id
        first.refresh_from_db()
        assert first.arrived_at < rows[first.id].at < first.departed_at < rows[first.id].received_at
    phone.press("Continue")
    phone.at(third, "next")
    phone.unsent(0)
    phone.page.get_by_role("button", name="You").click()
    phone.press("Sign out")
    phone.page.get_by_label("E-mail").wait_for()
    left = phone.page.evaluate("""() => new Promise((done) => {
      const opening = indexedDB.open('lastmile-drive');
      opening.onsuccess = () => {
        const names = ['reports', 'uploads', 'drafts', 'positions'];
        const tx = opening.result.transaction(names);
        const asked = names.map((name) => tx.objectStore(name).count());
        tx.oncomplete = () => done(asked.map((one) => one.result));
      };
    })""")
    assert left == [0, 0, 0, 0]
    context.close()


@browser_test
def test_a_tab_killed_before_the_answer_applies_once(amber: World, day: Day, without_maps: Browser, host: str) -> None:
    first, second, _ = day.stops
    context = context_of(without_maps, day, service_workers="block")
    phone = Phone(context, host, amber).open().sign_in()
    phone.press("Start route")
    phone.at(first, "next")
    phone.unsent(0)
    reached: list[str] = []

    def swallow(route: Route) -> None:
        """The server gets it and answers; the phone never hears of it."""
        reached.append(str(route.fetch().status))
        route.abort()

    context.route("**/driver/reports", swallow)
    phone.fail_here("Refused")
    phone.at(first, "attempted")
    until = time.monotonic() + 8
    while len(reached) < 2 and time.monotonic() < until:
        phone.page.wait_for_timeout(50)
    phone.page.close()
    assert reached[:2] == ["200", "200"]
    context.unroute("**/driver/reports")
    phone = Phone(context, host, amber).open()
    phone.at(first, "attempted")
    phone.unsent(0)
    phone.press("Continue")
    phone.at(second, "next")
    phone.unsent(0)
    assert kinds(amber) == [(kind, "applied") for kind in ("route_started", "arrived", "attempted", "departed")]
    with amber.scope():
        assert Attempt.objects.count() == 1
        assert Event.objects.filter(kind="stop.attempted").count() == 1


@browser_test
def test_what_is_refused_is_shown_and_what_is_late_is_tried_again(
    amber: World, day: Day, without_maps: Browser, host: str
) -> None:
    first, second, _ = day.stops
    context = context_of(without_maps, day, service_workers="block")
    phone = Phone(context, host, amber).open().sign_in()
    phone.press("Start route")
    phone.at(first, "next")
    phone.unsent(0)
    asked: list[tuple[float, list[str]]] = []

    def broken(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        asked.append((time.monotonic(), [row["type"] for row in body["reports"]]))
        if len(asked) <= 3:
            route.fulfill(status=503, json={"code": "busy", "message": "Later"})
        else:
            route.continue_()

    context.route("**/driver/reports", broken)
    phone.press("I’m here")
    phone.at(first, "arrived")
    phone.unsent(1)
    phone.unsent(0)
    assert [row[1] for row in asked] == [["arrived"]] * 4
    pauses = [later[0] - sooner[0] for sooner, later in itertools.pairwise(asked)]
    assert pauses[0] > 1 and pauses[1] > 2 and pauses[2] > 4, pauses
    context.unroute("**/driver/reports")

    with amber.scope():  # a dispatcher takes the stop away while the driver stands at its door
        Stop.objects.filter(id=first.id).update(route=None, position=None, status="unassigned")
        Stop.objects.filter(id=second.id).update(status="next")
    phone.press("Can’t deliver")
    phone.choose("Nobody home")
    phone.press("Confirm: not delivered")
    phone.page.get_by_role("button", name="1 report was not accepted").click()
    phone.page.get_by_test_id("refused").get_by_text("taken off your route").wait_for()
    phone.shot("refused")
    phone.press("Understood")
    phone.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    phone.at(second, "next")
    assert kinds(amber)[-1] == ("attempted", "conflict")

    # The key is taken back: the work is kept, and sent after signing in again.
    context.route("**/driver/reports", not_signed_in)
    phone.press("I’m here")
    phone.page.get_by_text("1 unsent report will be sent after you sign in.").wait_for()
    assert phone.page.get_by_label("E-mail").input_value() == amber.members["driver0"].user.email
    context.unroute("**/driver/reports")
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Sign in")
    phone.at(second, "arrived")
    phone.unsent(0)
    assert kinds(amber)[-1] == ("arrived", "applied")
    assert phone.faults == []


@browser_test
def test_another_drivers_work_is_not_sent_under_my_name(
    amber: World, day: Day, without_maps: Browser, host: str
) -> None:
    context = context_of(without_maps, day, service_workers="block")
    phone = Phone(context, host, amber).open().sign_in()
    phone.page.get_by_test_id("start").wait_for()
    context.route("**/driver/reports", not_signed_in)
    phone.press("Start route")
    phone.page.get_by_label("E-mail").fill(amber.members["driver1"].user.email)
    phone.page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Sign in")
    phone.page.get_by_text("There is unsent work of Amber driver 1 on this phone.").wait_for()
    assert kinds(amber) == []


@pytest.mark.django_db
def test_the_shell_is_public_and_holds_no_data(amber: World) -> None:
    client = Client()
    page = client.get("/drive/")
    assert page.status_code == 200 and "no-cache" in page["Cache-Control"]
    assert amber.organization.name not in page.content.decode()
    manifest = client.get("/drive/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    row = manifest.json()
    assert (row["start_url"], row["scope"], row["display"]) == ("/drive/", "/drive/", "standalone")
    assert {icon["purpose"] for icon in row["icons"]} == {"any", "maskable"}
    assert client.post("/drive/").status_code == 405


@pytest.mark.django_db
@pytest.mark.skipif(not (ROOT / "var" / "build" / "app" / "sw.js").is_file(), reason="the browser's code is not built")
def test_the_service_worker_names_files_that_exist() -> None:
    answer = Client().get("/drive/sw.js")
    assert answer["Service-Worker-Allowed"] == "/drive/" and answer["Content-Type"].startswith("text/javascript")
    first, _, rest = answer.content.decode().partition("\n")
    shell = json.loads(first.removeprefix("self.SHELL=").removesuffix(";"))
    assert rest and shell["page"] == "/drive/"
    names = [url.removeprefix("/static/") for url in shell["urls"] if url.startswith("/static/")]
    assert "app/drive.js" in names and any(name.startswith("app/chunks/") for name in names)
    for name in names:
        assert any((folder / name).is_file() for folder in (ROOT / "var" / "build", ROOT / "lastmile" / "static")), name


RULES = Path(__file__).with_name("drive_rules.ts")


def test_the_pages_own_rules(tmp_path: Path) -> None:
    """Optimistic moves, proof, pauses between tries, thinning: as plain functions."""
    node.assert_rules_hold(RULES, tmp_path)
