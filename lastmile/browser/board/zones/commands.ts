// What can be done with zones by a key or from the palette.
import { register } from "../commands";
import { tool } from "../parts/Lasso";
import { enter } from "../steering";
import { zones } from "../store";
import { toast } from "../../ui/toasts";
import { t } from "../../ui/words";
import { type Draft, draft, drawFor, listing, show, shown } from "./state";

export function toggle(): void {
  show(!shown.peek());
}

/** The next drag on the map draws the outline of this zone, or of a new one. */
export function draw(zone: Draft | null = null): void {
  drawFor(zone);
  listing.value = false;
  draft.value = null;
  enter("map");
  tool.value = "zone";
  toast(t("Press on the map and draw a line around the area. Esc ends it."), "info");
}

export function registerZones(mayFleet: boolean): void {
  register({ id: "map.zones", title: t("Show or hide zones on the map"), keys: "z", icon: "layers", when: () => zones.all().length > 0, run: toggle });
  if (!mayFleet) return;
  register({ id: "map.zone-draw", title: t("Draw a zone"), icon: "edit", run: () => draw() });
  register({ id: "map.zone-list", title: t("Zones"), icon: "layers", run: () => (listing.value = true) });
}
