// The server's doors for zones and for who keeps to them.
import { call } from "../api";
import type { DriverRow, ZoneRow } from "../rows";
import type { Outline } from "./state";

export interface ZoneFields {
  name: string;
  color: string;
  outline: Outline;
  drivers: string[];
}

export function add(fields: ZoneFields): Promise<ZoneRow> {
  return call("zones/", "POST", fields);
}

export function change(id: string, fields: Partial<ZoneFields> & { status?: "retired" }): Promise<ZoneRow> {
  return call(`zones/${id}/`, "PATCH", fields);
}

export function makeStrict(driver: string, strict: boolean): Promise<DriverRow> {
  return call(`drivers/${driver}/`, "PATCH", { zones_strict: strict });
}
