"""Ways to have come to one point of a tour, where breaks leave a choice: taken on this leg, or later.

The loops of `schedule` carry a few labels from stop to stop and drop those that another one beats in everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from routing.solver.problem import Break

NEVER = 1 << 60
#: Where a break lies that is not taken within the tour.
BEFORE, AFTERWARDS = -1, 1 << 30

#: A way to have come this far: time, latest departure that keeps it, lateness, work done, seconds of rules broken and
#: the legs that breaks were placed on. Plain tuples: the loops below make hundreds of thousands of them.
Label = tuple[int, int, int, int, int, tuple[int, ...]]

#: What a visit asks of time: its place, service, windows and the price of being late (None: not allowed).
Stop = tuple[int, int, tuple[tuple[int, int], ...], int | None]


def labels_at_start(begin: int, breaks: Sequence[Break]) -> list[Label]:
    """Where a tour can begin: at once, or after breaks that are over before it does."""
    labels: list[Label] = [(begin, NEVER, 0, 0, 0, ())]
    for count, rest in enumerate(breaks, 1):
        begin = max(begin, rest.earliest_s + rest.duration_s)
        labels.append((begin, NEVER, 0, 0, 0, (BEFORE,) * count))
    return labels


def serve(
    labels: Sequence[Label], leg_s: int, breaks: Sequence[Break], leg_at: int, stop: Stop, relaxed: bool
) -> list[Label]:
    """Every label driven to the next visit and through its service."""
    _, service_s, windows, rate = stop
    opens_s = windows[0][0] if len(windows) == 1 else NEVER
    served: list[Label] = []
    for time, slack_start, late_price, work, broken, rests in drive(
        labels, leg_s, breaks, leg_at, opens_s, service_s, relaxed
    ):
        for earliest, latest in windows:
            if time <= latest:
                if latest - work < slack_start:
                    slack_start = latest - work
                if time < earliest:
                    time = earliest
                break
        else:
            if rate is not None:
                late_price += rate * (time - windows[-1][1])
            elif relaxed:
                broken += time - windows[-1][1]
            else:
                continue
            slack_start = min(slack_start, time - work)
        served.append((time + service_s, slack_start, late_price, work + service_s, broken, rests))
    return _best_labels(served) if len(served) > 1 else served


def drive(
    labels: Sequence[Label],
    leg_s: int,
    breaks: Sequence[Break],
    leg_at: int,
    opens_s: int,
    service_s: int,
    relaxed: bool,
) -> list[Label]:
    """Every label driven over one leg, with none, one or more of the next breaks taken on it.

    A break that opens only after the next stop could be served altogether is not taken before it: nothing is won
    (`opens_s` and `service_s` are of that stop; a stop with several windows opens never, to be sure).
    A label whose next break can no longer begin in time is dropped (unless relaxed).
    """
    arrived: list[Label] = []
    for label in labels:
        time, slack_start, late_price, work, broken, rests = label
        remaining = leg_s
        done = len(rests)
        if done == len(breaks):
            arrived.append((time + remaining, slack_start, late_price, work + remaining, broken, rests))
            continue
        if relaxed or time <= breaks[done].latest_s:
            arrived.append((time + remaining, slack_start, late_price, work + remaining, broken, rests))
        for rest in breaks[done:]:
            begin = time if time > rest.earliest_s else rest.earliest_s
            if begin > rest.latest_s:
                if not relaxed:
                    break
                broken += begin - rest.latest_s
                slack_start = min(slack_start, time - work)
            else:
                if begin >= max(time + remaining, opens_s) + service_s and begin > time:
                    break
                slack_start = min(slack_start, rest.latest_s - work)
            driven = min(remaining, begin - time)
            remaining -= driven
            time = begin + rest.duration_s
            work += driven + rest.duration_s
            rests = (*rests, leg_at)
            arrived.append((time + remaining, slack_start, late_price, work + remaining, broken, rests))
    return arrived


def _best_labels(labels: list[Label]) -> list[Label]:
    """Without the labels that another one beats or equals in everything (same number of breaks placed)."""
    kept: list[Label] = []
    labels.sort(key=_by_time)
    for label in labels:
        _, slack_start, late_price, work, broken, rests = label
        placed = len(rests)
        for other in kept:
            if (
                len(other[5]) == placed
                and other[1] >= slack_start
                and other[2] <= late_price
                and other[3] <= work
                and other[4] <= broken
            ):
                break
        else:
            kept.append(label)
    return kept


def _by_time(label: Label) -> tuple[int, int]:
    return label[0], -label[1]
