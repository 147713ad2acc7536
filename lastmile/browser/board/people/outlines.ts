// What others have selected is outlined in the lists, in their colour and with their name. A style sheet made here does it,
// so that no list has to know of it and nothing is drawn again.
import { effect } from "@preact/signals";
import { others } from "../presence";
import { stops } from "../store";
import { variable } from "./colors";

const ID = /^[0-9a-f-]{36}$/;

/** A text as CSS's `content` takes it. */
function quoted(text: string): string {
  return `"${[...text].map((char) => (/[\p{L}\p{N} .,&+-]/u.test(char) ? char : `\\${char.codePointAt(0)?.toString(16)} `)).join("")}"`;
}

export function drawOutlines(): () => void {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return effect(() => {
    const seen = new Map<string, { color: number; names: string[] }>();
    for (const person of others.value) {
      for (const id of person.selected) {
        if (!ID.test(id)) continue;
        // A route whose stop is selected with it is outlined; the name stands at the stop.
        const named = !person.selected.some((one) => stops.get(one)?.route === id);
        const known = seen.get(id) ?? { color: person.color, names: [] };
        if (named) known.names.push(person.name);
        seen.set(id, known);
      }
    }
    sheet.replaceSync([...seen].map(([id, { color, names }]) => {
      const which = `.board-list :is([data-stop="${id}"], [data-route="${id}"])`;
      return `${which} { outline: 2px solid ${variable(color)}; outline-offset: -2px; --who: ${variable(color)}; }
        ${names.length ? `${which}::after { content: ${quoted(names.join(", "))}; }` : ""}`;
    }).join("\n"));
  });
}
