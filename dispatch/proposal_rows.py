"""What proposals look like: rows for the API and the board."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from dispatch import difference
from dispatch.actions import proposals as acting
from dispatch.models import Proposal


class NeedRow(TypedDict):
    """What must be real first: open_shift, lengthen, call_off can be done by `:arrange`, buy cannot."""

    kind: str
    message: str


class ProposalRow(TypedDict):
    """A proposal in a list."""

    id: str
    plan: str
    kind: str
    title: str
    status: str
    made_by: str
    made_at: str
    decided_at: str | None
    decided_by: str
    settings: dict[str, Any]
    needs: list[NeedRow]
    stale: bool
    before: difference.FiguresRow
    after: difference.FiguresRow
    churn: float
    version: int


class LineRow(TypedDict):
    """A proposed route on the map."""

    shift: str
    label: str
    geometry: str
    stops: list[str]


class ProposalFullRow(ProposalRow):
    """With every change, and the proposed routes as lines. `accepted` are the groups taken already."""

    accepted: list[str]
    difference: difference.DifferenceRow
    lines: list[LineRow]


def rows(proposals: Iterable[Proposal]) -> list[ProposalRow]:
    """Rows of proposals, loaded with their plan."""
    return [_row(one, difference.difference(one.before, one.after)) for one in proposals]


def full_row(proposal: Proposal) -> ProposalFullRow:
    """One proposal with all that it changes."""
    changes = difference.difference(proposal.before, proposal.after)
    return {
        **_row(proposal, changes),
        "accepted": proposal.accepted,
        "difference": changes,
        "lines": [
            {
                "shift": route["shift"],
                "label": route["label"],
                "geometry": route["geometry"],
                "stops": [stop["id"] for stop in route["stops"]],
            }
            for route in proposal.after["routes"]
        ],
    }


def _row(proposal: Proposal, changes: difference.DifferenceRow) -> ProposalRow:
    open_still = proposal.decided_at is None
    return {
        "id": str(proposal.id),
        "plan": str(proposal.plan_id),
        "kind": proposal.kind,
        "title": proposal.title,
        "status": proposal.status,
        "made_by": proposal.made_by,
        "made_at": proposal.made_at.isoformat(),
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
        "decided_by": proposal.decided_by,
        "settings": proposal.settings,
        "needs": [{"kind": need["kind"], "message": need["message"]} for need in proposal.needs],
        "stale": proposal.status == "stale" or (open_still and bool(acting.drifted(proposal))),
        "before": changes["totals"]["before"],
        "after": changes["totals"]["after"],
        "churn": changes["totals"]["churn"],
        "version": proposal.version,
    }
