// The grid of an imported file with what can be done with it.
import type { JSX } from "preact";
import { inside, number } from "../board/format";
import { Icon } from "../board/parts/Bits";
import { Grid } from "./Grid";
import { busy, failure, file, importRows, jump, meta, onlyBad, saving, show } from "./state";
import { n, t } from "../ui/words";

export function App({ mayWrite }: { mayWrite: boolean }): JSX.Element | null {
  const now = meta.value;
  if (!now) return failure.value ? <div class="notice notice-bad">{failure.value}</div> : null;
  if (!now.ready) return null;
  const labels = new Map(now.fields.map((one) => [one.name, inside(one.label)]));
  return (
    <section class="section import-grid" aria-labelledby="grid-title">
      <div class="row-wrap spread">
        <div class="row-wrap">
          <h2 id="grid-title">{t("Rows of the file")}</h2>
          <span class="segmented" role="radiogroup" aria-label={t("Which rows")}>
            <label><input type="radio" name="which" checked={!onlyBad.value} onChange={() => show(false)} />{t("All")} <span class="numbers">{number(now.total)}</span></label>
            <label><input type="radio" name="which" checked={onlyBad.value} onChange={() => show(true)} />{t("Only faulty")} <span class="numbers">{number(now.bad)}</span></label>
          </span>
          {now.bad > 0 && <button class="button button-small" onClick={() => { jump(1); focusGrid(); }} title="F8">{t("Next fault")}</button>}
          {saving.value > 0 && <span class="row gap-2 small muted"><span class="spinner" />{t("Checking")}</span>}
        </div>
        <div class="row-wrap">
          {now.bad > 0 && (
            <details class="menu">
              <summary class="button"><Icon name="export" />{t("Faulty rows")}</summary>
              <div class="menu-list">
                <a href={`/orders/import/${file.value}/faulty.csv`} download>{t("As CSV, with the reasons")}</a>
                <a href={`/orders/import/${file.value}/faulty.xlsx`} download>{t("As Excel, with the reasons")}</a>
              </div>
            </details>
          )}
          {mayWrite && (
            <button class="button button-primary" disabled={!now.good || busy()} onClick={() => void importRows()}>
              <Icon name="import" />
              {now.good ? n("Import {count} row", "Import {count} rows", now.good) : t("Nothing to import")}
            </button>
          )}
        </div>
      </div>
      {now.missing.length > 0 && (
        <div class="notice notice-warn" role="alert">
          <Icon name="warn" />
          <div>{t("No column is chosen yet for: {fields}. Choose it in the head of its column.", { fields: now.missing.map((name) => (name === "street" ? t("street or address") : (labels.get(name) ?? name))).join(", ") })}</div>
        </div>
      )}
      {busy() && (
        <div class="notice notice-info" role="status"><span class="spinner" /><div>{now.work?.kind === "check_import_rows" ? t("All rows are being checked.") : t("The rows are being imported.")} {t("You can leave this page.")}</div></div>
      )}
      <Grid mayWrite={mayWrite} />
      {mayWrite && <p class="tiny muted grid-keys">{t("Enter or typing changes a cell, Tab goes on, Esc gives up; F8 goes to the next fault; Ctrl C, V and Z copy, paste a block and take back. What you choose in a column’s head is remembered.")}</p>}
    </section>
  );
}

function focusGrid(): void {
  document.querySelector<HTMLElement>(".grid-box")?.focus({ preventScroll: true });
}
