// What others have selected, on the map: a ring around a stop, a band along a route, and the name beside it.
import { effect } from "@preact/signals";
import type { BoardMap, MapMark } from "../../map/map";
import { onTheme, token } from "../../ui/theme";
import { lineOf } from "../picture";
import { others } from "../presence";
import { routes, stops } from "../store";
import { tokenOf } from "./colors";

export function drawPeople(map: BoardMap): () => void {
  let drawn = 0;
  const draw = (): void => {
    const marks: MapMark[] = [];
    for (const person of others.value) {
      const color = token(tokenOf(person.color));
      for (const id of person.selected) {
        const place = stops.get(id)?.place;
        const route = routes.get(id);
        // A route is named at its stop, where one is selected with it.
        const alone = !person.selected.some((one) => stops.get(one)?.route === id);
        if (place && place.lat !== null && place.lon !== null) marks.push({ name: person.name, color, point: [place.lon, place.lat], path: [] });
        else if (route) marks.push({ name: alone ? person.name : "", color, point: null, path: lineOf(route) });
      }
    }
    if (marks.length || drawn) map.setMarks(marks);
    drawn = marks.length;
  };
  const stop = effect(() => {
    void stops.changed.value;
    void routes.changed.value;
    draw();
  });
  const stopTheme = onTheme(draw);
  return () => {
    stop();
    stopTheme();
  };
}
