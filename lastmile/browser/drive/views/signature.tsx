// A signature with a finger, a pen or a mouse; or the name typed, for who signs by keyboard.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { keepSignature } from "../phone/images";
import * as state from "../state";
import { dropUpload } from "../store/outbox";
import { W } from "../words";
import { Icon } from "./parts";
import { Stored } from "./photos";

const INK = "#0d1b3d";
/** A dot is no signature. */
const LEAST_PX = 40;
const SETTLE_MS = 350;

interface Props { id: string | null; onChange: (id: string | null, name?: string) => void }

export function SignaturePad({ id, onChange }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const typed = useSignal(false);
  const name = useSignal("");
  const drawn = useSignal(0);
  const problem = useSignal("");
  const at = useRef<[number, number] | null>(null);
  const timer = useRef(0);
  const held = useRef(id);
  held.current = id;
  // One that was kept before is shown; a new one is drawn on the pad.
  const fresh = useSignal(id === null);

  const ratio = (): number => Math.min(3, window.devicePixelRatio || 1);
  const prepare = (): CanvasRenderingContext2D | null => {
    const element = canvas.current;
    const pen = element?.getContext("2d") ?? null;
    if (!element || !pen) return null;
    element.width = Math.round(element.clientWidth * ratio());
    element.height = Math.round(element.clientHeight * ratio());
    pen.scale(ratio(), ratio());
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, element.clientWidth, element.clientHeight);
    Object.assign(pen, { strokeStyle: INK, fillStyle: INK, lineWidth: 2.4, lineCap: "round", lineJoin: "round" });
    return pen;
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const store = async (): Promise<void> => {
    const element = canvas.current;
    if (!element) return;
    try {
      const before = held.current;
      const kept = await keepSignature(element, state.session.value?.driver.id ?? "");
      onChange(kept, typed.value ? name.value.trim() : undefined);
      if (before) await dropUpload(before);
    } catch (error) {
      console.error(error);
      problem.value = W.keptNot;
    }
  };
  const later = (): void => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void store(), SETTLE_MS);
  };
  const clear = (): void => {
    window.clearTimeout(timer.current);
    if (held.current) void dropUpload(held.current);
    drawn.value = 0;
    name.value = "";
    fresh.value = true;
    onChange(null);
    if (canvas.current?.clientWidth) prepare();
  };
  const spot = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const down = (event: PointerEvent): void => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    window.clearTimeout(timer.current);
    // The pad gets its size when it is first touched, and a new one when the phone was turned meanwhile.
    if (canvas.current && canvas.current.width !== Math.round(canvas.current.clientWidth * ratio())) {
      prepare();
      drawn.value = 0;
    }
    at.current = spot(event);
  };
  const move = (event: PointerEvent): void => {
    const pen = canvas.current?.getContext("2d");
    if (!at.current || !pen || !event.isPrimary) return;
    // Between two frames a finger goes further than one straight line.
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const points = event.getCoalescedEvents?.() ?? [];
    for (const one of points.length ? points : [event]) {
      const next: [number, number] = [one.clientX - box.left, one.clientY - box.top];
      pen.beginPath();
      pen.moveTo(...at.current);
      pen.lineTo(...next);
      pen.stroke();
      drawn.value += Math.hypot(next[0] - at.current[0], next[1] - at.current[1]);
      at.current = next;
    }
  };
  const up = (): void => {
    if (!at.current) return;
    at.current = null;
    if (drawn.value >= LEAST_PX) later();
  };
  const type = (text: string): void => {
    name.value = text;
    const pen = prepare();
    const element = canvas.current;
    if (!pen || !element) return;
    const word = text.trim();
    let size = Math.min(64, element.clientHeight * 0.42);
    const font = (px: number): string => `italic ${px}px "Snell Roundhand", "Segoe Script", "Dancing Script", "URW Chancery L", cursive`;
    pen.font = font(size);
    const width = pen.measureText(word).width;
    if (width > element.clientWidth * 0.9) size *= (element.clientWidth * 0.9) / width;
    pen.font = font(size);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(word, element.clientWidth / 2, element.clientHeight / 2);
    if (word.length >= 2) later();
    else if (held.current) {
      void dropUpload(held.current);
      onChange(null);
    }
  };

  return (
    <div class="sign">
      {fresh.value ? (
        <div class="sign-box">
          <canvas ref={canvas} class="sign-pad" role="img" tabIndex={-1} aria-label={id ? W.signDone : W.signHelp}
            onPointerDown={typed.value ? undefined : down} onPointerMove={typed.value ? undefined : move} onPointerUp={up} onPointerCancel={up} />
          {!id && drawn.value === 0 && !typed.value && <span class="sign-here" aria-hidden="true">{W.sign}</span>}
        </div>
      ) : id ? <div class="sign-pad sign-kept"><Stored id={id} alt={W.signDone} /></div> : null}
      {typed.value && fresh.value && (
        <input class="input tall" aria-label={W.signName} placeholder={W.signName} maxLength={80} autocomplete="off" value={name.value} onInput={(event) => type(event.currentTarget.value)} />
      )}
      <div class="sign-tools">
        {id && <span class="chip chip-go"><Icon name="check" size="small" />{W.signDone}</span>}
        <span class="grow" />
        {(id || drawn.value > 0) && <button type="button" class="quiet" onClick={clear}><Icon name="refresh" />{fresh.value ? W.signClear : W.signRedo}</button>}
        <button type="button" class="quiet" onClick={() => {
          clear();
          typed.value = !typed.value;
        }}><Icon name="edit" />{typed.value ? W.signDrawn : W.signTyped}</button>
      </div>
      {problem.value && <p class="error" role="alert">{problem.value}</p>}
    </div>
  );
}
