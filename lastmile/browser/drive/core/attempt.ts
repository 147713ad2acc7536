// What a driver fills in at the door, what it still lacks, and the report it becomes. Pure.
import type { Proof, ReportData, Stop, StopOrder } from "./rows";

export const SUCCESS = [
  "delivered_to_recipient", "delivered_to_third_party", "delivered_to_mailbox", "delivered_to_safe_place",
  "delivered_to_pickup_point", "delivered_other",
] as const;
export const FAILURE = [
  "failed_not_home", "failed_cant_find_address", "failed_access_denied", "failed_refused", "failed_no_parking",
  "failed_no_time", "failed_package_not_available", "failed_damaged", "failed_wrong_item",
  "failed_missing_required_proof", "failed_payment_not_received", "failed_age_check", "failed_unsafe", "failed_other",
] as const;

export interface Draft {
  stop: string;
  kind: "deliver" | "fail";
  outcome: string;
  /** Orders whose outcome is not the stop's. */
  orders: Record<string, string>;
  note: string;
  name: string;
  pin: string;
  photos: string[];
  signature: string | null;
}

export function emptyDraft(stop: Stop, kind: Draft["kind"]): Draft {
  return { stop: stop.id, kind, outcome: "", orders: {}, note: "", name: "", pin: "", photos: [], signature: null };
}

export function outcomeOf(draft: Draft, order: StopOrder): string {
  return draft.orders[order.id] ?? draft.outcome;
}

/** The proofs that the orders which succeed ask for. */
export function needed(stop: Stop, draft: Draft): Set<Exclude<Proof, "none">> {
  const wanted = new Set<Exclude<Proof, "none">>();
  for (const order of stop.orders) {
    const code = outcomeOf(draft, order);
    if ((code === "" ? draft.kind === "deliver" : code.startsWith("delivered")) && order.proof_required !== "none") {
      wanted.add(order.proof_required);
    }
  }
  return wanted;
}

export type Lack = "outcome" | "photo" | "signature" | "pin" | "note" | "name";

/** What has to be added before it can be sent, in the order of the form. */
export function lacks(stop: Stop, draft: Draft): Lack[] {
  const found: Lack[] = [];
  if (!draft.outcome) found.push("outcome");
  const wanted = needed(stop, draft);
  if (wanted.has("photo") && draft.photos.length === 0) found.push("photo");
  if (wanted.has("signature") && !draft.signature) found.push("signature");
  if (wanted.has("pin") && !/^[0-9]{1,6}$/.test(draft.pin)) found.push("pin");
  const codes = [draft.outcome, ...Object.values(draft.orders)];
  if (codes.includes("delivered_to_third_party") && !draft.name.trim()) found.push("name");
  if ((codes.includes("failed_other") || codes.includes("delivered_other")) && !draft.note.trim()) found.push("note");
  return found;
}

export function reportData(stop: Stop, draft: Draft): ReportData {
  const uploads = [...draft.photos, ...(draft.signature ? [draft.signature] : [])];
  const own = stop.orders.filter((order) => outcomeOf(draft, order) !== draft.outcome);
  return {
    outcome: draft.outcome,
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
    ...(draft.name.trim() ? { name: draft.name.trim() } : {}),
    ...(draft.pin && needed(stop, draft).has("pin") ? { pin: draft.pin } : {}),
    ...(uploads.length ? { uploads } : {}),
    ...(own.length ? { orders: own.map((order) => ({ order: order.id, outcome: outcomeOf(draft, order) })) } : {}),
  };
}

/** The form again, from a report that was refused. */
export function draftOf(stop: string, data: ReportData, kinds: ReadonlyMap<string, string>): Draft {
  const uploads = data.uploads ?? [];
  return {
    stop,
    kind: (data.outcome ?? "").startsWith("failed") ? "fail" : "deliver",
    outcome: data.outcome ?? "",
    orders: Object.fromEntries((data.orders ?? []).map((one) => [one.order, one.outcome])),
    note: data.note ?? "", name: data.name ?? "", pin: "",
    photos: uploads.filter((id) => kinds.get(id) === "photo"),
    signature: uploads.find((id) => kinds.get(id) === "signature") ?? null,
  };
}
