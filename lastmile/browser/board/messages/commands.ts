// What can be done with conversations from everywhere: keys, the palette, and the bar over several selected stops.
import { register } from "../commands";
import { picked } from "../selection";
import { showTab } from "../steering";
import { openBroadcast } from "./Broadcast";
import { mayWrite } from "./store";
import { t } from "../../ui/words";

export function registerMessages(): void {
  register({ id: "go.messages", title: t("Messages"), keys: "g m", icon: "chat", run: () => showTab("messages") });
  register({
    id: "selection.message", title: t("Message the recipients…"), icon: "chat", when: () => mayWrite.value && picked.value.size > 0,
    run: () => openBroadcast({ stops: [...picked.peek()], drivers: [] }),
  });
}
