// Ctrl+K: type a few letters of anything, choose with the arrow keys, press Enter.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { everything, type Found, kindWord, search } from "../finding";
import { written } from "../keys";
import { paletteOpen } from "../steering";
import { Icon } from "./Bits";
import { n, t } from "../../ui/words";

export function Palette(): JSX.Element | null {
  return paletteOpen.value ? <Open /> : null;
}

function Open(): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const all = useMemo(everything, []);
  const found = useMemo(() => search(words, all), [words, all]);
  const index = Math.min(at, found.length - 1);

  // The event of a dialog's closing comes later, and could close what was opened again meanwhile.
  const close = (): void => {
    box.current?.close();
    paletteOpen.value = false;
  };
  const cancel = (event: Event): void => {
    event.preventDefault();
    close();
  };
  // Before the next key arrives: what is typed at once belongs into the field.
  useLayoutEffect(() => box.current?.showModal(), []);
  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: "nearest" });
  }, [index, found]);

  const run = (one: Found | undefined): void => {
    if (!one) return;
    close();
    one.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined && found.length) {
      event.preventDefault();
      const next = index + step;
      setAt(Math.abs(step) === 1 ? (next + found.length) % found.length : Math.min(found.length - 1, Math.max(0, next)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[index]);
    } else if (event.key === "Escape" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k")) {
      // A field for searching would take the first Esc to empty itself.
      event.preventDefault();
      close();
    }
  };
  return (
    <dialog class="dialog palette" ref={box} aria-label={t("Find anything")} onCancel={cancel} onClose={(event) => event.currentTarget === box.current && close()} onClick={(event) => event.target === box.current && close()}>
      <div class="palette-field search">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          role="combobox"
          aria-label={t("Find orders, drivers, routes, vehicles and actions")}
          aria-expanded={found.length > 0}
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant={found.length ? `palette-${index}` : undefined}
          placeholder={t("Reference, recipient, street, driver, vehicle or action")}
          autocomplete="off"
          spellcheck={false}
          value={words}
          onInput={(event) => {
            setWords(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <ul class="palette-list" id="palette-list" role="listbox" aria-label={t("What was found")} ref={list}>
        {found.map((one, number) => (
          <li key={`${one.kind} ${one.id}`} id={`palette-${number}`} role="option" aria-selected={number === index} onPointerMove={() => number !== index && setAt(number)} onClick={() => run(one)}>
            <Icon name={one.icon} />
            <span class="palette-words">
              <span class="strong clip">{one.title}</span>
              <span class="tiny muted clip">{one.more}</span>
            </span>
            {one.keys ? <Keys keys={one.keys} /> : <span class="tiny muted">{kindWord(one.kind)}</span>}
          </li>
        ))}
      </ul>
      <p class={found.length ? "only-heard" : "palette-none muted small"} role="status">
        {found.length ? n("{count} found", "{count} found", found.length) : t("Nothing on this day matches “{words}”.", { words: words.trim() })}
      </p>
      <footer class="palette-foot tiny muted" aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> {t("choose")}
        </span>
        <span>
          <kbd>{t("Enter")}</kbd> {t("open")}
        </span>
        <span>
          <kbd>{t("Esc")}</kbd> {t("close")}
        </span>
      </footer>
    </dialog>
  );
}

export function Keys({ keys }: { keys: string }): JSX.Element {
  return (
    <span class="keys">
      {written(keys).map((one, index) => (
        <span key={index}>
          {index > 0 && <span class="muted tiny"> {t("then")} </span>}
          {one.map((part, number) => (
            <kbd key={number}>{part}</kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
