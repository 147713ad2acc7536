// The conversations as a list, unread ones first; one of them fills the panel when it is opened.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Empty, Icon } from "../parts/Bits";
import { format, serverNow } from "../store";
import { openBroadcast } from "./Broadcast";
import { notifying, toggleNotifying } from "./notify";
import type { ThreadRow } from "./rows";
import { inbox, mayWrite, nameOf, show, thread, trouble, unread, unreadOf } from "./store";
import { ThreadView } from "./Thread";
import { fromUs, roleWord, stateWord } from "./words";
import "./messages.css";
import { n, t } from "../../ui/words";

/** The time of today, else the day. */
export function shortTime(at: string): string {
  const today = format.value.dayOf(new Date(serverNow()));
  const day = format.value.dayOf(new Date(at));
  return day === today ? format.value.time(at) : format.value.date(day);
}

function Line({ row }: { row: ThreadRow }): JSX.Element {
  const news = unreadOf(row);
  const { last } = row;
  return (
    <li>
      <button class={`thread-line${news ? " is-unread" : ""}`} data-open-thread={row.id} onClick={() => show(row.id)}>
        <span class="thread-face" style={{ "--face": row.driver?.color ?? "var(--ink-3)" }} aria-hidden="true">
          <Icon name={row.kind === "driver" ? "truck" : "person"} size="small" />
        </span>
        <span class="thread-words">
          <span class="row gap-2">
            <span class="thread-name clip">{nameOf(row)}</span>
            <span class="tiny muted nowrap clip">{roleWord(row)}</span>
          </span>
          <span class="thread-last clip">
            {last && fromUs(last) && <span class={last.state === "failed" ? "is-late" : "muted"}>{last.state === "failed" ? `${stateWord(last, row.kind)}: ` : `${last.author_name.split(" ")[0]}: `}</span>}
            {last?.text}
          </span>
        </span>
        <span class="thread-side">
          <time class="tiny muted numbers" dateTime={row.last_at}>{shortTime(row.last_at)}</time>
          {news > 0 && <span class="count count-news" aria-label={t("{count} unread", { count: news })}>{news}</span>}
        </span>
      </button>
    </li>
  );
}

function Notifying(): JSX.Element | null {
  const now = notifying.value;
  if (now === "impossible") return null;
  const title = now === "denied" ? t("This browser refuses notifications for this site: allow them in its settings.") : t("Show new messages as notifications of this computer while the board is in the background");
  return (
    <button class="button button-small button-quiet" aria-pressed={now === "on"} disabled={now === "denied"} title={title} onClick={() => void toggleNotifying()}>
      <Icon name="bell" size="small" />
      {now === "on" ? t("Notifications on") : t("Notify me")}
    </button>
  );
}

export function MessagesPanel(): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  if (thread.value) return <ThreadView key={thread.value.id} row={thread.value} />;
  const rows = inbox.value;
  /** Up and down go from one conversation to the next. */
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
    event.preventDefault();
  };
  return (
    <div class="inbox">
      <div class="inbox-head">
        {mayWrite.value && (
          <button class="button button-small" onClick={() => openBroadcast({ stops: [], drivers: [] })}>
            <Icon name="send" size="small" />
            {t("Write to many…")}
          </button>
        )}
        <Notifying />
        <span class="only-heard" role="status">{unread.value ? n("{count} unread message", "{count} unread messages", unread.value) : ""}</span>
      </div>
      {trouble.value && <p class="notice notice-warn small">{trouble.value}</p>}
      {rows.length === 0 ? (
        <Empty icon="chat" title={t("No messages yet")}>
          <p>{t("Write to a driver from their route, or to a recipient from a stop. Their answers appear here at once.")}</p>
        </Empty>
      ) : (
        <ul class="thread-list" ref={list} onKeyDown={walk} aria-label={t("Conversations")}>
          {rows.map((row) => (
            <Line key={row.id} row={row} />
          ))}
        </ul>
      )}
    </div>
  );
}
