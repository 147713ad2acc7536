// Somebody's open board, as the server tells of it.
import type { Row } from "../rows";

export interface PresenceRow extends Row {
  day: string;
  member: string;
  name: string;
  /** Which of the people's colours, from 0. */
  color: number;
  /** The ids of the stops and routes that are selected there. */
  selected: string[];
}
