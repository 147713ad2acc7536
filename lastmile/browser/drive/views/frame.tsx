// Around every tab: what is driven and how far, the connection, and the tabs.
import { progress } from "../core/day";
import { unread, unsent as unsentLines } from "../messages/state";
import { M } from "../messages/words";
import { day, fixesWaiting, online, outdated, refused, sending, trouble, waiting } from "../state";
import { dayWord, time } from "../format";
import { takeUpdate, update } from "../phone/install";
import { W } from "../words";
import { Icon } from "./parts";
import { open, tab, type Tab } from "./ui";

/** The state of the connection in two words; always on the screen. */
export function SyncPill() {
  const unsent = waiting.value.length + unsentLines.value.length;
  const bad = refused.value.length;
  const away = !online.value || trouble.value.kind === "offline" || trouble.value.kind === "server";
  const icon = bad ? "warn" : away ? "offline" : sending.value && unsent ? "refresh" : unsent ? "send" : "check";
  const words = [bad ? W.look(bad) : "", away ? W.offline : "", unsent ? W.unsent(unsent) : ""].filter(Boolean);
  const text = words.join(" · ") || W.allSent;
  return (
    <button type="button" class="pill" data-tone={bad ? "bad" : away ? "warn" : unsent ? "info" : "go"} data-testid="sync" data-unsent={unsent}
      data-positions={fixesWaiting.value} aria-label={W.syncLabel(text)} onClick={() => { open.value = { kind: "sync" }; }}>
      <Icon name={icon} size="small" /><span>{text}</span>
    </button>
  );
}

export function Header() {
  const today = day.value;
  const route = today?.route ?? null;
  const { done, total } = today ? progress(today) : { done: 0, total: 0 };
  return (
    <header class="top">
      <div class="top-row">
        <div class="top-what">
          <div class="top-name clip">{route && <i class="dot-route" style={{ background: route.color }} />}{route ? route.vehicle.name : (today?.organization.name ?? W.app)}</div>
          <div class="top-note clip numbers">
            {route ? <><b>{done}</b> {W.of} {total} {W.stopsWord}{breakNote()}</> : today ? dayWord(today.day) : ""}
          </div>
        </div>
        <SyncPill />
      </div>
      {route && (
        <div class="top-progress" role="progressbar" aria-label={W.progressLabel(done, total)} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
          <span style={{ width: `${total ? (100 * done) / total : 0}%` }} />
        </div>
      )}
    </header>
  );
}

function breakNote(): string {
  const rest = day.value?.route?.rest;
  if (rest && Date.parse(rest.end) > Date.now() && day.value?.route?.status !== "completed") return ` · ${W.nextBreak(time(rest.start))}`;
  return "";
}

export function Banners() {
  return (
    <div class="banners" role="status">
      {refused.value.length > 0 && (
        <button type="button" class="banner banner-bad" onClick={() => { open.value = { kind: "sync" }; }}>
          <Icon name="warn" /><span class="grow">{W.refusedBanner(refused.value.length)}</span><b>{W.show}</b>
        </button>
      )}
      {outdated.value && day.value && <div class="banner banner-warn"><Icon name="offline" /><span>{W.oldDay(dayWord(day.value.day))}</span></div>}
      {trouble.value.kind === "forbidden" && <div class="banner banner-bad"><Icon name="lock" /><span>{trouble.value.message || W.syncForbidden}</span></div>}
      {update.value && (
        <button type="button" class="banner banner-info" onClick={takeUpdate}>
          <Icon name="spark" /><span class="grow">{W.update}</span><b>{W.updateNow}</b>
        </button>
      )}
    </div>
  );
}

const TABS: [Tab, string, string][] = [["now", "truck", W.tabNow], ["stops", "orders", W.tabStops], ["map", "route", W.tabMap], ["messages", "chat", M.tab], ["you", "person", W.tabYou]];

export function Tabs() {
  return (
    <nav class="tabs-bar" aria-label="Lastmile">
      {TABS.map(([id, icon, word]) => (
        <button key={id} type="button" class="tab" aria-current={tab.value === id ? "page" : undefined} onClick={() => { tab.value = id; }}>
          <Icon name={icon} size="large" /><span>{word}</span>
          {id === "messages" && unread.value.length > 0 && <span class="tab-badge" aria-label={M.unread(unread.value.length)}>{unread.value.length}</span>}
        </button>
      ))}
    </nav>
  );
}
