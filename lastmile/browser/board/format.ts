// Numbers and instants in words: in the organization's time zone, currency and units, and as the reader's language writes them.
import { locale, numberLocale, t } from "../ui/words";
import type { Organization, Span } from "./rows";

export interface Format {
  time(at: string | null | undefined): string;
  span(span: Span | null | undefined): string;
  day(day: string): string;
  dayLong(day: string): string;
  /** Day and month, without the day of the week. */
  date(day: string): string;
  moment(at: string): string;
  distance(metres: number): string;
  /** The same in its two parts, for big numbers with a small unit. */
  length(metres: number): { value: string; unit: string };
  money(cents: number): string;
  /** The organization's day of an instant, YYYY-MM-DD. */
  dayOf(at: Date): string;
}

const KM_PER_MILE = 1.609344;

const known = new Map<string, Intl.NumberFormat>();

/** A number with at most `most` digits after the point, and at least `least`. */
export function number(value: number, most = 0, least = 0): string {
  const key = `${numberLocale()} ${most} ${least}`;
  let format = known.get(key);
  if (!format) known.set(key, (format = new Intl.NumberFormat(numberLocale(), { maximumFractionDigits: most, minimumFractionDigits: least })));
  return format.format(value);
}

/** A share of one, in whole percent. */
export function percent(share: number): string {
  return new Intl.NumberFormat(numberLocale(), { style: "percent" }).format(Math.round(share * 100) / 100);
}

/** "A, B and C". */
export function list(words: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(words);
}

/** A word that stands alone, as it is written inside a sentence: German keeps its capitals. */
export function inside(word: string): string {
  return locale().startsWith("de") ? word : word.charAt(0).toLocaleLowerCase(locale()) + word.slice(1);
}

/** "3rd": the place in an order. */
export function nth(place: number): string {
  const value = { n: place };
  switch (new Intl.PluralRules(locale(), { type: "ordinal" }).select(place)) {
    case "one": return t("{n}st", value);
    case "two": return t("{n}nd", value);
    case "few": return t("{n}rd", value);
    default: return t("{n}th", value);
  }
}

/** Made when it is first needed: a formatter costs milliseconds, and a board that opens needs three of eight. */
function later<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

export function formatFor(organization: Organization): Format {
  const timeZone = organization.timezone;
  const twelve = organization.clock === "12h";
  const hands = twelve
    ? ({ hour: "numeric", minute: "2-digit", hourCycle: "h12" } as const)
    : ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const);
  const clock = later(() => new Intl.DateTimeFormat(locale(), { ...hands, timeZone }));
  const moment = later(() => new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", ...hands, timeZone }));
  const iso = later(() => new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone }));
  const dayShort = later(() => new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }));
  const dayMonth = later(() => new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", timeZone: "UTC" }));
  const dayLong = later(() => new Intl.DateTimeFormat(locale(), { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }));
  const money = later(() => new Intl.NumberFormat(numberLocale(), { style: "currency", currency: organization.currency, maximumFractionDigits: 0 }));
  const coins = later(() => new Intl.NumberFormat(numberLocale(), { style: "currency", currency: organization.currency }));
  const miles = (organization.distance_unit ?? organization.units) === "mi";
  const time = (at: string | null | undefined): string => (at ? clock().format(new Date(at)) : "–");
  const length = (metres: number): { value: string; unit: string } => {
    const far = metres / 1000 / (miles ? KM_PER_MILE : 1);
    const digits = Math.abs(far) < 10 ? 1 : 0;
    return { value: number(far, digits, digits), unit: miles ? "mi" : "km" };
  };
  return {
    time,
    span: (span) => (span ? `${time(span.start)}–${time(span.end)}` : t("any time")),
    day: (day) => dayShort().format(new Date(`${day}T12:00:00Z`)),
    dayLong: (day) => dayLong().format(new Date(`${day}T12:00:00Z`)),
    date: (day) => dayMonth().format(new Date(`${day}T12:00:00Z`)),
    moment: (at) => moment().format(new Date(at)),
    length,
    distance: (metres) => {
      const { value, unit } = length(metres);
      return `${value} ${unit}`;
    },
    money: (cents) => (Math.abs(cents) < 10_000 ? coins() : money()).format(cents / 100),
    dayOf: (at) => iso().format(at),
  };
}

/** 3 h 05, 45 min, 20 s. */
export function duration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  if (whole < 60) return t("{count} s", { count: whole });
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return t("{count} min", { count: minutes });
  return t("{hours} h {minutes}", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}

/** Hours with one digit: the big number of a plan. */
export function hours(seconds: number): string {
  return number(seconds / 3600, 1, 1);
}

export function signed(value: number, text: string): string {
  if (!/[1-9]/.test(text)) return text.replace("-", "");
  return value > 0 ? `+${text}` : `−${text.replace("-", "")}`;
}

/** Kilograms with a sensible number of digits. */
export function weight(grams: number): string {
  const kg = grams / 1000;
  return `${number(kg, kg < 10 ? 1 : 0)} kg`;
}

/** Litres, without digits after the point. */
export function litres(millilitres: number): string {
  return `${number(millilitres / 1000)} l`;
}

export function shiftDay(day: string, by: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
}
