// The driver's page.
import { render } from "preact";
import "../drive/drive.css";
import { prepare } from "../drive/phone/install";
import { begin } from "../drive/state";
import { App } from "../drive/views/app";

const root = document.getElementById("drive");
if (root) {
  prepare(root.dataset.worker ?? "/drive/sw.js");
  void begin();
  render(<App />, root);
}
