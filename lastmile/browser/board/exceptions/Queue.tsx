// The exceptions queue: what needs a person, the most urgent first. Keys work while the focus is on its tab, inside
// it or nowhere: j and k go down and up, a takes one, e resolves it, x dismisses it.
import type { JSX } from "preact";
import { register } from "../commands";
import { tab } from "../state";
import { Empty } from "../parts/Bits";
import { Item } from "./Item";
import { acknowledge, chosen, dismissing, filter, focusOn, kind, kinds, queue, resolve, shown, step } from "./queueing";
import { kindOf } from "./words";
import { t } from "../../ui/words";

function inReach(target: Element | null): boolean {
  // Where nothing has the keyboard, the queue that is shown may have it.
  return target === null || target === document.body || target.closest("#exceptions, #tab-exceptions") !== null;
}

/** The keys stand in the overlay of keys like all others; they mean something only while the keyboard is in the queue. */
export function registerKeys(mayPlan: boolean): () => void {
  const here = (): boolean => tab.value === "exceptions" && inReach(document.activeElement);
  const onOne = (does: (id: string) => void) => ({
    when: () => here() && chosen.value !== null,
    run: () => void (chosen.peek() && does(chosen.peek() as string)),
  });
  const added = [
    register({ id: "exceptions.next", title: t("The next one"), keys: "j", when: here, run: () => focusOn(step(1)) }),
    register({ id: "exceptions.before", title: t("The one before"), keys: "k", when: here, run: () => focusOn(step(-1)) }),
  ];
  if (mayPlan) {
    added.push(
      register({ id: "exceptions.take", title: t("Take it"), keys: "a", ...onOne((id) => void acknowledge(id)) }),
      register({ id: "exceptions.resolve", title: t("Resolve it"), keys: "e", ...onOne((id) => void resolve(id)) }),
      register({ id: "exceptions.dismiss", title: t("Dismiss it…"), keys: "x", ...onOne((id) => (dismissing.value = id)) }),
    );
  }
  return () => added.forEach((leave) => leave());
}

function Filter(): JSX.Element | null {
  if (kinds.value.length < 2) return null;
  return (
    <div class="exception-filter" role="group" aria-label={t("Kind")}>
      <button class="chip-button" aria-pressed={filter.value === ""} onClick={() => (kind.value = "")}>
        {t("All")} <span class="numbers">{queue.value.length}</span>
      </button>
      {kinds.value.map(([name, n]) => (
        <button class="chip-button" key={name} aria-pressed={filter.value === name} onClick={() => (kind.value = filter.value === name ? "" : name)}>
          {kindOf(name).word} <span class="numbers">{n}</span>
        </button>
      ))}
    </div>
  );
}

export function Queue({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  if (queue.value.length === 0) {
    return (
      <Empty icon="check" title={t("Nothing needs you")}>
        <p>{t("Stops that will be late, vans that stand still or are silent, failed attempts and orders without a van appear here by themselves.")}</p>
      </Empty>
    );
  }
  return (
    <section id="exceptions" class="exceptions" aria-label={t("Exceptions")}>
      <Filter />
      <ul class="exception-list">
        {shown.value.map((row) => (
          <Item key={row.id} row={row} open={chosen.value === row.id} mayPlan={mayPlan} />
        ))}
      </ul>
      {mayPlan && (
        <p class="exception-keys tiny muted">
          <kbd>j</kbd> <kbd>k</kbd> {t("down, up")} · <kbd>a</kbd> {t("take it")} · <kbd>e</kbd> {t("resolve")} · <kbd>x</kbd> {t("dismiss")}
        </p>
      )}
    </section>
  );
}
