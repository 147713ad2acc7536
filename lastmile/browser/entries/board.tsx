// The dispatcher's board. The page's element says whether the user may plan and where the map's worker lies.
import "../styles/board.css";
import { render } from "preact";
import { App } from "../board/parts/App";
import { start } from "../board/live";
import { clearSelection, followAddress, moving } from "../board/state";
import { day, depot, now } from "../board/store";

const root = document.getElementById("board");
if (root) {
  const query = new URLSearchParams(location.search);
  const asked = query.get("day") ?? "";
  // Without a day in the address the server's clock says which day it is.
  day.value = /^\d{4}-\d{2}-\d{2}$/.test(asked) ? asked : "";
  depot.value = query.get("depot");
  followAddress();
  start();
  setInterval(() => {
    now.value = Date.now();
  }, 5_000);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !moving.peek() && !document.querySelector("dialog[open]")) clearSelection();
  });
  root.textContent = "";
  render(<App mayPlan={"mayPlan" in root.dataset} workerUrl={root.dataset.mapWorker ?? ""} />, root);
}
