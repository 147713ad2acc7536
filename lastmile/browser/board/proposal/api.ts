// The doors of proposals.
import { call } from "../api";
import type { OperationRow } from "../rows";
import type { Fleet, Proposal, ProposalRow, Wanted } from "./rows";

export function again(plan: string, wanted: Wanted, fresh: boolean): Promise<OperationRow> {
  const { objective, ...rest } = wanted;
  const named = objective ? { objective } : {};
  if (fresh) return call<OperationRow>(`plans/${plan}:optimize`, "POST", { seconds: wanted.seconds, preview: true, ...named });
  return call<OperationRow>(`plans/${plan}:reoptimize`, "POST", { ...rest, ...named, preview: true });
}

export function whatIf(plan: string, fleet: Fleet, seconds: number): Promise<OperationRow> {
  return call<OperationRow>(`plans/${plan}:what-if`, "POST", { fleet, seconds });
}

export function operation(id: string): Promise<OperationRow> {
  return call<OperationRow>(`operations/${id}/`);
}

export async function list(plan: string): Promise<ProposalRow[]> {
  return (await call<{ results: ProposalRow[] }>(`plans/${plan}/proposals/?open=1`)).results;
}

export function one(id: string, signal?: AbortSignal): Promise<Proposal> {
  return call<Proposal>(`proposals/${id}/`, "GET", undefined, signal);
}

export function accept(id: string, groups: string[] | null): Promise<Proposal> {
  return call<Proposal>(`proposals/${id}:accept`, "POST", groups ? { groups } : {});
}

export function reject(id: string): Promise<Proposal> {
  return call<Proposal>(`proposals/${id}:reject`, "POST", {});
}

export function arrange(id: string): Promise<Proposal> {
  return call<Proposal>(`proposals/${id}:arrange`, "POST", {});
}
