// What is and what could be, side by side.
import type { JSX } from "preact";
import { duration, number } from "../format";
import { Modal } from "../parts/Modal";
import { format } from "../store";
import { close } from "./fields";
import type { Figures, ProposalRow } from "./rows";
import { asking, busy, onMap, open, reject, waiting } from "./state";
import { termWord } from "./words";
import { t } from "../../ui/words";

export function CompareDialog(): JSX.Element | null {
  return asking.value === "compare" && waiting.value.length ? <Table /> : null;
}

const LINES: [() => string, (of: Figures) => number, (value: number) => string][] = [
  [() => t("Cost"), (of) => of.cost_cents, (value) => format.value.money(value)],
  [() => t("Driving"), (of) => of.distance_m, (value) => format.value.distance(value)],
  [() => t("On the road"), (of) => of.duration_s, duration],
  [() => t("Vans used"), (of) => of.vans, number],
  [() => t("Late stops"), (of) => of.late_stops, number],
  [() => t("Promises broken"), (of) => of.promises_broken, number],
  [() => t("On no route"), (of) => of.unassigned, number],
];

function Table(): JSX.Element {
  const rows = waiting.value;
  const now = rows[0]?.before;
  if (!now) return <></>;
  const terms = [...new Set(rows.flatMap((row) => [...Object.keys(row.before.terms), ...Object.keys(row.after.terms)]))].filter(
    (name) => name !== "left_out" && rows.some((row) => row.before.terms[name] || row.after.terms[name]),
  );
  return (
    <Modal name="compare" look="compare" title={t("Side by side")} note={t("The routes as they are, and what was worked out. Green is better, red is worse than now.")} close={close}>
      <div class="dialog-body">
        <div class="table-box">
          <table class="table table-dense">
            <thead>
              <tr>
                <th scope="col">
                  <span class="only-heard">{t("Figure")}</span>
                </th>
                <th scope="col" class="right">
                  {t("Now")}
                </th>
                {rows.map((row) => (
                  <th scope="col" class="right compare-name" key={row.id}>
                    <Name row={row} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {LINES.map(([label, of, text], index) => (
                <tr key={index}>
                  <th scope="row">{label()}</th>
                  <td class="right numbers">{text(of(now))}</td>
                  {rows.map((row) => (
                    <Cell key={row.id} value={of(row.after)} before={of(row.before)} text={text} />
                  ))}
                </tr>
              ))}
              <tr class="compare-term">
                <th scope="rowgroup" colSpan={2 + rows.length}>
                  {t("What it is judged by")}
                </th>
              </tr>
              {terms.map((name) => (
                <tr key={name} class="compare-term">
                  <th scope="row">{termWord(name)}</th>
                  <td class="right numbers">{format.value.money(now.terms[name] ?? 0)}</td>
                  {rows.map((row) => (
                    <Cell key={row.id} value={row.after.terms[name] ?? 0} before={row.before.terms[name] ?? 0} text={(value) => format.value.money(value)} />
                  ))}
                </tr>
              ))}
              <tr>
                <th scope="row">
                  <span class="only-heard">{t("What to do")}</span>
                </th>
                <td class="right">
                  <button class="button button-small" onClick={() => { onMap.value = null; close(); }}>
                    {t("On the map")}
                  </button>
                </td>
                {rows.map((row) => (
                  <td class="right" key={row.id}>
                    <span class="compare-acts">
                      <button class="button button-small" disabled={busy.value !== null} onClick={() => void open(row.id)}>
                        {t("Open")}
                      </button>
                      <button class="button button-small button-quiet" disabled={busy.value !== null} onClick={() => void reject(row.id)}>
                        {t("Drop")}
                      </button>
                    </span>
                  </td>
                ))}
              </tr>
            </tbody>
          </table>
        </div>
      </div>
    </Modal>
  );
}

function Name({ row }: { row: ProposalRow }): JSX.Element {
  return (
    <>
      {row.title}
      {row.stale && <span class="chip chip-warn">{t("plan has changed")}</span>}
      {row.needs.length > 0 && <span class="chip chip-info">{t("what if")}</span>}
    </>
  );
}

function Cell({ value, before, text }: { value: number; before: number; text: (value: number) => string }): JSX.Element {
  const tone = value > before ? "is-more" : value < before ? "is-less" : "";
  return (
    <td class={`right numbers ${tone}`}>
      {text(value)}
      {tone && <span class="only-heard">, {value > before ? t("more than now") : t("less than now")}</span>}
    </td>
  );
}
