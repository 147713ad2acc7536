// The smaller sheets: skipping, completing, choosing a navigation app, the connection.
import { useSignal } from "@preact/signals";
import { isDone, sequence } from "../core/day";
import { ago, time } from "../format";
import { choose, NAVIGATORS } from "../phone/navigators";
import * as state from "../state";
import { unsent as unsentLines } from "../messages/state";
import { M } from "../messages/words";
import type { OutReport } from "../store/db";
import { OUTCOME, REPORT, SKIP_REASONS, W } from "../words";
import { Big, Icon, Sheet } from "./parts";
import { close, navigate, open, type Place } from "./ui";

export function SkipSheet({ id }: { id: string }) {
  const why = useSignal("");
  const stop = state.day.value?.stops.find((one) => one.id === id);
  if (!stop) return null;
  const skip = async (): Promise<void> => {
    await state.skip(stop, why.value.trim());
    close();
  };
  return (
    <Sheet title={W.skipTitle} onClose={close} foot={<div class="actions"><Big tone="primary" icon="later" onClick={() => void skip()} wide>{W.skipConfirm}</Big></div>}>
      <p class="lead">{stop.place.line}</p>
      <p class="muted">{W.skipText}</p>
      <fieldset class="tiles">
        <legend>{W.skipReason}</legend>
        {SKIP_REASONS.map((reason) => (
          <label key={reason} class="tile"><input type="radio" name="why" checked={why.value === reason} onChange={() => { why.value = reason; }} /><span>{reason}</span></label>
        ))}
      </fieldset>
      <div class="field">
        <label for="why">{W.skipOther}</label>
        <input id="why" class="input tall" maxLength={200} value={why.value} onInput={(event) => { why.value = event.currentTarget.value; }} />
      </div>
    </Sheet>
  );
}

export function CompleteSheet() {
  const day = state.day.value;
  if (!day) return null;
  const left = sequence(day).filter((stop) => !isDone(stop)).length;
  const complete = async (): Promise<void> => {
    await state.completeRoute();
    close();
  };
  return (
    <Sheet title={W.completeTitle} onClose={close} foot={
      <div class="actions"><Big onClick={close}>{W.keepDriving}</Big><Big tone="primary" icon="flag" onClick={() => void complete()}>{W.completeRoute}</Big></div>
    }>
      {left ? <div class="notice notice-warn"><Icon name="warn" /><div>{W.completeEarly(left)}</div></div> : <p class="lead">{W.allDoneTitle}.</p>}
    </Sheet>
  );
}

export function NavigatorSheet({ place }: { place: Place }) {
  const pick = (id: string): void => {
    choose(id);
    close();
    navigate(place);
  };
  return (
    <Sheet title={W.navigatorTitle} onClose={close}>
      <div class="buttons">
        {NAVIGATORS.map((app) => <Big key={app.id} icon="arrow" wide onClick={() => pick(app.id)}>{app.name}</Big>)}
      </div>
      <p class="muted small">{W.navigatorHint}</p>
    </Sheet>
  );
}

/** What was reported, in a word or two. */
function whatOf(row: OutReport): string {
  const { outcome } = row.data;
  return (outcome?.startsWith("failed") ? OUTCOME[outcome] : REPORT[row.type]) ?? row.type;
}

export function SyncSheet() {
  const { kind, message } = state.trouble.value;
  const away = !state.online.value || kind === "offline";
  const again = async (row: OutReport): Promise<void> => {
    const draft = await state.reopen(row);
    if (draft) open.value = { kind: draft.kind, stop: draft.stop };
  };
  return (
    <Sheet title={W.syncTitle} onClose={close} foot={
      <div class="actions"><Big icon="refresh" tone="soft" busy={state.sending.value} onClick={state.sendNow} wide>{W.sendNow}</Big></div>
    }>
      <div class={`notice ${away || kind === "server" ? "notice-warn" : kind ? "notice-bad" : "notice-go"}`}>
        <Icon name={away ? "offline" : kind ? "warn" : "check"} />
        <div>
          {away ? W.syncOffline : kind === "server" ? W.syncServer : kind === "forbidden" ? (message || W.syncForbidden) : W.syncOnline}
          {state.sentAt.value && <div class="small">{W.lastSent(ago(state.sentAt.value, state.now.value))}</div>}
        </div>
      </div>
      {state.refused.value.length > 0 && (
        <section class="stack gap-2">
          <h3>{W.refusedTitle}</h3>
          {state.refused.value.map((row) => {
            const there = state.day.value?.stops.some((stop) => stop.id === row.stop && !isDone(stop));
            return (
              <div key={row.sequence} class="refusal" data-testid="refused">
                <p><b>{whatOf(row)}</b> · <span class="numbers">{time(row.device_at)}</span></p>
                {row.about && <p class="muted">{row.about}</p>}
                <p class="refusal-why">{row.message}</p>
                <div class="row-wrap">
                  {row.type === "attempted" && there && <button type="button" class="button button-primary tall" onClick={() => void again(row)}>{W.fixAndSend}</button>}
                  <button type="button" class="button tall" onClick={() => void state.acknowledge(row)}>{W.understood}</button>
                </div>
              </div>
            );
          })}
        </section>
      )}
      {state.waiting.value.length > 0 ? (
        <section class="stack gap-2">
          <h3>{W.unsentTitle}</h3>
          <ol class="unsent">
            {state.waiting.value.map((row) => (
              <li key={row.sequence} data-testid="unsent"><span class="numbers muted">{time(row.device_at)}</span><b>{whatOf(row)}</b><span class="grow clip muted">{row.about}</span></li>
            ))}
          </ol>
        </section>
      ) : unsentLines.value.length === 0 && <p class="muted">{W.nothingUnsent}</p>}
      {unsentLines.value.length > 0 && <p class="with-icon"><Icon name="chat" /><span>{M.waitingCount(unsentLines.value.length)}</span></p>}
      {(state.photosWaiting.value > 0 || state.fixesWaiting.value > 0) && (
        <p class="muted small numbers">
          {[state.photosWaiting.value ? W.photosWaiting(state.photosWaiting.value) : "", state.fixesWaiting.value ? W.fixesWaiting(state.fixesWaiting.value) : ""].filter(Boolean).join(" · ")}
        </p>
      )}
    </Sheet>
  );
}
