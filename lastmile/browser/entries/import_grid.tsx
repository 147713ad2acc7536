// The grid of a file's rows on the page of an import; the rest of the page is the server's.
import "../grid/grid.css";
import { render } from "preact";
import { App } from "../grid/App";
import { file, load } from "../grid/state";

const root = document.getElementById("import-grid");
if (root) {
  file.value = root.dataset.file ?? "";
  render(<App mayWrite={"mayWrite" in root.dataset} />, root);
  void load();
  // The numbers over the grid are the server's: they are fetched again when rows were imported here.
  document.addEventListener("lastmile:imported", () => {
    const state = document.getElementById("state");
    const htmx = (window as unknown as { htmx?: { ajax(verb: string, path: string, target: object): void } }).htmx;
    if (state && htmx) htmx.ajax("GET", `/orders/import/${file.peek()}/progress`, { target: "#state", swap: "outerHTML" });
  });
}
