"""Raw results of public instances as Markdown: costs, gaps, means, and how far ours is from the best peer."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

#: Instances with more stops than this are "large" in the tables.
LARGE = 600
PEER = "PyVRP"
Medians = dict[tuple[str, str], float | None]


def tables(raw: dict[str, Any], known: dict[str, int], ours: str) -> str:
    """All tables: one for each budget, then machine, versions and commands. Gaps in % of the best known cost."""
    parts = [
        _table(seconds, [one for one in raw["results"] if one["seconds"] == seconds], known, ours)
        for seconds in sorted({one["seconds"] for one in raw["results"]})
    ]
    return "\n".join([*parts, *_sessions(raw["sessions"])])


def _table(seconds: float, results: list[dict[str, Any]], known: dict[str, int], ours: str) -> str:
    solvers = sorted({one["solver"] for one in results}, key=lambda name: (name != ours, name != PEER, name))
    stops = {one["instance"]: one["stops"] for one in results}
    names = sorted(stops, key=lambda name: (stops[name], name))
    gaps = _median_gaps(results, _references(results, known))
    seeds = len({one["seed"] for one in results})
    lines = [
        f"### {seconds:g} s on one core, medians of {seeds} seeds, gap to best known in %",
        "",
        f"| instance | stops | best known | {' | '.join(solvers)} |",
        f"|---|---|---|{'---|' * len(solvers)}",
    ]
    for name in names:
        best = str(known[name]) if name in known else "best here"
        lines.append(f"| {name} | {stops[name]} | {best} | {' | '.join(_shown(gaps, s, name) for s in solvers)} |")
    groups: list[tuple[str, Callable[[str], bool]]] = [
        ("mean", lambda _name: True),
        (f"mean, up to {LARGE} stops", lambda name: stops[name] <= LARGE),
        (f"mean, over {LARGE} stops", lambda name: stops[name] > LARGE),
    ]
    for title, belongs in groups:
        some = [name for name in names if belongs(name)]
        if some:
            means = [_mean(gaps, solver, some) for solver in solvers]
            lines.append(f"| **{title}** | | {len(some)} instances | {' | '.join(means)} |")
    lines.append("")
    if ours in solvers and PEER in solvers:
        lines += [_compared(title, [n for n in names if belongs(n)], gaps, ours) for title, belongs in groups]
        lines.append(_worst(names, gaps, ours))
    lines += _notes(results, seconds)
    return "\n".join(line for line in lines if line is not None) + "\n"


def _references(results: list[dict[str, Any]], known: dict[str, int]) -> dict[str, int]:
    """Best known cost, or where there is none the best of these results."""
    best: dict[str, int] = {}
    for one in results:
        if one["cost"] is not None:
            best[one["instance"]] = min(one["cost"], best.get(one["instance"], one["cost"]))
    return {**best, **known}


def _median_gaps(results: list[dict[str, Any]], references: dict[str, int]) -> Medians:
    """Gap in % of the median cost over the seeds; None when one of the runs gave no good answer."""
    costs: dict[tuple[str, str], list[int | None]] = {}
    for one in results:
        costs.setdefault((one["solver"], one["instance"]), []).append(one["cost"])
    gaps: Medians = {}
    for (solver, name), found in costs.items():
        good = [cost for cost in found if cost is not None]
        whole = len(good) == len(found)
        gaps[solver, name] = 100 * (statistics.median(good) / references[name] - 1) if whole else None
    return gaps


def _shown(gaps: Medians, solver: str, name: str) -> str:
    if (solver, name) not in gaps:
        return ""
    gap = gaps[solver, name]
    return "none" if gap is None else f"{gap:.2f}"


def _mean(gaps: Medians, solver: str, names: list[str]) -> str:
    found = [gap for name in names if (gap := gaps.get((solver, name))) is not None]
    if not found:
        return "none"
    return f"**{statistics.fmean(found):.3f}**" + (f" (of {len(found)})" if len(found) < len(names) else "")


def _both(names: list[str], gaps: Medians, ours: str) -> list[tuple[str, float, float]]:
    pairs = [(name, gaps.get((ours, name)), gaps.get((PEER, name))) for name in names]
    return [(name, own, other) for name, own, other in pairs if own is not None and other is not None]


def _compared(title: str, names: list[str], gaps: Medians, ours: str) -> str:
    both = _both(names, gaps, ours)
    if not both:
        return f"* {title}: nothing to compare."
    own, other = statistics.fmean(one[1] for one in both), statistics.fmean(one[2] for one in both)
    ratio = f"{own / other:.2f} x {PEER}'s" if other > 0 else f"{PEER} is at {other:.3f}"
    return f"* {title} ({len(both)} instances): {own:.3f} against {other:.3f}, {ratio}."


def _worst(names: list[str], gaps: Medians, ours: str) -> str:
    both = _both(names, gaps, ours)
    if not both:
        return ""
    name, own, other = max(both, key=lambda one: one[1] - one[2])
    ahead = sum(own < other for _, own, other in both)
    behind = sum(own > other for _, own, other in both)
    return f"* Cheaper than {PEER} on {ahead}, dearer on {behind}; at worst {own - other:+.2f} points ({name})."


def _notes(results: list[dict[str, Any]], seconds: float) -> list[str]:
    """What a reader has to know of single runs: no good answer, too late, a busy machine."""
    bad = [one for one in results if one["cost"] is None]
    walls: dict[str, float] = {}
    for one in results:
        walls[one["solver"]] = max(walls.get(one["solver"], 0.0), one["wall"] or 0.0)
    loads = [one["load"] for one in results]
    engines = sorted({one["engine"] for one in results if one["engine"]})
    lines = ["* Longest wall time: " + ", ".join(f"{name} {wall:.2f} s" for name, wall in sorted(walls.items())) + "."]
    lines.append(
        f"* {len(results)} runs, {len(bad)} without a good answer; load before them {min(loads)} to {max(loads)}."
    )
    lines += [f"    * {one['solver']}, {one['instance']}, seed {one['seed']}: {_why(one)}" for one in bad]
    lines.append(f"* Engines named: {', '.join(engines)}.")
    judges = {one.get("judges", 1) for one in results if one["cost"] is not None}
    lines.append(f"* Judged by {'two independent checkers' if judges == {2} else 'one checker'}.")
    return lines


def _why(one: dict[str, Any]) -> str:
    return "; ".join([*one["faults"], one["said"].splitlines()[-1] if one["said"] else ""]).strip("; ")


def _sessions(sessions: list[dict[str, Any]]) -> list[str]:
    lines = []
    for one in sessions:
        versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        lines.append(f"* {one['at']}, commit {one['commit']}: `{one['command']}` on core {one['core']}")
        lines.append(f"    * {one['machine']}; {versions}")
    return lines
