// Writing to the dispatchers from the tracking page: a line is sent once, and answers appear by themselves.

const EVERY_MS = 10_000;
const MOST_MS = 120_000;
const ADDRESS = "messages/";

interface Line { id: string; mine: boolean; text: string; at: string; clock: string; read: boolean }
interface Conversation { open: boolean; messages: Line[]; organization: string; most: number }

/** What was typed outlives that the page is loaded anew when the delivery gets on; its id makes a line sent twice one. */
class Draft {
  private readonly key = `talk ${location.pathname}`;
  text = "";
  id = "";
  /** It may have arrived although no answer came: other words are another line from then on. */
  tried = false;

  constructor() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "{}") as { text?: string; id?: string };
      this.text = kept.text ?? "";
      this.id = kept.id ?? "";
    } catch {
      // Nothing was kept.
    }
  }

  put(text: string): void {
    if (this.tried && text !== this.text) this.id = "";
    this.tried &&= text === this.text;
    this.text = text;
    this.id ||= newId();
    this.keep();
  }

  clear(): void {
    this.text = "";
    this.id = "";
    this.tried = false;
    this.keep();
  }

  private keep(): void {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ text: this.text, id: this.id }));
    } catch {
      // Kept on this page alone.
    }
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

async function ask(body?: Record<string, string>): Promise<Response> {
  return fetch(ADDRESS, {
    method: body ? "POST" : "GET", headers: { Accept: "application/json" }, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
    ...(body ? { body: new URLSearchParams(body) } : {}),
  });
}

export function talk(box: HTMLElement): void {
  const list = box.querySelector<HTMLElement>("[data-talk-lines]");
  const form = box.querySelector<HTMLFormElement>("form");
  const field = box.querySelector<HTMLTextAreaElement>("textarea");
  const button = form?.querySelector("button");
  const fault = box.querySelector<HTMLElement>("[data-talk-fault]");
  const closed = box.querySelector<HTMLElement>("[data-talk-closed]");
  if (!list || !form || !field || !button || !fault || !closed) return;
  const draft = new Draft();
  let shown = "";
  let told = "";
  let waitMs = EVERY_MS;
  let timer = 0;
  field.value = draft.text;

  function show(next: Conversation): void {
    form!.hidden = !next.open;
    closed!.hidden = next.open;
    box.hidden = !next.open && next.messages.length === 0;
    const key = JSON.stringify(next.messages);
    if (key !== shown) {
      shown = key;
      list!.replaceChildren(...next.messages.map((line) => drawn(line, next.organization)));
      list!.scrollTop = list!.scrollHeight;
    }
    const newest = next.messages.filter((line) => !line.mine).pop();
    if (newest && !newest.read && newest.id !== told && !document.hidden) {
      told = newest.id;
      void ask({ read: newest.id }).catch(() => undefined);
    }
  }

  async function look(): Promise<void> {
    try {
      const answer = await ask();
      if (!answer.ok) throw new Error(String(answer.status));
      show((await answer.json()) as Conversation);
      waitMs = EVERY_MS;
    } catch {
      waitMs = Math.min(MOST_MS, waitMs * 2);
    }
    plan();
  }

  function plan(): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), document.hidden ? MOST_MS : waitMs);
  }

  async function send(): Promise<void> {
    if (!draft.text.trim() || button!.disabled) return;
    button!.disabled = true;
    fault!.textContent = "";
    draft.tried = true;
    try {
      const answer = await ask({ text: draft.text, id: draft.id });
      const said = (await answer.json()) as Conversation & { message?: string };
      if (!answer.ok) throw new Error(said.message ?? "");
      draft.clear();
      field!.value = "";
      show(said);
    } catch (error) {
      const why = error instanceof Error && !(error instanceof TypeError) && !(error instanceof SyntaxError) ? error.message : "";
      fault!.textContent = why || "That did not get through. What you wrote is still here: try again in a moment.";
    } finally {
      button!.disabled = false;
    }
  }

  field.addEventListener("input", () => draft.put(field.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look();
  });
  window.addEventListener("online", () => void look());
  void look();
}

function drawn(line: Line, organization: string): HTMLElement {
  const item = document.createElement("li");
  item.className = line.mine ? "talk-line is-mine" : "talk-line";
  const text = document.createElement("p");
  text.className = "talk-text";
  text.textContent = line.text;
  const note = document.createElement("p");
  note.className = "talk-note";
  const time = document.createElement("time");
  time.dateTime = line.at;
  time.textContent = line.clock;
  note.append(`${line.mine ? "You" : organization}, `, time, line.mine && line.read ? " · read" : "");
  item.append(text, note);
  return item;
}
