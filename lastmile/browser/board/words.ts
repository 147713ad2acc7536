// What states, codes and kinds are called on the screen.
import { t } from "../ui/words";

/** Words are asked for when they are drawn: the catalog is there by then. */
type Words = Record<string, () => string>;

const STATES: Words = {
  received: () => t("Received"), needs_attention: () => t("Needs attention"), ready: () => t("Ready"), scheduled: () => t("Scheduled"),
  out_for_delivery: () => t("Out for delivery"), delivered: () => t("Delivered"), partly_delivered: () => t("Partly delivered"),
  attempt_failed: () => t("Attempt failed"), returning: () => t("Returning"), returned: () => t("Returned"), cancelled: () => t("Cancelled"),
  unassigned: () => t("Unassigned"), planned: () => t("Planned"), allocated: () => t("Sent to driver"), next: () => t("Next"),
  arrived: () => t("At the stop"), attempted: () => t("Attempted"), departed: () => t("Done"), skipped: () => t("Skipped"),
  draft: () => t("Draft"), optimizing: () => t("Optimising"), optimized: () => t("Optimised"), distributed: () => t("Distributed"),
  started: () => t("On the road"), completed: () => t("Completed"), editing: () => t("Not planned yet"), preview: () => t("Preview"),
  off_duty: () => t("Off duty"), on_duty: () => t("On duty"), idle: () => t("Idle"), active: () => t("Active"), on_break: () => t("On a break"),
  queued: () => t("Queued"), running: () => t("Running"), succeeded: () => t("Succeeded"), failed: () => t("Failed"), late: () => t("Late"),
};

const OUTCOMES: Words = {
  delivered_to_recipient: () => t("Handed to the recipient"), delivered_to_third_party: () => t("Handed to somebody else"),
  delivered_to_mailbox: () => t("In the mailbox"), delivered_to_safe_place: () => t("Left in a safe place"),
  delivered_to_pickup_point: () => t("At a pickup point"), delivered_other: () => t("Delivered otherwise"),
  failed_not_home: () => t("Nobody home"), failed_cant_find_address: () => t("Address not found"), failed_no_parking: () => t("No parking"),
  failed_no_time: () => t("No time"), failed_package_not_available: () => t("Package not on board"),
  failed_missing_required_proof: () => t("Required proof missing"), failed_payment_not_received: () => t("Payment not received"),
  failed_refused: () => t("Refused"), failed_damaged: () => t("Damaged"), failed_wrong_item: () => t("Wrong item"),
  failed_access_denied: () => t("No access"), failed_unsafe: () => t("Unsafe"), failed_age_check: () => t("Age check failed"),
  failed_other: () => t("Failed otherwise"), mixed: () => t("Partly delivered"),
};

const PROOFS: Words = { photo: () => t("Photo"), signature: () => t("Signature"), pin: () => t("PIN") };

const PHASES: Words = {
  travel_times: () => t("Working out travel times"),
  solving: () => t("Looking for better routes"),
  drawing: () => t("Drawing the routes"),
};

function plain(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function stateWord(state: string): string {
  return STATES[state]?.() ?? plain(state);
}
export function outcomeWord(code: string): string {
  return OUTCOMES[code]?.() ?? plain(code);
}
export function proofWord(kind: string): string {
  return PROOFS[kind]?.() ?? plain(kind);
}
export function phaseWord(phase: string | undefined): string {
  return phase ? (PHASES[phase]?.() ?? plain(phase)) : t("Waiting for a worker");
}
export function failed(outcome: string | null): boolean {
  return outcome !== null && outcome.startsWith("failed");
}
