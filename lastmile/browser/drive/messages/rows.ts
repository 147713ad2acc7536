// The driver's conversation with the office, as the server says it and as the phone keeps it.

export interface Line {
  id: string;
  author: "member" | "driver" | "recipient" | "system";
  author_name: string;
  text: string;
  at: string;
  stop: { id: string; line: string } | null;
  client_id: string;
  state: "queued" | "sent" | "failed" | "read";
  read_at: string | null;
}

/** Written on this phone and not taken by the server yet, or refused by it. */
export interface OutLine {
  id: string;
  driver: string;
  text: string;
  device_at: string;
  stop: { id: string; line: string } | null;
  state: "waiting" | "refused";
  message: string;
}

export const fromOffice = (line: Line): boolean => line.author === "member" || line.author === "system";
