// The page: sign-in, or the frame with its tabs, and what lies over it.
import { useEffect, useErrorBoundary } from "preact/hooks";
import { toast } from "../../ui/toasts";
import { Composer, Messages } from "../messages/view";
import { askToPersist } from "../phone/install";
import { receiver, start, stop as stopWatching } from "../phone/position";
import { stayAwake } from "../phone/wake";
import * as state from "../state";
import { loadDraft } from "../store/outbox";
import { W } from "../words";
import { AttemptSheet } from "./attempt";
import { Banners, Header, Tabs } from "./frame";
import { drawable, RouteMap } from "./map";
import { Actions, Now } from "./now";
import { Big } from "./parts";
import { CompleteSheet, NavigatorSheet, SkipSheet, SyncSheet } from "./sheets";
import { SignIn } from "./sign_in";
import { Stops, StopSheet } from "./stops";
import { open, tab } from "./ui";
import { You } from "./you";

export function App() {
  const [error, again] = useErrorBoundary((problem) => console.error(problem));
  if (error) {
    return (
      <main class="gate-drive"><div class="gate-card"><p class="lead">{W.broken}</p>
        <Big tone="primary" wide onClick={() => { again(); location.reload(); }}>{W.reload}</Big></div></main>
    );
  }
  if (!state.ready.value) return null;
  if (state.broken.value) return <main class="gate-drive"><div class="gate-card"><p class="lead" role="alert">{state.broken.value}</p></div></main>;
  return state.session.value && !state.signedOut.value ? <Signed /> : <SignIn />;
}

function Signed() {
  const driving = state.underWay.value && state.onDuty.value;
  useEffect(() => void askToPersist().catch(() => undefined), []);
  useEffect(() => {
    if (driving) start(state.sendSoon);
    else if (receiver.peek() !== "off") stopWatching();
    stayAwake(driving);
    return () => {
      stopWatching();
      stayAwake(false);
    };
  }, [driving]);
  useEffect(() => {
    if (!state.notice.value) return;
    toast(state.notice.value, "info");
    state.notice.value = "";
  }, [state.notice.value]);
  useEffect(() => {
    // The camera makes some phones throw the page away: the form that was open comes back.
    const at = state.stop.peek();
    if (at?.status === "arrived") {
      void loadDraft(at.id).then((draft) => {
        if (draft && open.peek() === null && (draft.outcome || draft.photos.length || draft.signature)) open.value = { kind: draft.kind, stop: at.id };
      });
    }
  }, []);
  const route = state.day.value?.route;
  const mapped = (tab.value === "now" && state.underWay.value && state.stop.value?.status !== "attempted" && state.onDuty.value) || tab.value === "map";
  return (
    <div class="drive" data-tab={tab.value} data-mapped={(mapped && drawable && Boolean(route)) || undefined}>
      <Header />
      <div class="body">
        {route && drawable && <RouteMap />}
        <main class="pane" id="content">
          <Banners />
          {tab.value === "now" && <Now />}
          {tab.value === "stops" && <Stops />}
          {tab.value === "messages" && <Messages />}
          {tab.value === "you" && <You />}
          {tab.value === "map" && !(route && drawable) && <p class="empty-note">{route ? W.mapMissing : W.noRouteTitle}</p>}
        </main>
        {tab.value === "now" && <Actions />}
        {tab.value === "messages" && <Composer />}
      </div>
      <Tabs />
      <Over />
    </div>
  );
}

function Over() {
  const over = open.value;
  switch (over?.kind) {
    case "stop": return <StopSheet key={over.stop} id={over.stop} />;
    case "deliver":
    case "fail": return <AttemptSheet key={`${over.kind} ${over.stop}`} id={over.stop} kind={over.kind} />;
    case "skip": return <SkipSheet id={over.stop} />;
    case "complete": return <CompleteSheet />;
    case "navigator": return <NavigatorSheet place={over.place} />;
    case "sync": return <SyncSheet />;
    default: return null;
  }
}
