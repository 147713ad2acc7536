// Every sentence of the driver's page, in one place.

export const OUTCOME: Record<string, string> = {
  delivered_to_recipient: "The recipient", delivered_to_third_party: "Somebody else",
  delivered_to_mailbox: "In the mailbox", delivered_to_safe_place: "In a safe place",
  delivered_to_pickup_point: "At a pickup point", delivered_other: "Another way",
  failed_not_home: "Nobody home", failed_cant_find_address: "Can’t find the address", failed_access_denied: "Can’t get in",
  failed_refused: "Refused", failed_no_parking: "No parking", failed_no_time: "No time left",
  failed_package_not_available: "Parcel isn’t on board", failed_damaged: "Damaged", failed_wrong_item: "Wrong item",
  failed_missing_required_proof: "Proof not possible", failed_payment_not_received: "Not paid",
  failed_age_check: "Age check failed", failed_unsafe: "Not safe here", failed_other: "Something else",
  mixed: "Partly delivered",
};
export const OUTCOME_HINT: Record<string, string> = {
  delivered_to_recipient: "in person", delivered_to_third_party: "neighbour, family, reception",
  delivered_to_safe_place: "as agreed", delivered_other: "say how in the note",
  failed_other: "say what in the note", failed_missing_required_proof: "no signature, photo or PIN to be had",
};
/** What was done, for lists. */
export const OUTCOME_DONE: Record<string, string> = {
  delivered_to_recipient: "Handed over", delivered_to_third_party: "Given to somebody else",
  delivered_to_mailbox: "In the mailbox", delivered_to_safe_place: "Left in a safe place",
  delivered_to_pickup_point: "At a pickup point", delivered_other: "Delivered",
};
export const PROOF: Record<string, string> = { photo: "Photo", signature: "Signature", pin: "PIN" };
export const LACK: Record<string, string> = {
  outcome: "what happened", photo: "a photo", signature: "a signature", pin: "the PIN", note: "a note", name: "the name",
};
export const REPORT: Record<string, string> = {
  duty_on: "On duty", duty_off: "Off duty", route_started: "Route started", arrived: "Arrived", attempted: "Delivery",
  departed: "Left", skipped: "Skipped", route_completed: "Route completed", break_started: "Break started",
  break_ended: "Break ended",
};

export const SKIP_REASONS = ["Closed right now", "Road blocked", "Recipient asked for later", "Parcel is behind others", "Traffic"];

export const W = {
  app: "Lastmile", skip: "Skip for now", close: "Close", cancel: "Cancel", back: "Back", ok: "OK",
  // Sign-in
  hello: "Your route, on your phone.", email: "E-mail", password: "Password", signIn: "Sign in", signingIn: "Signing in…",
  showPassword: "Show password", hidePassword: "Hide password",
  signInOffline: "No connection. Signing in needs one; after that the page works without.",
  signInServer: "The server cannot be reached right now. Try again in a moment.",
  signInAgain: "Please sign in again. Nothing is lost: everything you did is kept on this phone.",
  otherDriver: (name: string) => `There is unsent work of ${name} on this phone. Sign in as ${name} first, so that it can be sent.`,
  waitingWork: (count: number) => `${count} unsent ${count === 1 ? "report" : "reports"} will be sent after you sign in.`,
  dispatcherHint: "This page is for drivers. Ask your dispatcher for your sign-in.",
  // Frame
  tabNow: "Now", tabStops: "Stops", tabMap: "Map", tabYou: "You", offline: "Offline", allSent: "All sent", sending: "Sending…",
  unsent: (count: number) => `${count} unsent`, look: (count: number) => `${count} to look at`,
  syncLabel: (text: string) => `Connection: ${text}. Show unsent work`,
  progressLabel: (done: number, total: number) => `${done} of ${total} stops done`, of: "of", loading: "Getting your day…",
  offlineNoDay: "No connection, and today’s route is not on this phone yet. It will load by itself.",
  oldDay: (day: string) => `This is your route of ${day}. There has been no connection since.`,
  dayFailed: "Your day could not be loaded. It is tried again by itself.", tryNow: "Try now",
  // No route, before the start
  noRouteTitle: "No route for you yet", noRoute: "As soon as your dispatcher sends one, it shows here by itself.",
  noShift: "You have no shift today.", shift: (span: string) => `Your shift: ${span}`,
  callOffice: "Call the office", refresh: "Look again", readyTitle: (name: string) => `Good to go, ${name}`,
  startRoute: "Start route", firstStop: "First stop", from: "From", leaveAt: "Leave", back_at: "Back",
  stopsWord: "stops", parcelsWord: "parcels", drive: "Drive",
  // Now
  nextStop: "Next stop", atStop: "You are here", arrive: "I’m here", navigate: "Navigate", deliver: "Deliver", fail: "Can’t deliver",
  details: "Details", call: (name: string) => `Call ${name}`, callShort: "Call", eta: "Arrival", window: "Promised", anyTime: "any time",
  late: (lasting: string) => `${lasting} late`, early: (time: string) => `Opens ${time}`, instructions: "Instructions",
  confirmed: "Will be there", declined: "Says they cannot be there",
  confirmedBy: (name: string) => `${name} will be there`, declinedBy: (name: string) => `${name} says they cannot be there`,
  needs: (proof: string) => `${proof} needed`, parcels: (count: number) => `${count} ${count === 1 ? "parcel" : "parcels"}`,
  orders: (count: number) => `${count} orders`, urgent: "Urgent", high: "Priority", continueOn: "Continue",
  continueEnd: "Leave this stop", done: "Done", delivered: "Delivered", notDelivered: "Not delivered", partly: "Partly delivered",
  thenNext: "Then", thenStop: "Then", noPhone: "No phone number", nextBreak: (time: string) => `Break ${time}`,
  navigatorTitle: "Navigate with", navigatorHint: "Remembered. You can change it under “You”.",
  noPlace: "This stop has no place on the map. Use the address.",
  // Break and end
  onBreak: "You are on a break", breakSince: (time: string) => `Since ${time}. Your position is not recorded.`, endBreak: "End break",
  startBreak: "Start break", allDoneTitle: "All stops done", allDone: "Drive back, then complete the route.",
  skippedLeft: (count: number) => `${count} skipped ${count === 1 ? "stop is" : "stops are"} left. Do ${count === 1 ? "it" : "them"} now, or complete the route and your dispatcher plans ${count === 1 ? "it" : "them"} anew.`,
  completeRoute: "Complete route", completeEarly: (count: number) => `${count} ${count === 1 ? "stop is" : "stops are"} still open. They go back to your dispatcher.`,
  completeTitle: "Complete the route?", completedTitle: "Route completed", completed: "Well done. See you next time.", keepDriving: "Keep driving",
  goOffDuty: "Go off duty", goOnDuty: "Go on duty", toDepot: "Navigate to the depot",
  // Stops
  stopsTitle: "All stops", open: "Open", doneStops: "Done", skippedStops: "Skipped", goHere: "I’m here now", doItNow: "Do it now",
  outOfOrder: "This is not your next stop. Arriving here puts it first.", stopNumber: (n: string) => `Stop ${n}`,
  // Attempt
  deliverTitle: "Deliver", failTitle: "Can’t deliver", whoTook: "Who took it?", whatHappened: "What happened?",
  eachOrder: "Each order by itself", sameForAll: "The same for all orders", orderOutcome: (ref: string) => `Outcome of order ${ref}`,
  like: "As above", groupDelivered: "Delivered", groupFailed: "Not delivered", proofTitle: "Proof", needed: "needed", optional: "optional",
  takePhoto: "Take a photo", anotherPhoto: "Another photo", removePhoto: "Remove this photo", photoAlt: (n: number) => `Photo ${n}`,
  photoFailed: "This picture could not be read. Take it again.", photoBusy: "Getting the photo ready…",
  sign: "Sign here", signClear: "Clear", signTyped: "Type the name instead", signDrawn: "Draw instead", signName: "Full name of who signs",
  signKeep: "Use this signature", signRedo: "Sign again", signDone: "Signed", signHelp: "Sign with a finger. With a keyboard, choose “Type the name instead”.",
  nameLabel: "Name of who took it", pinLabel: "PIN from the recipient", noteLabel: "Note", notePlaceholder: "Anything the office should know",
  confirmDelivery: "Confirm delivery", confirmFail: "Confirm: not delivered", stillNeeded: (what: string) => `Still needed: ${what}`,
  checkingPin: "Checking the PIN…", memoryFull: "This phone’s memory is full. Free some space, then try again.",
  keptNot: "This could not be stored on the phone. Try again.", discard: "Discard what you entered?", moreProof: "Add a signature",
  // Skip
  skipTitle: "Skip for now?", skipText: "It stays on your route for later today.", skipReason: "Why?", skipConfirm: "Skip this stop",
  skipOther: "In your own words",
  // Sync
  syncTitle: "Connection and unsent work", syncOnline: "Connected.", syncOffline: "No connection. Carry on: everything is kept on this phone and sent by itself.",
  syncServer: "The server has a problem. Carry on: everything is kept and sent by itself.",
  syncForbidden: "The server does not accept this phone any more.", lastSent: (time: string) => `Last sent ${time}`,
  nothingUnsent: "Nothing unsent. Everything you did has arrived.", unsentTitle: "Not sent yet", photosWaiting: (n: number) => `${n} ${n === 1 ? "photo" : "photos"} waiting`,
  fixesWaiting: (n: number) => `${n.toLocaleString("en")} positions waiting`, refusedTitle: "Not accepted", understood: "Understood",
  fixAndSend: "Correct and send again", sendNow: "Send now", refusedBanner: (n: number) => `${n} ${n === 1 ? "report was" : "reports were"} not accepted`,
  show: "Show",
  // You
  dutyTitle: "Duty", offDuty: "Off duty", onDuty: "On duty", onABreak: "On a break", dutyHint: "Your position is recorded only on duty, while a route is under way.",
  navApp: "Navigation app", look_theme: "Look", auto: "As the phone", light: "Light", dark: "Dark",
  position: "Position", posOff: "Not recorded now.", posOn: (age: string) => `Recorded while you drive. Last fix ${age}.`, posWaiting: "Waiting for the first fix…",
  posDenied: "Location is blocked for this page. Allow it in the browser’s settings, so that recipients see when you come.",
  posNone: "This browser cannot tell its position.", posScreen: "A browser records positions only while this page is on the screen. With the screen off, or another app in front, the track has gaps; your reports are not affected.",
  awake: "The screen is kept on while you drive.", awakeNot: "This browser cannot keep the screen on: set your phone’s screen time-out to “never” while you drive.",
  awakeRefused: "The phone does not keep the screen on now (battery saver?). Look at this page from time to time.",
  install: "Put this page on the home screen", installIos: "To put it on the home screen: Share, then “Add to Home Screen”.",
  storageKept: "The browser keeps this page’s data until you sign out.", storageSoft: "The browser may clear this page’s data when the phone’s memory is full. Putting it on the home screen prevents that.",
  insecure: "This address is not encrypted (https): the page works only while connected and cannot use your position.",
  signOut: "Sign out", signOutRefused: (count: number) => `${things(count)} not sent yet. Sign out when everything has arrived.`, signOutHint: "Your route and photos are removed from this phone.",
  update: "A new version is ready", updateNow: "Update", routeChanged: "Your dispatcher changed your route.", routeNew: "You have a new route.",
  clockWrong: (minutes: number) => `This phone’s clock is ${Math.abs(minutes)} min ${minutes > 0 ? "behind" : "ahead"}. Times are corrected when they are sent.`,
  mapMissing: "The map could not be loaded. Everything else works.", mapTitle: "Your route on the map",
  broken: "Something went wrong on this page. Nothing that you reported is lost.", reload: "Load the page again",
  noStorage: "This browser window keeps nothing (private mode?). Open the page in an ordinary window.",
};

export function things(count: number): string {
  return count === 1 ? "1 report is" : `${count} reports are`;
}
export function list(words: string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
