// "Message", wherever there is a driver or a recipient to write to.
import type { JSX } from "preact";
import { toast } from "../../ui/toasts";
import { Icon } from "../parts/Bits";
import { mayWrite, open } from "./store";

interface Props {
  to: { driver: string } | { order: string };
  /** The stop that a line to a driver is about. */
  stop?: { id: string; line: string };
  label: string;
  quiet?: boolean;
}

export function WriteButton({ to, stop, label, quiet = false }: Props): JSX.Element | null {
  if (!mayWrite.value) return null;
  const write = async (): Promise<void> => {
    const fault = await open(to, stop ?? null);
    if (fault) toast(fault, "bad");
  };
  return (
    <button class={`button button-small${quiet ? " button-quiet" : ""}`} onClick={() => void write()}>
      <Icon name="chat" size="small" />
      {label}
    </button>
  );
}
