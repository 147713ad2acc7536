// What the doors under /api/v1/driver/ say and hear: instants RFC 3339, metres, seconds, grams, millilitres.

export interface Span { start: string; end: string }
export interface Named { id: string; name: string }
export type Proof = "none" | "photo" | "signature" | "pin";
export type Duty = "off_duty" | "on_duty" | "on_break";

export interface StopOrder {
  id: string; reference: string; recipient: string; phone: string; status: string; priority: string;
  proof_required: Proof; instructions: string;
  /** What the recipient says of the visit; a day kept on the phone from before has none. */
  recipient_answer?: "" | "confirmed" | "declined";
}
export interface Stop {
  id: string; route: string | null; sequence: number | null; status: string;
  place: { line: string; lat: number | null; lon: number | null };
  orders: StopOrder[];
  window: Span | null; promised?: Span | null; service_s: number;
  planned_arrival_at: string | null; eta_at: string | null; arrived_at: string | null; departed_at: string | null;
  late_s: number; load: { weight_g: number; volume_ml: number; pieces: number; pallets: number };
  priority: string; outcome: string | null; version: number;
}
export interface Route {
  id: string; driver: Named; vehicle: Named; depot: string; status: string; color: string;
  starts_at: string | null; ends_at: string | null; started_at: string | null; completed_at: string | null;
  distance_m: number; duration_s: number; stops_total: number; stops_done: number;
  rest?: Span | null; geometry: string; version: number;
}
export interface MapRow {
  style_url: string | null; pmtiles_url: string | null; bbox: [number, number, number, number] | null;
  center: [number, number] | null; attribution: string;
}
export interface Depot { id: string; name: string; line: string; lat: number; lon: number }
export interface Shift { id: string; day: string; starts_at: string; ends_at: string }
export interface Day {
  at: string; day: string; driver: { id: string; name: string; duty: Duty }; shift: Shift | null; route: Route | null;
  stops: Stop[]; depot: Depot | null; map: MapRow;
  organization: { id: string; name: string; phone: string; timezone: string; distance_unit: string };
}

export type ReportType =
  | "duty_on" | "duty_off" | "route_started" | "arrived" | "attempted" | "departed" | "skipped" | "route_completed"
  | "break_started" | "break_ended";

export interface ReportData {
  outcome?: string; note?: string; name?: string; pin?: string; uploads?: string[];
  orders?: { order: string; outcome: string }[]; route?: string;
}
export interface Report {
  id: string; type: ReportType; stop?: string; device_at: string; sequence: number;
  lat?: number; lon?: number; data: ReportData;
}
export interface Result { id: string; status: string; code: string; message: string }

/** One fix of the phone's receiver. */
export interface Fix {
  fix_at: string; lat: number; lon: number; accuracy_m: number | null; speed_mps: number | null; heading: number | null;
}
export interface Session {
  token: string; driver: Named; organization: Named; email: string;
}
