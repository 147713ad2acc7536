// The others on this board, as initials in the head; press one to go where they look.
import type { JSX } from "preact";
import { others, type Person } from "../presence";
import { showRoute, showStop } from "../state";
import { routes, stops } from "../store";
import { street } from "../parts/Stop";
import { variable } from "./colors";
import "./people.css";
import { t } from "../../ui/words";

const SHOWN = 4;

/** Who somebody is and what they have selected, in words; `there` says whether this board shows it. */
function looksAt(person: Person): { words: string; there: boolean } {
  const { name } = person;
  void stops.changed.value;
  void routes.changed.value;
  const found = person.selected.map((id) => stops.get(id)).filter((stop) => stop !== undefined);
  const first = found[0];
  if (first) {
    const at = street(first.place.line)[0];
    const stop = first.sequence ? t("stop {number}, {street}", { number: first.sequence, street: at }) : at;
    const more = found.length - 1;
    return { words: more > 0 ? t("{name} looks at {stop} and {more} more", { name, stop, more }) : t("{name} looks at {stop}", { name, stop }), there: true };
  }
  const route = person.selected.map((id) => routes.get(id)).find((row) => row !== undefined);
  if (!route) return { words: t("{name} is on this board", { name }), there: false };
  return { words: t("{name} looks at the route of {driver}", { name, driver: route.driver.name }), there: true };
}

function go(person: Person): void {
  const stop = person.selected.find((id) => stops.get(id));
  const route = person.selected.find((id) => routes.get(id));
  if (stop) showStop(stop);
  else if (route) showRoute(route);
}

export function People(): JSX.Element | null {
  const people = others.value;
  if (people.length === 0) return null;
  const more = people.slice(SHOWN);
  return (
    <ul class="people" aria-label={t("Also on this board")}>
      {people.slice(0, SHOWN).map((person) => {
        const { words, there } = looksAt(person);
        return (
          <li key={person.member}>
            <button class="person" data-member={person.member} style={{ "--who": variable(person.color) }} title={words} aria-label={words} aria-disabled={!there} onClick={() => go(person)}>
              {person.initials}
            </button>
          </li>
        );
      })}
      {more.length > 0 && (
        <li class="person person-more" title={more.map((person) => person.name).join(", ")}>
          <span aria-hidden="true">+{more.length}</span>
          <span class="only-heard">{more.map((person) => person.name).join(", ")}</span>
        </li>
      )}
    </ul>
  );
}
