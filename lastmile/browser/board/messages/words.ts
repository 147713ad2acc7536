// What conversations are called on the screen.
import type { MessageRow, ThreadRow } from "./rows";
import { t } from "../../ui/words";

export const fromUs = (line: MessageRow): boolean => line.author === "member" || line.author === "system";

/** How far a line of ours has come. */
export function stateWord(line: MessageRow, kind: ThreadRow["kind"]): string {
  const way = line.channel === "sms" ? t("SMS") : line.channel === "email" ? t("e-mail") : "";
  switch (line.state) {
    case "read": return t("Read");
    case "failed": return t("Not delivered");
    case "sent": return kind === "driver" ? t("On the phone") : t("Delivered by {way}", { way });
    default: return kind === "driver" ? t("Waiting for the phone") : way ? t("Sending by {way}", { way }) : t("Sending");
  }
}

export function roleWord(thread: ThreadRow): string {
  return thread.kind === "driver" ? t("Driver") : `${t("Recipient")}, ${thread.order?.reference ?? ""}`;
}

/** Ready answers, one press away. */
export function quick(kind: ThreadRow["kind"]): string[] {
  if (kind === "driver") return [t("Please call me when you can."), t("Please go on to the next stop."), t("The recipient waits for you.")];
  return [t("We will do that."), t("The driver comes a little later than planned."), t("Please call us.")];
}
