// The driver's own tab: duty, position, choices of this phone, signing out.
import { useSignal } from "@preact/signals";
import { setTheme } from "../../ui/theme";
import { ago } from "../format";
import { install, installable, isInstalled, isIos, persistent } from "../phone/install";
import { choose, chosen, NAVIGATORS } from "../phone/navigators";
import { lastFix, receiver } from "../phone/position";
import { awake, canStayAwake } from "../phone/wake";
import * as state from "../state";
import { W } from "../words";
import { Big, Icon } from "./parts";
import { open } from "./ui";

function positionWord(): string {
  if (!window.isSecureContext) return W.insecure;
  const fix = lastFix.value;
  switch (receiver.value) {
    case "on": return fix ? W.posOn(ago(fix.fix_at, state.now.value)) : W.posWaiting;
    case "waiting": return W.posWaiting;
    case "denied": return W.posDenied;
    case "none": return W.posNone;
    default: return W.posOff;
  }
}

export function You() {
  const day = state.day.value;
  const refused = useSignal("");
  const duty = day?.driver.duty ?? "off_duty";
  const clockOff = Math.round(state.skewMs.value / 60_000);
  const leave = async (): Promise<void> => {
    refused.value = await state.signOut();
  };
  return (
    <div class="you">
      <section class="box">
        <div class="you-name"><Icon name="person" size="large" /><div class="grow"><h1>{state.session.value?.driver.name}</h1><p class="muted">{state.session.value?.organization.name}</p></div>
          <span class="status" data-state={duty}>{duty === "on_duty" ? W.onDuty : duty === "on_break" ? W.onABreak : W.offDuty}</span></div>
        <div class="buttons">
          {duty === "off_duty" && <Big icon="truck" onClick={() => void state.goOnDuty()} wide>{W.goOnDuty}</Big>}
          {duty === "on_duty" && <Big icon="cup" onClick={() => void state.startBreak()} wide>{W.startBreak}</Big>}
          {duty === "on_break" && <Big icon="truck" tone="primary" onClick={() => void state.endBreak()} wide>{W.endBreak}</Big>}
          {duty === "on_duty" && !state.underWay.value && <Big icon="leave" onClick={() => void state.goOffDuty()} wide>{W.goOffDuty}</Big>}
          {state.underWay.value && duty !== "on_break" && <Big icon="flag" onClick={() => { open.value = { kind: "complete" }; }} wide>{W.completeRoute}</Big>}
          {day?.organization.phone && <a class="big big-plain big-wide" href={`tel:${day.organization.phone}`}><Icon name="phone" size="large" /><span>{W.callOffice}</span></a>}
        </div>
      </section>
      <section class="box">
        <h2>{W.position}</h2>
        <p class="with-icon"><Icon name="signal" /><span>{positionWord()}</span></p>
        <p class="with-icon"><Icon name={canStayAwake ? "sun" : "warn"} /><span>{canStayAwake ? (state.underWay.value && !awake.value ? W.awakeRefused : W.awake) : W.awakeNot}</span></p>
        <p class="muted small">{W.posScreen}</p>
        <p class="muted small">{W.dutyHint}</p>
      </section>
      <section class="box">
        <div class="field">
          <label for="navigator"><h2>{W.navApp}</h2></label>
          <select id="navigator" class="select tall" value={chosen.value} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">–</option>
            {NAVIGATORS.map((app) => <option key={app.id} value={app.id}>{app.name}</option>)}
          </select>
        </div>
        <div class="field">
          <h2 id="look">{W.look_theme}</h2>
          <div class="thirds" role="group" aria-labelledby="look">
            {(["light", "dark"] as const).map((name) => <button key={name} type="button" class="button tall" onClick={() => setTheme(name)}><Icon name={name === "light" ? "sun" : "moon"} />{name === "light" ? W.light : W.dark}</button>)}
          </div>
        </div>
      </section>
      <section class="box">
        {installable.value && !isInstalled() && <Big icon="plus" onClick={() => void install()} wide>{W.install}</Big>}
        {!installable.value && isIos() && !isInstalled() && <p class="with-icon"><Icon name="export" /><span>{W.installIos}</span></p>}
        {persistent.value !== null && <p class="with-icon"><Icon name={persistent.value ? "check" : "info"} /><span>{persistent.value ? W.storageKept : W.storageSoft}</span></p>}
        {Math.abs(clockOff) >= 2 && <p class="with-icon"><Icon name="clock" /><span>{W.clockWrong(clockOff)}</span></p>}
        <p class="error" role="alert">{refused.value}</p>
        <Big icon="leave" onClick={() => void leave()} wide>{W.signOut}</Big>
        <p class="muted small center">{W.signOutHint}</p>
      </section>
    </div>
  );
}
