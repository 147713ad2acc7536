// What previews are called in words.
import { drivers, shifts, shownRoutes, vehicles } from "../store";
import { t } from "../../ui/words";

const TERMS: Record<string, () => string> = {
  fixed: () => t("Vans used"), hours: () => t("Working time"), km: () => t("Kilometres"), overtime: () => t("Overtime"), late: () => t("Lateness"),
  unfamiliar: () => t("Unknown places"), zones: () => t("Outside zones"), changes: () => t("Changes of driver"), balance: () => t("Uneven routes"),
  left_out: () => t("Stops left out"),
};
export const termWord = (name: string): string => TERMS[name]?.() ?? name;

export const OBJECTIVES: [string, () => string][] = [
  ["", () => t("As the organization plans")],
  ["cheapest", () => t("Cheapest")],
  ["on_time", () => t("On time before cheap")],
  ["fewest_vans", () => t("Fewest vans")],
  ["balanced", () => t("Even routes")],
];

export const BUDGETS: [number, () => string][] = [
  [5, () => t("Quick look, 5 s")],
  [10, () => t("Normal, 10 s")],
  [30, () => t("Thorough, 30 s")],
  [120, () => t("Very thorough, 2 min")],
];

const IMAGINED = "#7c3aed";

export interface Who {
  name: string;
  color: string;
}

/** The driver of a shift with the colour of the route; `label` serves where there is no such shift. */
export function who(shift: string, label = t("another van")): Who {
  const route = shownRoutes.value.find((row) => row.shift === shift);
  if (route) return { name: route.driver.name, color: route.color };
  const row = shifts.value.find((one) => one.id === shift);
  const driver = row && drivers.get(row.driver);
  return driver ? { name: driver.name, color: driver.color } : { name: label, color: IMAGINED };
}

/** A shift as a choice: driver and van. */
export function shiftName(id: string): string {
  const row = shifts.value.find((one) => one.id === id);
  if (!row) return t("Shift");
  const van = vehicles.value.find((one) => one.id === row.vehicle)?.name;
  return `${drivers.get(row.driver)?.name ?? t("Driver")}${van ? `, ${van}` : ""}`;
}
