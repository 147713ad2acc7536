"""What subjects and states are called in sentences: small letters, as after "This …". Pure."""

from __future__ import annotations

from core.words import mark, say

_WORDS = {
    "attempt": mark("attempt"), "depot": mark("depot"), "driver": mark("driver"), "exception": mark("exception"),
    "file": mark("file"), "import": mark("import"), "member": mark("member"), "message": mark("message"),
    "operation": mark("operation"), "order": mark("order"), "organization": mark("organization"), "page": mark("page"),
    "plan": mark("plan"), "proof": mark("proof"), "proposal": mark("proposal"), "report": mark("report"),
    "route": mark("route"), "rule": mark("rule"), "shift": mark("shift"), "stop": mark("stop"),
    "thread": mark("thread"), "vehicle": mark("vehicle"), "view": mark("view"), "zone": mark("zone"),
    "received": mark("received"), "needs_attention": mark("needs attention"), "ready": mark("ready"),
    "scheduled": mark("scheduled"), "out_for_delivery": mark("out for delivery"), "delivered": mark("delivered"),
    "partly_delivered": mark("partly delivered"), "attempt_failed": mark("attempt failed"),
    "returning": mark("returning"), "returned": mark("returned"), "cancelled": mark("cancelled"),
    "unassigned": mark("unassigned"), "planned": mark("planned"), "allocated": mark("sent to the driver"),
    "next": mark("next"), "arrived": mark("at the stop"), "attempted": mark("attempted"), "departed": mark("done"),
    "skipped": mark("skipped"), "draft": mark("draft"), "optimizing": mark("optimising"),
    "optimized": mark("optimised"), "distributed": mark("distributed"), "started": mark("on the road"),
    "completed": mark("completed"), "editing": mark("not planned yet"), "queued": mark("queued"),
    "running": mark("running"), "succeeded": mark("succeeded"), "failed": mark("failed"), "open": mark("open"),
    "acknowledged": mark("acknowledged"), "resolved": mark("resolved"), "dismissed": mark("dismissed"),
    "off_duty": mark("off duty"), "on_duty": mark("on duty"), "on_break": mark("on a break"),
    "active": mark("active"), "retired": mark("retired"),
    "idle": mark("idle"), "sent": mark("sent"), "read": mark("read"), "late": mark("late"),
    "off": mark("off"), "propose": mark("proposing"), "on": mark("on"), "accepted": mark("accepted"),
    "rejected": mark("rejected"), "stale": mark("overtaken"), "pending": mark("pending"),
    "photo": mark("photo"), "signature": mark("signature"), "pin": mark("PIN"),
    "not_home": mark("not home"), "cant_find_address": mark("address not found"),
    "no_parking": mark("no parking"), "no_time": mark("no time"),
    "package_not_available": mark("package not on board"), "missing_required_proof": mark("required proof missing"),
    "payment_not_received": mark("payment not received"), "refused": mark("refused"), "damaged": mark("damaged"),
    "wrong_item": mark("wrong item"), "access_denied": mark("no access"), "unsafe": mark("unsafe"),
    "age_check": mark("age check failed"), "other": mark("failed otherwise"),
    "delivered_to_recipient": mark("handed to the recipient"),
    "delivered_to_third_party": mark("handed to somebody else"), "delivered_to_mailbox": mark("in the mailbox"),
    "delivered_to_safe_place": mark("left in a safe place"),
    "delivered_to_pickup_point": mark("at a pickup point"), "delivered_other": mark("delivered otherwise"),
}  # fmt: skip


def word(code: str) -> str:
    """What a subject, a state or an outcome is called, in small letters: `out_for_delivery` → out for delivery."""
    known = _WORDS.get(code.removeprefix("failed_"))
    return say(known) if known else code.replace("_", " ")


def title(code: str) -> str:
    """The same with a capital letter: Out for delivery."""
    said = word(code)
    return said[:1].upper() + said[1:]
