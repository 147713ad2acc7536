"""Times of one tour, compiled: when to leave, wait, rest, and what that is worth.

Rules, the same for every plan of this package:

* A tour leaves as late as useful: at the latest moment that neither ends the tour later nor makes any visit
  miss (or miss by more) its window. So nobody is paid for waiting that a later departure avoids (forward time
  slack: Savelsbergh 1992, doi:10.1287/ijoc.4.2.146). A visit is served in the first window it can still reach.
* Breaks are taken in the order of their windows. A break may interrupt driving; the time between leaving one
  stop and beginning service at the next, less the breaks in it, is at least the driving time. Where several
  places for a break are possible, all are tried (labels: time, slack, lateness) and the cheapest tour is kept.
* Where the speed changes with the hour, the latest useful departure is found by halving the interval.
* `relaxed` timing breaks hard windows, shifts and breaks by as little as possible instead of giving up; it
  shows a dispatcher what a move by hand leads to.
"""

from __future__ import annotations

import numpy as np

from routing.solver.kernel.jit import compiled, inlined
from routing.solver.kernel.layout import (
    BREAK,
    BREAKS,
    END,
    HARD_END,
    HORIZON,
    HOUR,
    KM,
    MAX_DURATION,
    NEVER,
    OVERTIME,
    PLACE,
    RATE,
    SERVICE_KIND,
    SHIFT_EARLY,
    SHIFT_LATE,
    SLOTTED,
    START,
    WINDOW,
    WINDOWS,
    Data,
    Ints,
    Small,
)
from routing.solver.kernel.legs import leg, way
from routing.solver.problem import UNREACHABLE

#: What a tour amounts to; entries of `out`. LATE_UNITS is the price of lateness, BROKEN the seconds of rules broken;
#: from RESTS on, for each rest: the leg it is taken on, BEFORE_TOUR or AFTER_TOUR.
OUT_START, OUT_END, OUT_TRAVEL, OUT_METRES, OUT_LATE, OUT_BROKEN, OUT_RESTS = range(7)
MAX_RESTS = 16
OUT_SIZE = OUT_RESTS + MAX_RESTS
BEFORE_TOUR, AFTER_TOUR = -1, 1 << 30

# A label is a way to have come this far: columns of the tables below.
_TIME, _SLACK, _LATE, _WORK, _BROKEN, _PLACED, _BEGAN, _TRAVEL, _REST = range(9)
_COLUMNS = _REST + MAX_RESTS
_LABELS = 192
#: How often a later departure is looked for once more, where the speed changes with the hour.
_AGAIN = 20
assert OUT_SIZE <= _COLUMNS


def room() -> Ints:
    """What `time_tour` needs to work in; one for each thread."""
    return np.zeros((2 * _LABELS + 1, _COLUMNS), dtype=np.int64)


@compiled
def time_tour(
    d: Data, van: int, sequence: Small, length: int, relaxed: bool, rests: bool, out: Ints, table: Ints
) -> bool:
    """Best timing of a tour's nodes into `out`; False if a time rule cannot be kept or a leg does not exist.

    Metres are counted, but neither their limit nor loads, skills and locks are looked at; without `rests` neither
    are breaks. Units decide between the timings that are possible. `table` is room to work in, see `room`.
    """
    here = d.van[van, START]
    metres = 0
    travel_s = 0
    for at in range(length):
        place = d.node[sequence[at], PLACE]
        whole = np.int64(d.seconds[0, here, place])
        if whole >= UNREACHABLE:
            return False
        travel_s += whole
        metres += way(d, here, place)
        here = place
    if d.van[van, END] >= 0:
        whole = np.int64(d.seconds[0, here, d.van[van, END]])
        if whole >= UNREACHABLE:
            return False
        travel_s += whole
        metres += way(d, here, d.van[van, END])
    out[OUT_METRES] = metres
    out[OUT_TRAVEL] = travel_s
    breaks = d.van[van, BREAKS] if rests else 0
    begin = d.van[van, SHIFT_EARLY]
    if breaks == 0 and d.glob[SLOTTED] == 0:
        return _simple(d, van, sequence, length, relaxed, table[0], out)
    labels, spare = table[:_LABELS], table[_LABELS : 2 * _LABELS]
    if not _labelled(d, van, sequence, length, relaxed, breaks, begin, labels, spare, out):
        return False
    if d.glob[SLOTTED] == 0:
        return True
    end, late, broken = out[OUT_END], out[OUT_LATE], out[OUT_BROKEN]
    trial = table[2 * _LABELS]
    for at in range(OUT_SIZE):
        trial[at] = out[at]
    for _ in range(_AGAIN):
        # The latest departure that costs neither time at the end nor lateness; rounded legs and breaks may leave a
        # later one behind one that does, so a second more is tried at the end.
        low, high = out[OUT_START], end
        while low < high:
            middle = (low + high + 1) // 2
            good = _labelled(d, van, sequence, length, relaxed, breaks, middle, labels, spare, trial)
            if good and trial[OUT_END] <= end and trial[OUT_LATE] <= late and trial[OUT_BROKEN] <= broken:
                for at in range(OUT_SIZE):
                    out[at] = trial[at]
                low = max(middle, trial[OUT_START])
            else:
                high = middle - 1
        good = _labelled(d, van, sequence, length, relaxed, breaks, out[OUT_START] + 1, labels, spare, trial)
        if not good or trial[OUT_END] > end or trial[OUT_LATE] > late or trial[OUT_BROKEN] > broken:
            break
        for at in range(OUT_SIZE):
            out[at] = trial[at]
    over = max(0, end - out[OUT_START] - d.van[van, MAX_DURATION])
    out[OUT_BROKEN] += over
    return relaxed or over == 0


@inlined
def _simple(d: Data, van: int, sequence: Small, length: int, relaxed: bool, row: Ints, out: Ints) -> bool:
    """No breaks, one speed all day: one label, one pass."""
    here = d.van[van, START]
    kind = d.van[van, SERVICE_KIND]
    for column in range(_COLUMNS):
        row[column] = 0
    row[_TIME] = d.van[van, SHIFT_EARLY]
    row[_SLACK] = NEVER
    for at in range(length):
        node = np.int64(sequence[at])
        driven = leg(d, here, d.node[node, PLACE], row[_TIME])
        row[_TIME] += driven
        row[_WORK] += driven
        if not _serve(d, node, np.int64(d.service[kind, node]), relaxed, row):
            return False
        here = d.node[node, PLACE]
    driven = leg(d, here, d.van[van, END], row[_TIME])
    end = row[_TIME] + driven
    start = min(row[_SLACK], end - row[_WORK] - driven)
    over = max(0, end - d.van[van, HARD_END]) + max(0, end - start - d.van[van, MAX_DURATION])
    if over > 0 and not relaxed:
        return False
    out[OUT_START] = start
    out[OUT_END] = end
    out[OUT_LATE] = row[_LATE]
    out[OUT_BROKEN] = row[_BROKEN] + over
    return True


@inlined
def _labelled(
    d: Data,
    van: int,
    sequence: Small,
    length: int,
    relaxed: bool,
    breaks: int,
    begin: int,
    labels: Ints,
    spare: Ints,
    out: Ints,
) -> bool:
    """Labels from stop to stop, beginning at `begin` or later; the cheapest way to end goes into `out`."""
    first_break = d.van[van, BREAK]
    slotted = d.glob[SLOTTED] != 0
    kind = d.van[van, SERVICE_KIND]
    count = 0
    start = begin
    for placed in range(breaks + 1):
        if placed > 0:
            start = max(start, d.breaks[first_break + placed - 1, 0] + d.breaks[first_break + placed - 1, 2])
        for column in range(_COLUMNS):
            labels[count, column] = 0
        labels[count, _TIME] = start
        labels[count, _SLACK] = NEVER
        labels[count, _PLACED] = placed
        labels[count, _BEGAN] = start
        for number in range(placed):
            labels[count, _REST + number] = BEFORE_TOUR
        count += 1
    here = d.van[van, START]
    for at in range(length + 1):
        last = at == length
        node = -1 if last else np.int64(sequence[at])
        place = d.van[van, END] if last else d.node[node, PLACE]
        service = np.int64(0) if last else np.int64(d.service[kind, node])
        windows = 0 if last else d.node[node, WINDOWS]
        opens = d.windows[d.node[node, WINDOW], 0] if windows == 1 else NEVER
        reached = 0
        for number in range(count):
            reached = _drive(
                d,
                labels[number],
                first_break,
                breaks,
                at,
                leg(d, here, place, labels[number, _TIME]),
                opens,
                service,
                relaxed,
                spare,
                reached,
            )
        if last:
            count = reached
            labels, spare = spare, labels
            break
        count = 0
        for number in range(reached):
            row = spare[number]
            if not _serve(d, node, service, relaxed, row):
                continue
            count = _keep(row, labels, count, _LABELS // (breaks + 1))
        if count == 0:
            return False
        here = place
    best_broken, best_price, best_time = NEVER, NEVER, NEVER
    for number in range(count):
        row = labels[number]
        time = row[_TIME]
        broken = row[_BROKEN]
        for rest in range(first_break + row[_PLACED], first_break + breaks):
            broken += max(0, time - d.breaks[rest, 1])
        departure = row[_BEGAN] if slotted else min(row[_SLACK], time - row[_WORK])
        broken += max(0, time - d.van[van, HARD_END])
        if not slotted:  # a tour that leaves later may yet be short enough
            broken += max(0, time - departure - d.van[van, MAX_DURATION])
        if broken > 0 and not relaxed:
            continue
        price = d.van[van, HOUR] * (time - departure) + row[_LATE]
        price += d.van[van, OVERTIME] * max(0, time - d.van[van, SHIFT_LATE])
        if (broken, price, time) < (best_broken, best_price, best_time):
            best_broken, best_price, best_time = broken, price, time
            out[OUT_START] = departure
            out[OUT_END] = time
            out[OUT_LATE] = row[_LATE]
            out[OUT_BROKEN] = broken
            if slotted:
                out[OUT_TRAVEL] = row[_TRAVEL]
            for rest in range(breaks):
                out[OUT_RESTS + rest] = row[_REST + rest] if rest < row[_PLACED] else AFTER_TOUR
    return best_broken < NEVER


@inlined
def _copy(to: Ints, row: Ints) -> None:
    for column in range(_COLUMNS):
        to[column] = row[column]


@inlined
def _serve(d: Data, node: int, service: int, relaxed: bool, row: Ints) -> bool:
    """A label through the wait and the service at a node; False if it cannot be served."""
    time = row[_TIME]
    first = d.node[node, WINDOW]
    count = d.node[node, WINDOWS]
    inside = count == 0 and time <= d.glob[HORIZON]
    if inside and d.glob[HORIZON] - row[_WORK] < row[_SLACK]:
        row[_SLACK] = d.glob[HORIZON] - row[_WORK]
    for number in range(first, first + count):
        if time <= d.windows[number, 1]:
            row[_SLACK] = min(row[_SLACK], d.windows[number, 1] - row[_WORK])
            if time < d.windows[number, 0]:
                time = d.windows[number, 0]
            inside = True
            break
    if not inside:
        over = time - (d.windows[first + count - 1, 1] if count else d.glob[HORIZON])
        if d.node[node, RATE] >= 0:
            row[_LATE] += d.node[node, RATE] * over
        elif relaxed:
            row[_BROKEN] += over
        else:
            return False
        row[_SLACK] = min(row[_SLACK], time - row[_WORK])
    row[_TIME] = time + service
    row[_WORK] += service
    return True


@inlined
def _keep(row: Ints, kept: Ints, count: int, most: int) -> int:
    """Add a label unless another one beats or equals it in everything (with as many breaks placed); up to `most`."""
    number = 0
    while number < count:
        other = kept[number]
        if other[_PLACED] == row[_PLACED]:
            if (
                other[_TIME] <= row[_TIME]
                and other[_SLACK] >= row[_SLACK]
                and other[_LATE] <= row[_LATE]
                and other[_WORK] <= row[_WORK]
                and other[_BROKEN] <= row[_BROKEN]
                and other[_BEGAN] >= row[_BEGAN]
            ):
                return count
            if (
                row[_TIME] <= other[_TIME]
                and row[_SLACK] >= other[_SLACK]
                and row[_LATE] <= other[_LATE]
                and row[_WORK] <= other[_WORK]
                and row[_BROKEN] <= other[_BROKEN]
                and row[_BEGAN] >= other[_BEGAN]
            ):
                count -= 1
                _copy(kept[number], kept[count])
                continue
        number += 1
    if count < most:
        _copy(kept[count], row)
        count += 1
    return count


@inlined
def _drive(
    d: Data,
    label: Ints,
    first_break: int,
    breaks: int,
    leg_at: int,
    leg_s: int,
    opens: int,
    service: int,
    relaxed: bool,
    reached: Ints,
    count: int,
) -> int:
    """A label over one leg, with none, one or more of the next breaks taken on it; returns how many were reached.

    A break that opens only after the next stop could be served altogether is not taken before it, unless that lets the
    tour leave later (`opens` and `service` are of that stop; a stop with several windows opens never, to be sure).
    A label whose next break can no longer begin in time is dropped (unless relaxed).
    """
    done = label[_PLACED]
    time, remaining = label[_TIME], leg_s
    if done == breaks or relaxed or time <= d.breaks[first_break + done, 1]:
        _copy(reached[count], label)
        reached[count, _TIME] = time + remaining
        reached[count, _WORK] += remaining
        reached[count, _TRAVEL] += leg_s
        count += 1
    # A break may always begin before the driving that could still follow it: what a later departure moves a break by is
    # the work before this leg and the breaks on it (`rested`), never the driving that happens to come first.
    rested, slack, broken = label[_WORK], label[_SLACK], label[_BROKEN]
    for number in range(done, breaks):
        earliest, latest, duration = (
            d.breaks[first_break + number, 0],
            d.breaks[first_break + number, 1],
            d.breaks[first_break + number, 2],
        )
        begin = max(time, earliest)
        if begin > latest:
            if not relaxed:
                break
            broken += begin - latest
            slack = min(slack, time - rested)
        else:
            idle = begin >= max(time + remaining, opens) + service and begin > time
            if idle and slack <= latest - rested - leg_s - service:
                break
            slack = min(slack, latest - rested)
        remaining -= min(remaining, begin - time)
        time = begin + duration
        rested += duration
        _copy(reached[count], label)
        for rest in range(done, number + 1):
            reached[count, _REST + rest] = leg_at
        reached[count, _TIME] = time + remaining
        reached[count, _WORK] = rested + leg_s
        reached[count, _SLACK] = slack
        reached[count, _BROKEN] = broken
        reached[count, _PLACED] = number + 1
        reached[count, _TRAVEL] += leg_s
        count += 1
    return count


@inlined
def timing_units(d: Data, van: int, out: Ints) -> int:
    """What a timed tour costs in units: hours, kilometres, overtime and lateness; without the fixed cost."""
    return (
        d.van[van, HOUR] * (out[OUT_END] - out[OUT_START])
        + d.van[van, KM] * out[OUT_METRES]
        + d.van[van, OVERTIME] * max(0, out[OUT_END] - d.van[van, SHIFT_LATE])
        + out[OUT_LATE]
    )
