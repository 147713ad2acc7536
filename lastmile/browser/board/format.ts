// Numbers and instants in words, in the organization's time zone, currency and units.
import type { Organization, Span } from "./rows";

export interface Format {
  time(at: string | null | undefined): string;
  span(span: Span | null | undefined): string;
  day(day: string): string;
  dayLong(day: string): string;
  moment(at: string): string;
  distance(metres: number): string;
  money(cents: number): string;
  /** The organization's day of an instant, YYYY-MM-DD. */
  dayOf(at: Date): string;
}

const KM_PER_MILE = 1.609344;

export function formatFor(organization: Organization): Format {
  const timeZone = organization.timezone;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
  const moment = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone });
  const iso = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone });
  const dayShort = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const dayLong = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  const money = new Intl.NumberFormat("en", { style: "currency", currency: organization.currency, maximumFractionDigits: 0 });
  const coins = new Intl.NumberFormat("en", { style: "currency", currency: organization.currency });
  const miles = (organization.distance_unit ?? organization.units) === "mi";
  const time = (at: string | null | undefined): string => (at ? clock.format(new Date(at)) : "–");
  return {
    time,
    span: (span) => (span ? `${time(span.start)}–${time(span.end)}` : "any time"),
    day: (day) => dayShort.format(new Date(`${day}T12:00:00Z`)),
    dayLong: (day) => dayLong.format(new Date(`${day}T12:00:00Z`)),
    moment: (at) => moment.format(new Date(at)),
    distance: (metres) => {
      const length = metres / 1000 / (miles ? KM_PER_MILE : 1);
      const digits = Math.abs(length) < 10 ? 1 : 0;
      return `${length.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${miles ? "mi" : "km"}`;
    },
    money: (cents) => (Math.abs(cents) < 10_000 ? coins : money).format(cents / 100),
    dayOf: (at) => iso.format(at),
  };
}

/** 3 h 05, 45 min, 20 s. */
export function duration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/** Hours with one digit: the big number of a plan. */
export function hours(seconds: number): string {
  return (seconds / 3600).toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

export function signed(value: number, text: string): string {
  if (!/[1-9]/.test(text)) return text.replace("-", "");
  return value > 0 ? `+${text}` : `−${text.replace("-", "")}`;
}

/** Kilograms with a sensible number of digits. */
export function weight(grams: number): string {
  const kg = grams / 1000;
  return `${kg.toLocaleString("en", { maximumFractionDigits: kg < 10 ? 1 : 0 })} kg`;
}

export function shiftDay(day: string, by: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
}
