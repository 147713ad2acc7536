// What the page's JSON says, and the words for times. Knows no page.

export interface Span {
  start: string;
  end: string;
}
export interface SeenDriver {
  first_name: string;
  vehicle: string;
  lat: number | null;
  lon: number | null;
  heading: number | null;
  fix_at: string | null;
}
export interface State {
  status: string;
  headline: string;
  window: Span | null;
  eta: Span | null;
  stops_before: number | null;
  driver: SeenDriver | null;
  destination: { lat: number; lon: number } | null;
  delivered: { at: string; outcome: string } | null;
  answer: { said: string; open: boolean };
  organization: { name: string; phone: string };
  at: string;
}

export function clockWords(span: Span, timeZone: string): string {
  const words = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
  return `${words.format(new Date(span.start))} – ${words.format(new Date(span.end))}`;
}

/** `just now`, `40 seconds ago`, `3 minutes ago`. */
export function ageWords(seconds: number): string {
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} seconds ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "1 minute ago" : `${minutes} minutes ago`;
  return "over an hour ago";
}

/** Whether the server's picture is another one than the page's: then the page is loaded anew, words and all. */
export function changed(before: State, after: State): boolean {
  return before.status !== after.status || before.headline !== after.headline
    || before.stops_before !== after.stops_before || before.answer.said !== after.answer.said
    || before.answer.open !== after.answer.open || !before.driver !== !after.driver || !before.eta !== !after.eta;
}
