"""What a recipient is told, in friendly words. A pure room: facts in, sentences out.

`Story` holds everything that the page may show; the page's JSON is the part of it that changes while one waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from tracking.geo import coarse, distance_m

ROUND = timedelta(minutes=5)
NEAR_HALF = timedelta(minutes=5)
SHARE = 0.12
"""An arrival an hour away is told seven minutes wider to each side than one that is now."""
MOST_HALF = timedelta(minutes=60)
CLOSE_M = 500.0
ROUGH_M = 50.0

STEPS = ("Planned", "On its way", "You are next", "Delivered")

BEFORE_THE_DOOR = ("planned", "allocated", "out_for_delivery", "next", "skipped")

FAILED: Mapping[str, str] = {
    "failed_not_home": "Nobody was there to take it.",
    "failed_cant_find_address": "The driver could not find the address.",
    "failed_no_parking": "The driver could not stop anywhere near.",
    "failed_no_time": "The driver ran out of time.",
    "failed_package_not_available": "The parcel was not on the van.",
    "failed_missing_required_proof": "What was needed to hand it over was missing.",
    "failed_payment_not_received": "The payment could not be made.",
    "failed_refused": "The delivery was declined.",
    "failed_damaged": "The parcel was damaged.",
    "failed_wrong_item": "It was the wrong item.",
    "failed_access_denied": "The driver could not get in.",
    "failed_unsafe": "It was not safe to deliver.",
    "failed_age_check": "The age check could not be made.",
    "failed_other": "Something got in the way.",
}
HANDED: Mapping[str, str] = {
    "delivered_to_recipient": "Handed over at the door",
    "delivered_to_third_party": "Handed to somebody near you",
    "delivered_to_mailbox": "Left in the mailbox",
    "delivered_to_safe_place": "Left in a safe place",
    "delivered_to_pickup_point": "Taken to a pick-up point",
    "delivered_other": "Delivered",
}


@dataclass(frozen=True, slots=True)
class Driver:
    first_name: str
    vehicle: str
    lat: float | None = None
    lon: float | None = None
    heading: float | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    outcome: str
    succeeded: bool
    at: datetime
    name: str = ""
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """An order as it stands: its own state, its stop's, and what surrounds them. `now` is the phone's present time."""

    order_status: str
    stop_status: str | None
    now: datetime
    zone: tzinfo
    window: tuple[datetime, datetime] | None = None
    eta_at: datetime | None = None
    stops_before: int | None = None
    driver: Driver | None = None
    destination: tuple[float, float] | None = None
    city: str = ""
    attempt: Attempt | None = None
    organization: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """`step` is how many of `STEPS` have been reached, None when the delivery goes no further on them.

    `answer` is what the recipient said of the visit (confirmed, declined or nothing), `may_answer` whether they still
    can.
    """

    status: str
    headline: str
    detail: str
    step: int | None
    window: tuple[datetime, datetime] | None = None
    eta: tuple[datetime, datetime] | None = None
    stops_before: int | None = None
    driver: Driver | None = None
    destination: tuple[float, float] | None = None
    attempt: Attempt | None = field(default=None)
    ended: bool = False
    answer: str = ""
    may_answer: bool = False


def tell(facts: Facts) -> Story:
    """The story of an order for its recipient."""
    return replace(_told(facts), answer=facts.answer, may_answer=_may_answer(facts))


def _may_answer(facts: Facts) -> bool:
    """A visit lies ahead and is known of, and the driver is not at the door yet."""
    return (
        facts.order_status in ("scheduled", "out_for_delivery") and facts.stop_status in BEFORE_THE_DOOR
        and (facts.window is not None or facts.eta_at is not None))


def _told(facts: Facts) -> Story:
    match facts.order_status:
        case "delivered" | "partly_delivered":
            return _delivered(facts)
        case "cancelled":
            return Story("cancelled", "This delivery was cancelled",
                         f"Nothing more will be sent. {facts.organization} can tell you why.", None, ended=True)
        case "attempt_failed" | "returning" | "returned":
            return _failed(facts)
        case "out_for_delivery" if facts.stop_status in ("out_for_delivery", "next", "arrived", "skipped", "attempted"):
            return _on_its_way(facts)
        case "scheduled" if facts.window is not None:
            detail = _about(facts, "You get a message when it sets out.")
            return Story("scheduled", "Your delivery is planned", detail, 1, window=facts.window,
                         destination=facts.destination)
        case _:
            again = facts.attempt is not None and not facts.attempt.succeeded
            return Story(
                "preparing", "We will try again" if again else "We have your order",
                "You get a message as soon as the day and time are fixed.", 0, window=facts.window,
                destination=facts.destination)


def _about(facts: Facts, sentence: str) -> str:
    return f"To {facts.city}. {sentence}" if facts.city else sentence


def _on_its_way(facts: Facts) -> Story:
    if facts.stop_status == "arrived":
        return Story("arrived", "Your driver is here", _about(facts, "The driver is at your address now."), 3,
                     window=facts.window, stops_before=0, driver=_seen(facts), destination=facts.destination)
    eta = eta_window(facts.eta_at, facts.now) if facts.eta_at else None
    if facts.stop_status == "next":
        return Story("next", "You are next", _about(facts, "The driver is coming to you now."), 3, window=facts.window,
                     eta=eta, stops_before=0, driver=_seen(facts), destination=facts.destination)
    before = facts.stops_before
    words = "Other stops come first." if before is None or before < 1 else (
        "One stop comes before yours." if before == 1 else f"{before} stops come before yours.")
    return Story("out_for_delivery", "On its way to you", _about(facts, words), 2, window=facts.window, eta=eta,
                 stops_before=before, destination=facts.destination)


def _seen(facts: Facts) -> Driver | None:
    """The van, roughly until it is close: where it comes from is a neighbour's door."""
    driver, to = facts.driver, facts.destination
    if driver is None or driver.lat is None or driver.lon is None:
        return driver
    lat, lon = driver.lat, driver.lon
    if to is None or distance_m(lat, lon, *to) > CLOSE_M:
        lat, lon = coarse(lat, lon, ROUGH_M)
    return Driver(driver.first_name, driver.vehicle, round(lat, 5), round(lon, 5), driver.heading, driver.seen_at)


def _delivered(facts: Facts) -> Story:
    done = facts.attempt
    detail = "It has arrived."
    if done is not None:
        detail = HANDED.get(done.outcome, "Delivered") + (f", received by {done.name}" if done.name else "") + "."
        if done.proofs:
            detail += f" The driver kept a {' and a '.join(done.proofs)} as proof."
    return Story("delivered", "Delivered", detail, 4, attempt=done, ended=True)


def _failed(facts: Facts) -> Story:
    why = FAILED.get(facts.attempt.outcome, FAILED["failed_other"]) if facts.attempt else FAILED["failed_other"]
    if facts.order_status == "attempt_failed":
        then = f"{facts.organization} will arrange another day and send you a message."
    else:
        then = f"The parcel goes back. {facts.organization} can tell you more."
    return Story("failed", "We could not deliver", f"{why} {then}", None, attempt=facts.attempt,
                 ended=facts.order_status == "returned")


def eta_window(eta_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """When the driver is likely to come: whole five minutes, the wider the farther away, and never in the past."""
    half = min(MOST_HALF, NEAR_HALF + max(timedelta(0), eta_at - now) * SHARE)
    start = max(eta_at - half, now)
    end = max(eta_at + half, start + ROUND)
    return _floor(start), _ceil(end)


def _floor(at: datetime) -> datetime:
    return at - timedelta(seconds=at.timestamp() % ROUND.total_seconds())


def _ceil(at: datetime) -> datetime:
    floor = _floor(at)
    return floor if floor == at else floor + ROUND


def day_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """`today`, `tomorrow`, or the day's name and date."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    return f"{day:%A} {day.day} {day:%B}"


def clock_words(span: tuple[datetime, datetime], zone: tzinfo) -> str:
    """`14:05 – 14:20`."""
    return f"{span[0].astimezone(zone):%H:%M} – {span[1].astimezone(zone):%H:%M}"
