// Somebody else changed what this dispatcher was about to change: who, what and when, and the two ways on.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { conflict } from "../edits";
import type { ChangedRow } from "../edit_api";
import { list } from "../format";
import { refresh } from "../live";
import { routes } from "../store";
import { Icon } from "./Bits";
import { street } from "./Stop";
import { n, t } from "../../ui/words";

function stands(row: ChangedRow): string {
  const route = row.now.route ? routes.get(row.now.route) : undefined;
  if (!row.now.route) return t("It is on no route now.");
  const number = row.now.sequence ?? "?";
  return route ? t("It is stop {number} of {driver} now.", { number, driver: route.driver.name }) : t("It is stop {number} now.", { number });
}

export function ConflictDialog(): JSX.Element | null {
  const now = conflict.value;
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (now) void refresh();
    if (now && !box.current?.open) box.current?.showModal();
  }, [now]);
  if (!now) return null;
  const close = (): void => {
    conflict.value = null;
  };
  const names = [...new Set(now.stops.map((row) => row.by))];
  return (
    <dialog class="dialog" ref={box} aria-labelledby="conflict-title" onClose={close}>
      <div class="dialog-head">
        <div>
          <h2 id="conflict-title">{n("{names} was here first", "{names} were here first", names.length, { names: list(names) })}</h2>
          <p class="muted small">{n("{count} stop changed while you decided. Nothing of yours was done yet.", "{count} stops changed while you decided. Nothing of yours was done yet.", now.stops.length)}</p>
        </div>
      </div>
      <div class="dialog-body">
        <ul class="stack gap-3">
          {now.stops.map((row) => (
            <li key={row.id} class="conflict">
              <Icon name="person" />
              <div>
                <p class="strong">{street(row.now.place.line)[0]}</p>
                <p class="small">{row.sentence}</p>
                <p class="small muted">{stands(row)}</p>
              </div>
            </li>
          ))}
        </ul>
      </div>
      <div class="dialog-foot">
        <button
          class="button"
          onClick={() => {
            close();
            now.anyway();
          }}
        >
          {t("Do mine anyway")}
        </button>
        <button class="button button-primary" autofocus onClick={close}>
          <Icon name="check" />
          {t("Use theirs")}
        </button>
      </div>
    </dialog>
  );
}
