// What states, codes and kinds are called on the screen.

const STATES: Record<string, string> = {
  received: "Received", needs_attention: "Needs attention", ready: "Ready", scheduled: "Scheduled",
  out_for_delivery: "Out for delivery", delivered: "Delivered", partly_delivered: "Partly delivered",
  attempt_failed: "Attempt failed", returning: "Returning", returned: "Returned", cancelled: "Cancelled",
  unassigned: "Unassigned", planned: "Planned", allocated: "Sent to driver", next: "Next", arrived: "At the stop",
  attempted: "Attempted", departed: "Done", skipped: "Skipped",
  draft: "Draft", optimizing: "Optimising", optimized: "Optimised", distributed: "Distributed", started: "On the road",
  completed: "Completed", editing: "Not planned yet", preview: "Preview",
  off_duty: "Off duty", on_duty: "On duty", idle: "Idle", active: "Active", on_break: "On a break",
  queued: "Queued", running: "Running", succeeded: "Succeeded", failed: "Failed", late: "Late",
};

const OUTCOMES: Record<string, string> = {
  delivered_to_recipient: "Handed to the recipient", delivered_to_third_party: "Handed to somebody else",
  delivered_to_mailbox: "In the mailbox", delivered_to_safe_place: "Left in a safe place",
  delivered_to_pickup_point: "At a pickup point", delivered_other: "Delivered otherwise",
  failed_not_home: "Nobody home", failed_cant_find_address: "Address not found", failed_no_parking: "No parking",
  failed_no_time: "No time", failed_package_not_available: "Package not on board",
  failed_missing_required_proof: "Required proof missing", failed_payment_not_received: "Payment not received",
  failed_refused: "Refused", failed_damaged: "Damaged", failed_wrong_item: "Wrong item",
  failed_access_denied: "No access", failed_unsafe: "Unsafe", failed_age_check: "Age check failed",
  failed_other: "Failed otherwise", mixed: "Partly delivered",
};

const PROOFS: Record<string, string> = { photo: "Photo", signature: "Signature", pin: "PIN" };

const PHASES: Record<string, string> = {
  travel_times: "Working out travel times",
  solving: "Looking for better routes",
  drawing: "Drawing the routes",
};

function plain(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function stateWord(state: string): string {
  return STATES[state] ?? plain(state);
}
export function outcomeWord(code: string): string {
  return OUTCOMES[code] ?? plain(code);
}
export function proofWord(kind: string): string {
  return PROOFS[kind] ?? plain(kind);
}
export function phaseWord(phase: string | undefined): string {
  return phase ? (PHASES[phase] ?? plain(phase)) : "Waiting for a worker";
}
export function failed(outcome: string | null): boolean {
  return outcome !== null && outcome.startsWith("failed");
}
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
