// The board: lists on the left, the map on the right, one stop in full over it.
import type { JSX } from "preact";
import { trouble } from "../live";
import { BroadcastDialog } from "../messages/Broadcast";
import { MessagesPanel } from "../messages/Inbox";
import { unread } from "../messages/store";
import { tab, type Tab, view } from "../state";
import { counts, day, depots, format, loaded, opening, shownRoutes, solving, totals } from "../store";
import { Queue } from "../exceptions/Queue";
import { queue } from "../exceptions/queueing";
import { Empty, Icon } from "./Bits";
import { Drawer } from "./Drawer";
import { ConflictDialog } from "./ConflictDialog";
import { Ghost } from "./Ghost";
import { DayChooser, Head, Reload } from "./Head";
import { Ready, Unassigned } from "./Left";
import { MapPane } from "./MapPane";
import { MoveDialog } from "./MoveDialog";
import { Routes } from "./Routes";
import { LiveBar } from "./LiveBar";
import { Help } from "./Help";
import { Palette } from "./Palette";
import { Panes } from "./Panes";
import { SelectionBar } from "./SelectionBar";
import { size } from "../timeline/state";
import { Timeline } from "../timeline/Timeline";
import { walk } from "../walking";
import { Preview } from "../proposal/Preview";
import { shown as proposal } from "../proposal/state";
import { ZoneDialogs } from "../zones/Dialogs";
import { n, t } from "../../ui/words";

function TabButton({ name, label, rows, warn = false }: { name: Tab; label: string; rows: number; warn?: boolean }): JSX.Element {
  return (
    <button role="tab" id={`tab-${name}`} aria-selected={tab.value === name} aria-controls="board-list" {...(name === "routes" ? { "data-drop-tab": name } : name === "unassigned" ? { "data-drop-tab": name, "data-drop-lane": "off" } : {})} onClick={() => (tab.value = name)}>
      {label}
      <span class={`count${warn && rows ? " count-warn" : ""}`}>{rows}</span>
    </button>
  );
}

function NoRoutes({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const waits = counts.value.ready + counts.value.waiting;
  if (solving.value) {
    return (
      <Empty icon="spark" title={t("Looking for the best routes")}>
        <p>{t("They appear here and on the map as soon as the search ends.")}</p>
      </Empty>
    );
  }
  return (
    <Empty icon="route" title={t("No routes yet")}>
      <p>
        {waits === 0 ? t("As soon as an order is ready, the day can be planned.") : n("{count} stop waits to be planned.", "{count} stops wait to be planned.", waits)}
        {waits > 0 && mayPlan && ` ${t("Press “Plan” above: routes appear here and on the map.")}`}
      </p>
    </Empty>
  );
}

function Lists({ mayPlan, nothing }: { mayPlan: boolean; nothing: boolean }): JSX.Element {
  const shown = tab.value;
  const ofDay = shown === "routes" || shown === "unassigned" || shown === "ready";
  return (
    <>
      <div class="tabs board-tabs" role="tablist" aria-label={t("Lists")}>
        <TabButton name="routes" label={t("Routes")} rows={shownRoutes.value.length} />
        <TabButton name="exceptions" label={t("Exceptions")} rows={queue.value.length} warn />
        <TabButton name="unassigned" label={t("Unassigned")} rows={counts.value.unassigned} warn />
        <TabButton name="ready" label={t("Not planned")} rows={counts.value.ready + counts.value.waiting} />
        <button role="tab" id="tab-messages" class="tab-chat" aria-selected={tab.value === "messages"} aria-controls="board-list" aria-label={unread.value ? t("Messages, {count} unread", { count: unread.value }) : t("Messages")} title={t("Messages")} onClick={() => (tab.value = "messages")}>
          <Icon name="chat" />
          {unread.value > 0 && <span class="count count-news">{unread.value}</span>}
        </button>
      </div>
      <div class="board-list" id="board-list" role="tabpanel" aria-labelledby={`tab-${shown}`} data-scroll onKeyDown={walk}>
        {nothing && ofDay && <NothingToday mayPlan={mayPlan} />}
        {!nothing && shown === "routes" &&
          (shownRoutes.value.length ? (
            <Routes mayPlan={mayPlan} />
          ) : (
            <>
              <NoRoutes mayPlan={mayPlan} />
              <Routes mayPlan={mayPlan} />
            </>
          ))}
        {!nothing && shown === "unassigned" && (opening.value ? <Skeleton /> : <Unassigned mayPlan={mayPlan} />)}
        {!nothing && shown === "ready" && (opening.value ? <Skeleton /> : <Ready mayPlan={mayPlan} />)}
        {shown === "messages" && <MessagesPanel />}
        {shown === "exceptions" && <Queue mayPlan={mayPlan} />}
      </div>
    </>
  );
}

function NothingToday({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  if (depots.value.length === 0) {
    return (
      <Empty icon="depot" title={t("No depot yet")}>
        <p>{t("Routes begin and end at a depot. Add one, with vehicles and drivers, and the day can be planned.")}</p>
      </Empty>
    );
  }
  return (
    <Empty icon="orders" title={t("Nothing for {day}", { day: format.value.dayLong(day.value) })}>
      <p>{mayPlan ? t("Import the day’s orders from a spreadsheet, add one by hand, or let your shop send them through the API.") : t("Orders of this day appear here as soon as there are some.")}</p>
      {mayPlan && <div class="row-wrap">
        <a class="button button-primary" href={`/orders/import/?day=${day.value}`}>
          <Icon name="import" />
          {t("Import orders")}
        </a>
        <a class="button" href={`/orders/new/?day=${day.value}`}>
          <Icon name="plus" />
          {t("Add an order")}
        </a>
      </div>}
    </Empty>
  );
}

export function Skeleton(): JSX.Element {
  return (
    <div class="board-skeleton" aria-busy="true" aria-label={t("Loading")}>
      {Array.from({ length: 6 }, (_, index) => (
        <div class="route-skeleton" key={index}>
          <div class="skeleton" style={{ width: `${50 + ((index * 17) % 30)}%` }} />
          <div class="skeleton" style={{ width: `${70 + ((index * 11) % 25)}%` }} />
        </div>
      ))}
    </div>
  );
}

function Panel({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  if (!loaded.value && !opening.value) {
    return (
      <div class="panel">
        <header class="panel-head">
          <DayChooser />
        </header>
        {trouble.value ? (
          <Empty icon="offline" title={t("The board could not be loaded")}>
            <p>{trouble.value}</p>
            <Reload />
          </Empty>
        ) : (
          <Skeleton />
        )}
      </div>
    );
  }
  const nothing =
    counts.value.ready === 0 && totals.value.stops === 0 && shownRoutes.value.length === 0 && (counts.value.attention === 0 || depots.value.length === 0);
  return (
    <div class="panel">
      <Head mayPlan={mayPlan} />
      {trouble.value && (
        <div class="notice notice-warn small panel-trouble" role="status">
          <Icon name="offline" />
          <div class="grow">{trouble.value} {t("What you see may be old.")}</div>
          <Reload />
        </div>
      )}
      {proposal.value ? <Preview mayPlan={mayPlan} /> : <Lists mayPlan={mayPlan} nothing={nothing} />}
    </div>
  );
}

export function App({ mayPlan, workerUrl }: { mayPlan: boolean; workerUrl: string }): JSX.Element {
  return (
    <div class={`board shows-${view.value}`}>
      <h1 class="only-heard">{t("Board")}</h1>
      <LiveBar />
      <Panel mayPlan={mayPlan} />
      <div class={`stage${size.value.full ? " is-full" : ""}${size.value.folded ? " is-folded" : ""}`} style={{ "--gantt-share": `${size.value.share * 100}%` }}>
        <MapPane workerUrl={workerUrl} mayPlan={mayPlan} />
        <Timeline mayPlan={mayPlan} />
        <SelectionBar />
      </div>
      <Drawer mayPlan={mayPlan} />
      <MoveDialog />
      <ConflictDialog />
      <BroadcastDialog />
      <ZoneDialogs />
      <Ghost />
      <Panes />
      <Help />
      <Palette />
    </div>
  );
}
