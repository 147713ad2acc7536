// "?": every command with its keys, by group, and the choice to leave single letters alone.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { commands, groupOf, keysOf, type Command } from "../commands";
import { allowSingleKeys, begun, singleKeys, written } from "../keys";
import { helpOpen } from "../steering";
import { Icon } from "./Bits";
import { Keys } from "./Palette";
import { t } from "../../ui/words";

/** Keys that belong to a pane and not to the whole board. */
const local = (): [string, [string, string[]][]][] => [
  [t("In lists"), [
    [t("Walk over routes and stops"), ["arrowup", "arrowdown"]], [t("Open and close a route"), ["arrowright", "arrowleft"]],
    [t("Select on the way"), ["shift+arrowdown"]], [t("Show in full"), ["enter"]],
  ]],
  [t("In the timeline"), [
    [t("Walk over stops of a lane"), ["arrowleft", "arrowright"]], [t("Another lane"), ["arrowup", "arrowdown"]],
    [t("Select, or select on the way"), ["space", "shift+arrowright"]], [t("Closer, farther, whole day"), ["+", "-", "0"]], [t("Earlier, later"), ["[", "]"]],
  ]],
];

export function Help(): JSX.Element {
  return (
    <>
      {helpOpen.value && <Open />}
      {begun.value && <Begun first={begun.value} />}
    </>
  );
}

function Open(): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  // The event of a dialog's closing comes later, and could close what was opened again meanwhile.
  const close = (): void => {
    box.current?.close();
    helpOpen.value = false;
  };
  const cancel = (event: Event): void => {
    event.preventDefault();
    close();
  };
  useLayoutEffect(() => box.current?.showModal(), []);
  const groups = new Map<string, Command[]>();
  for (const command of commands.value) {
    if (keysOf(command).length === 0) continue;
    const name = groupOf(command);
    groups.set(name, [...(groups.get(name) ?? []), command]);
  }
  return (
    <dialog class="dialog help" ref={box} aria-labelledby="help-title" onCancel={cancel} onClose={(event) => event.currentTarget === box.current && close()} onClick={(event) => event.target === box.current && close()}>
      <div class="dialog-head">
        <h2 id="help-title">{t("Keys")}</h2>
        <button class="button button-quiet button-icon" aria-label={t("Close")} onClick={() => close()}>
          <Icon name="close" />
        </button>
      </div>
      <div class="dialog-body help-groups" tabIndex={0} role="region" aria-labelledby="help-title">
        {[...groups].map(([name, all]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {all.map((command) => (
                <Line key={command.id} title={command.title} keys={keysOf(command)} />
              ))}
            </dl>
          </section>
        ))}
        {local().map(([name, all]) => (
          <section key={name}>
            <h3>{name}</h3>
            <dl>
              {all.map(([title, keys]) => (
                <Line key={title} title={title} keys={keys} />
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t("With the mouse")}</h3>
          <dl>
            <Words title={t("Add to the selection, or take out of it")} words={t("Ctrl + click")} />
            <Words title={t("Everything up to there")} words={t("Shift + click")} />
            <Words title={t("A rectangle, on the map or in the timeline")} words={t("Shift + drag")} />
            <Words title={t("Zoom the timeline")} words={t("Ctrl + wheel")} />
          </dl>
        </section>
      </div>
      <div class="dialog-foot help-foot">
        <label class="check">
          <input type="checkbox" checked={singleKeys.value} onChange={(event) => allowSingleKeys(event.currentTarget.checked)} />
          <span>{t("Single letters are commands. Turn this off when you dictate.")}</span>
        </label>
      </div>
    </dialog>
  );
}

function Line({ title, keys }: { title: string; keys: readonly string[] }): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {keys.map((one, index) => (
          <span key={one}>
            {index > 0 && <span class="muted tiny"> {t("or")} </span>}
            <Keys keys={one} />
          </span>
        ))}
      </dd>
    </div>
  );
}

function Words({ title, words }: { title: string; words: string }): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd class="small">{words}</dd>
    </div>
  );
}

/** After "g": which keys may follow. */
function Begun({ first }: { first: string }): JSX.Element {
  const next = commands.value.flatMap((command) =>
    keysOf(command)
      .filter((keys) => keys.startsWith(`${first} `))
      .map((keys) => [written(keys)[1]?.join("+") ?? "", command.title] as const),
  );
  return (
    <div class="begun" role="status">
      <kbd>{written(first)[0]?.join("+")}</kbd>
      {next.map(([key, title]) => (
        <span key={title}>
          <kbd>{key}</kbd> {title}
        </span>
      ))}
    </div>
  );
}
