// The board: lists on the left, the map on the right, one stop in full over it.
import type { JSX } from "preact";
import { trouble } from "../live";
import { dragged } from "../drag";
import { phoneView, tab, type Tab } from "../state";
import { attention, day, depots, format, loaded, ready, shownRoutes, solving, totals, unassigned, waiting } from "../store";
import { count } from "../words";
import { Empty, Icon } from "./Bits";
import { Drawer } from "./Drawer";
import { DayChooser, Head, Reload } from "./Head";
import { Ready, Unassigned } from "./Left";
import { MapPane } from "./MapPane";
import { MoveDialog } from "./MoveDialog";
import { Routes } from "./Routes";
import { street } from "./Stop";

function TabButton({ name, label, n, warn = false }: { name: Tab; label: string; n: number; warn?: boolean }): JSX.Element {
  return (
    <button role="tab" id={`tab-${name}`} aria-selected={tab.value === name} aria-controls="board-list" data-drop-tab={name} onClick={() => (tab.value = name)}>
      {label}
      <span class={`count${warn && n ? " count-warn" : ""}`}>{n}</span>
    </button>
  );
}

function NoRoutes({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const n = ready.value.length + waiting.value.length;
  if (solving.value) {
    return (
      <Empty icon="spark" title="Looking for the best routes">
        <p>They appear here and on the map as soon as the search ends.</p>
      </Empty>
    );
  }
  return (
    <Empty icon="route" title="No routes yet">
      <p>
        {n === 0
          ? "As soon as an order is ready, the day can be planned."
          : `${count(n, "stop")} ${n === 1 ? "waits" : "wait"} to be planned.${mayPlan ? " Press “Plan” above: routes appear here and on the map." : ""}`}
      </p>
    </Empty>
  );
}

function Lists({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const shown = tab.value;
  return (
    <>
      <div class="tabs board-tabs" role="tablist" aria-label="Lists">
        <TabButton name="routes" label="Routes" n={shownRoutes.value.length} />
        <TabButton name="unassigned" label="Unassigned" n={unassigned.value.length} warn />
        <TabButton name="ready" label="Not planned" n={ready.value.length + waiting.value.length} />
      </div>
      <div class="board-list" id="board-list" role="tabpanel" aria-labelledby={`tab-${shown}`} data-scroll>
        {shown === "routes" &&
          (shownRoutes.value.length ? (
            <Routes mayPlan={mayPlan} />
          ) : (
            <>
              <NoRoutes mayPlan={mayPlan} />
              <Routes mayPlan={mayPlan} />
            </>
          ))}
        {shown === "unassigned" && <Unassigned mayPlan={mayPlan} />}
        {shown === "ready" && <Ready mayPlan={mayPlan} />}
      </div>
    </>
  );
}

function NothingToday(): JSX.Element {
  if (depots.value.length === 0) {
    return (
      <Empty icon="depot" title="No depot yet">
        <p>Routes begin and end at a depot. Add one, with vehicles and drivers, and the day can be planned.</p>
      </Empty>
    );
  }
  return (
    <Empty icon="orders" title={`Nothing for ${format.value.dayLong(day.value)}`}>
      <p>Import the day’s orders from a spreadsheet, add one by hand, or let your shop send them through the API.</p>
      <div class="row-wrap">
        <a class="button button-primary" href={`/orders/import/?day=${day.value}`}>
          <Icon name="import" />
          Import orders
        </a>
        <a class="button" href={`/orders/new/?day=${day.value}`}>
          <Icon name="plus" />
          Add an order
        </a>
      </div>
    </Empty>
  );
}

export function Skeleton(): JSX.Element {
  return (
    <div class="board-skeleton" aria-busy="true" aria-label="Loading">
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
  if (!loaded.value) {
    return (
      <div class="panel">
        <header class="panel-head">
          <DayChooser />
        </header>
        {trouble.value ? (
          <Empty icon="offline" title="The board could not be loaded">
            <p>{trouble.value}</p>
            <Reload />
          </Empty>
        ) : (
          <Skeleton />
        )}
      </div>
    );
  }
  const nothing = ready.value.length === 0 && totals.value.stops === 0 && shownRoutes.value.length === 0;
  return (
    <div class="panel">
      <Head mayPlan={mayPlan} />
      {trouble.value && (
        <div class="notice notice-warn small panel-trouble" role="status">
          <Icon name="offline" />
          <div class="grow">{trouble.value} What you see may be old.</div>
          <Reload />
        </div>
      )}
      {nothing && (attention.value.length === 0 || depots.value.length === 0) ? <NothingToday /> : <Lists mayPlan={mayPlan} />}
    </div>
  );
}

/** What is being dragged, under the pointer. */
function Ghost(): JSX.Element | null {
  const now = dragged.value;
  if (!now) return null;
  return (
    <div class="ghost" style={{ transform: `translate(${now.x + 14}px, ${now.y + 10}px)` }} aria-hidden="true">
      <Icon name="pin" size="small" />
      {street(now.stop.place.line)[0]}
    </div>
  );
}

export function App({ mayPlan, workerUrl }: { mayPlan: boolean; workerUrl: string }): JSX.Element {
  return (
    <div class={`board shows-${phoneView.value}`}>
      <Panel mayPlan={mayPlan} />
      <MapPane workerUrl={workerUrl} />
      <Drawer mayPlan={mayPlan} />
      <MoveDialog />
      <Ghost />
      <div class="segmented phone-switch" role="group" aria-label="View">
        <button aria-pressed={phoneView.value === "list"} onClick={() => (phoneView.value = "list")}>
          <Icon name="orders" size="small" />
          List
        </button>
        <button aria-pressed={phoneView.value === "map"} onClick={() => (phoneView.value = "map")}>
          <Icon name="pin" size="small" />
          Map
        </button>
      </div>
    </div>
  );
}
