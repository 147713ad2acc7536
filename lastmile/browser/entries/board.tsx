// The dispatcher's board. The page's element says what the user may do and where the map's worker lies.
import "../styles/board.css";
import "../styles/edits.css";
import "../styles/gantt.css";
import "../styles/steering.css";
import "../styles/proposal.css";
import "../styles/exceptions.css";
import "../styles/zones.css";
import { render } from "preact";
import { App } from "../board/parts/App";
import { follow } from "../board/edits";
import { lookAhead } from "../board/foresight";
import { start } from "../board/live";
import { registerMessages } from "../board/messages/commands";
import { startMessages } from "../board/messages/store";
import { drawOutlines } from "../board/people/outlines";
import { startPresence } from "../board/presence";
import { listen } from "../board/keys";
import { followAddress } from "../board/state";
import { registerAll } from "../board/steering";
import { day, depot, now } from "../board/store";
import { follow as followProposals } from "../board/proposal/state";
import { registerZones } from "../board/zones/commands";

const root = document.getElementById("board");
if (root) {
  const query = new URLSearchParams(location.search);
  const asked = query.get("day") ?? "";
  // Without a day in the address the server's clock says which day it is.
  day.value = /^\d{4}-\d{2}-\d{2}$/.test(asked) ? asked : "";
  depot.value = query.get("depot");
  followAddress();
  startMessages(root.dataset.member ?? "", "mayMessage" in root.dataset);
  startPresence();
  drawOutlines();
  start();
  follow("mayPlan" in root.dataset);
  lookAhead("mayPlan" in root.dataset);
  followProposals();
  setInterval(() => {
    now.value = Date.now();
  }, 5_000);
  registerAll("mayPlan" in root.dataset);
  registerMessages();
  registerZones("mayFleet" in root.dataset);
  listen();
  root.textContent = "";
  render(<App mayPlan={"mayPlan" in root.dataset} workerUrl={root.dataset.mapWorker ?? ""} />, root);
}
