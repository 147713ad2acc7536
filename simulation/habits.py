"""What drivers and recipients do: how often it fails, why, and what happens on a day. A pure room."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SUCCESSES = {
    "delivered_to_recipient": 0.76, "delivered_to_third_party": 0.11, "delivered_to_safe_place": 0.08,
    "delivered_to_mailbox": 0.05,
}
WITH_SIGNATURE = {"delivered_to_recipient": 0.85, "delivered_to_third_party": 0.15}
WITH_PIN = {"delivered_to_recipient": 1.0}
FAILURES = {
    "failed_not_home": 0.52, "failed_cant_find_address": 0.13, "failed_access_denied": 0.11, "failed_refused": 0.09,
    "failed_no_parking": 0.06, "failed_damaged": 0.05, "failed_wrong_item": 0.04,
}
NOTES = {
    "failed_not_home": ("Nobody opened, card left.", "Rang twice, no answer.", "Called, no answer."),
    "failed_cant_find_address": ("The number is not on any door.", "No such name at the bells."),
    "failed_access_denied": ("The gate is locked.", "The porter let nobody in."),
    "failed_refused": ("Did not order this, says the recipient.", "Refused at the door."),
    "failed_no_parking": ("The street is closed for works.",),
    "failed_damaged": ("The box was wet and torn.",),
    "failed_wrong_item": ("The label belongs to another parcel.",),
    "delivered_to_third_party": ("With the neighbour on the left.", "At the reception desk."),
    "delivered_to_safe_place": ("In the shed behind the house.", "On the covered porch."),
}


@dataclass(frozen=True)
class Habits:
    """Shares and spreads; `0` switches a thing off."""

    failing: float = 0.04
    skipping: float = 0.02
    service_sigma: float = 0.28
    leg_sigma: float = 0.13
    driver_sigma: float = 0.05
    silences: tuple[int, int] = (0, 2)
    """How many times a driver loses the signal, least and most."""
    silence_minutes: tuple[float, float] = (3.0, 11.0)
    accident_minutes: float = 40.0
    accidents: int = 1
    """How many drivers of the day have one."""


@dataclass(frozen=True, slots=True)
class Doorstep:
    """What happens at one stop; drawn from the stop's own seed, so that the same day has the same story."""

    skipped: bool
    outcome: str
    note: str
    service_factor: float
    linger_s: float
    rng: random.Random = field(compare=False)


def doorstep(habits: Habits, rng: random.Random, proofs: set[str]) -> Doorstep:
    """`proofs` are what the stop's orders need: photo, signature, pin."""
    skipped = rng.random() < habits.skipping
    if rng.random() < habits.failing:
        outcome = pick(rng, FAILURES)
    else:
        outcome = pick(rng, WITH_PIN if "pin" in proofs else WITH_SIGNATURE if "signature" in proofs else SUCCESSES)
    factor = min(2.6, max(0.45, rng.lognormvariate(-habits.service_sigma**2 / 2, habits.service_sigma)))
    return Doorstep(skipped, outcome, rng.choice(NOTES.get(outcome, ("",))), factor, rng.uniform(4, 18), rng)


def pick(rng: random.Random, shares: dict[str, float]) -> str:
    """One of the words, by its share."""
    return rng.choices(list(shares), weights=list(shares.values()))[0]
