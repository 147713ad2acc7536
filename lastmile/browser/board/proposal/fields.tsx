// What both questions to the solver ask alike: how long to look, and the buttons below.
import type { JSX } from "preact";
import { Icon } from "../parts/Bits";
import { asking, busy, refusal } from "./state";
import { BUDGETS } from "./words";
import { t } from "../../ui/words";

export function close(): void {
  asking.value = null;
}

export function Choice<V extends string | number>({ id, label, rows, value, choose }: { id: string; label: string; rows: readonly (readonly [V, string])[]; value: V; choose: (value: string) => void }): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select class="select" id={id} value={String(value)} onChange={(event) => choose(event.currentTarget.value)}>
        {rows.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Seconds({ name, value, choose }: { name: string; value: number; choose: (seconds: number) => void }): JSX.Element {
  return <Choice id={`${name}-seconds`} label={t("How long to look")} rows={BUDGETS.map(([seconds, words]) => [seconds, words()] as const)} value={value} choose={(text) => choose(Number(text))} />;
}

export function Refusal(): JSX.Element | null {
  if (!refusal.value) return null;
  return (
    <div class="notice notice-bad small" role="alert">
      <Icon name="warn" />
      <div>{refusal.value}</div>
    </div>
  );
}

export function Foot({ form, label, off = false }: { form: string; label: string; off?: boolean }): JSX.Element {
  return (
    <>
      <button class="button" onClick={close}>
        {t("Cancel")}
      </button>
      <button class="button button-primary" form={form} disabled={busy.value !== null || off}>
        {busy.value === "start" ? <span class="spinner" /> : <Icon name="spark" />}
        {label}
      </button>
    </>
  );
}
