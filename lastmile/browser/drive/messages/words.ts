// The sentences of the driver's conversation.

export const QUICK = ["Running late", "Cannot find it", "At the door", "Please call me"];

export const M = {
  tab: "Messages", title: "Messages with the office", unread: (n: number) => `${n} unread`,
  none: "Nothing was written yet.", noneHint: "What your dispatcher writes shows here by itself. You can write at any time, also without a connection.",
  placeholder: "Write to the office", send: "Send", quick: "Ready answers", about: (what: string) => `About ${what}`, notAbout: "Not about this stop",
  waiting: "Waiting for a connection", sendingNow: "Sending…", sent: "Sent", seen: "Seen by the office", refused: "Not sent", again: "Write it again", drop: "Throw away",
  news: (text: string) => `Office: ${text}`, waitingCount: (n: number) => `${n} ${n === 1 ? "message" : "messages"} waiting`,
  left: (n: number) => `${n} characters left`, today: "Today", kept: "This could not be stored on the phone. Try again.",
};
