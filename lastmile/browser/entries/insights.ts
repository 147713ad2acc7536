// Charts of the insights page, from the rows in the page; the tables below hold the same numbers.
import "../insights/insights.css";
import { barChart } from "../insights/charts";
import { locale, t } from "../ui/words";

interface Fraction { value: number | null }
interface Summary { first_attempt: Fraction; on_time: Fraction; cost_per_delivery_cents: Fraction; route_s: Fraction; gap_s: Fraction }
interface Insights { currency: string; days: { day: string; summary: Summary }[]; drivers: { name: string; summary: Summary }[] }

const holder = document.getElementById("insights");
const charts: (() => void)[] = [];

const dayMonth = (day: string): string => new Date(`${day}T12:00:00Z`).toLocaleDateString(locale(), { day: "numeric", month: "numeric", timeZone: "UTC" });

function value(fraction: Fraction, scale: number): number | null {
  return fraction.value === null ? null : fraction.value * scale;
}

if (holder?.textContent) {
  const insights = JSON.parse(holder.textContent) as Insights;
  const days = insights.days.map((row) => dayMonth(row.day));
  const box = (name: string) => document.querySelector<HTMLElement>(`[data-chart="${name}"]`);
  const rates = box("rates"), cost = box("cost"), routes = box("routes");
  if (rates) {
    charts.push(() => barChart(rates, days, [
      { label: t("First attempt"), tone: "--accent", values: insights.days.map((row) => value(row.summary.first_attempt, 100)) },
      { label: t("On time"), tone: "--info", values: insights.days.map((row) => value(row.summary.on_time, 100)) },
    ], { unit: "%", most: 100 }));
  }
  if (cost) {
    charts.push(() => barChart(cost, days, [
      { label: t("Cost per delivery"), tone: "--violet", values: insights.days.map((row) => value(row.summary.cost_per_delivery_cents, 0.01)) },
    ], { unit: insights.currency }));
  }
  if (routes) {
    const drivers = insights.drivers.filter((row) => row.summary.route_s.value !== null);
    charts.push(() => barChart(routes, drivers.map((row) => row.name), [
      { label: t("Planned"), tone: "--ink-3", values: drivers.map((row) => ((row.summary.route_s.value ?? 0) - (row.summary.gap_s.value ?? 0)) / 3600) },
      { label: t("Driven"), tone: "--accent", values: drivers.map((row) => value(row.summary.route_s, 1 / 3600)) },
    ], { unit: t("h") }));
  }
}

const draw = () => charts.forEach((chart) => chart());
draw();
addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
