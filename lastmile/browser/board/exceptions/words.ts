// What an exception is called, and its sentence.
import type { Format } from "../format";
import { duration } from "../format";
import type { ExceptionRow } from "../rows";
import { outcomeWord } from "../words";
import { street } from "../parts/Stop";
import { n, t } from "../../ui/words";

interface Kind {
  word: () => string;
  icon: string;
  tone: "bad" | "warn" | "violet" | "info";
}

const KINDS: Record<string, Kind> = {
  report_conflict: { word: () => t("Conflict"), icon: "note", tone: "violet" },
  late: { word: () => t("Late"), icon: "clock", tone: "bad" },
  predicted_late: { word: () => t("Will be late"), icon: "clock", tone: "warn" },
  stuck: { word: () => t("Stuck"), icon: "stop", tone: "bad" },
  unconfirmed: { word: () => t("Not confirmed"), icon: "person", tone: "warn" },
  failed: { word: () => t("Failed"), icon: "close", tone: "bad" },
  unassigned: { word: () => t("Unassigned"), icon: "pin", tone: "warn" },
  stale_position: { word: () => t("No position"), icon: "signal", tone: "info" },
  off_route: { word: () => t("Off route"), icon: "route", tone: "info" },
};

export const kindOf = (kind: string): { word: string; icon: string; tone: string } => {
  const known = KINDS[kind];
  return known ? { ...known, word: known.word() } : { word: kind.replaceAll("_", " "), icon: "warn", tone: "info" };
};

/** What an exception's chip says: a no is more than a missing yes. */
export function chipOf(row: ExceptionRow): { word: string; icon: string; tone: string } {
  const kind = kindOf(row.kind);
  return row.kind === "unconfirmed" && row.numbers.code === "declined" ? { ...kind, word: t("Cannot be there"), tone: "bad" } : kind;
}

/** Whom or what it is about, shortest first. */
export function title(row: ExceptionRow): string {
  if (row.subject === "route" || row.subject === "driver") return row.driver?.name ?? t("Route");
  return row.recipient || row.reference || street(row.place)[0] || t("Stop");
}

export function where(row: ExceptionRow): string {
  const parts = row.subject === "route" || row.subject === "driver" ? [] : [street(row.place)[0], row.driver?.name ?? ""];
  return parts.filter(Boolean).join(" · ");
}

export function says(row: ExceptionRow, format: Format): string {
  const figures = row.numbers;
  const late = duration(figures.late_s ?? 0);
  const [due, expected] = [format.time(figures.due_at), format.time(figures.reach_at)];
  switch (row.kind) {
    case "late":
      if (figures.stops) {
        return withCause(row, n("{count} stop of this route is past its promise, by {late}.", "{count} stops of this route are past their promise, the worst by {late}.", figures.stops, { late }));
      }
      return withCause(row, t("Promised until {due}, not reached yet: {late} late, expected {expected}.", { due, late, expected }));
    case "predicted_late":
      if (figures.stops) {
        return withCause(row, n("{count} stop of this route will be late, by {late}.", "{count} stops of this route will be late, the worst by {late}.", figures.stops, { late }));
      }
      return withCause(row, t("Expected {expected}, promised until {due}: {late} late.", { due, late, expected }));
    case "stuck":
      return t("The van has not moved for {time} and is at no stop.", { time: duration(figures.stood_s ?? 0) });
    case "off_route":
      return t("The van is {distance} away from its planned way.", { distance: format.distance(figures.off_m ?? 0) });
    case "stale_position":
      return t("Nothing has been heard of this phone for {time}.", { time: duration(figures.silent_s ?? 0) });
    case "unconfirmed":
      return figures.code === "declined"
        ? t("Says they cannot be there; expected {expected}.", { expected })
        : t("Has not said whether they will be there; expected {expected}.", { expected });
    case "failed":
      return figures.code ? t("{outcome}. Decide what comes next.", { outcome: outcomeWord(figures.code) }) : t("The attempt failed. Decide what comes next.");
    case "unassigned":
      return figures.code === "came_late" ? t("Came in after the routes were sent; no van has it.") : t("On no route although the routes have been sent.");
    case "report_conflict":
      return t("The phone was out of reach and reports something that the plan says otherwise.");
    default:
      return "";
  }
}

/** Why a van is late before it has left, as a sentence behind the other. */
function withCause(row: ExceptionRow, sentence: string): string {
  const gone = row.numbers.not_left_s ?? 0;
  return gone >= 60 ? `${sentence} ${t("The van should have left {time} ago.", { time: duration(gone) })}` : sentence;
}

const EVENTS: Record<string, (actor: string) => string> = {
  opened: (actor) => t("noticed by {actor}", { actor }),
  acknowledged: (actor) => t("taken by {actor}", { actor }),
  taken_over: (actor) => t("taken over by {actor}", { actor }),
  worked_on: (actor) => t("looked after by {actor}", { actor }),
  resolved: (actor) => t("resolved by {actor}", { actor }),
  dismissed: (actor) => t("dismissed by {actor}", { actor }),
  proposed: (actor) => t("a fix was proposed by {actor}", { actor }),
};
/** What happened, and who did it. */
export const eventWords = (event: string, actor: string): string =>
  EVENTS[event]?.(actor) ?? t("{event} by {actor}", { event: event.replaceAll("_", " "), actor });
