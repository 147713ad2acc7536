// The frame of a dialog: it opens over everything, and closes by its cross, by Escape or by a press beside it.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../ui/words";
import { Icon } from "./Bits";

interface Frame {
  /** Names the dialog for its heading's id: `name-title`. */
  name: string;
  title: string;
  note?: string;
  /** A class of its own. */
  look?: string;
  /** Its buttons. */
  foot?: ComponentChildren;
  close: () => void;
  /** A press beside it does not close it: somebody may have written in it. */
  firm?: boolean;
  children: ComponentChildren;
}

export function Modal({ name, title, note, look = "", foot, close, firm = false, children }: Frame): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog class={`dialog ${look}`} ref={box} aria-labelledby={`${name}-title`} onClose={close} onClick={(event) => event.target === box.current && !firm && close()}>
      <div class="dialog-head">
        <div>
          <h2 id={`${name}-title`}>{title}</h2>
          {note && <p class="muted small">{note}</p>}
        </div>
        <button type="button" class="button button-quiet button-icon" aria-label={t("Close")} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {children}
      {foot && <div class="dialog-foot">{foot}</div>}
    </dialog>
  );
}
