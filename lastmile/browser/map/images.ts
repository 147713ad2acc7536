// Small pictures for the map, drawn on a canvas when the map first asks for them by name. Text is drawn with the
// system's font, so that numbers and names need no font server.
//
//   number|<text>|<ink>      a stop's number        label|<theme>|<text>     a name under a van or depot
//   van|<color>|<stale>      a van heading north    depot|<theme>            arrow|<color>
//   zone|<color>|<text>      a zone's name on its line

const RATIO = 2;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export interface Picture {
  data: ImageData;
  ratio: number;
}

function canvas(width: number, height: number): CanvasRenderingContext2D {
  const element = document.createElement("canvas");
  element.width = Math.ceil(width * RATIO);
  element.height = Math.ceil(height * RATIO);
  const pen = element.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("This browser gives no 2D canvas.");
  pen.scale(RATIO, RATIO);
  return pen;
}

function done(pen: CanvasRenderingContext2D): Picture {
  return { data: pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height), ratio: RATIO };
}

/** Black or white, whichever is read better on the colour (#rrggbb). */
export function inkOn(color: string): string {
  const value = Number.parseInt(color.slice(1), 16);
  if (!Number.isFinite(value)) return "#ffffff";
  const channel = (shift: number): number => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
  // Where both are read equally well: (1.05 / (l + 0.05)) = ((l + 0.05) / 0.0575), the dark one's luminance being 0.0075.
  return luminance > 0.196 ? "#0d1714" : "#ffffff";
}

function number(text: string, ink: string): Picture {
  const size = text.length > 2 ? 8.5 : text.length > 1 ? 10 : 11;
  const pen = canvas(20, 14);
  pen.font = `700 ${size}px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = ink;
  pen.fillText(text, 10, 7.5);
  return done(pen);
}

function label(theme: string, text: string): Picture {
  const dark = theme === "dark";
  return sign(text, dark ? "rgba(13,20,18,.86)" : "rgba(255,255,255,.92)", dark ? "#e9f0ec" : "#14211d");
}

/** Text on a small board of its own. */
function sign(text: string, paper: string, ink: string): Picture {
  const font = `600 11px ${FONT}`;
  const probe = canvas(1, 1);
  probe.font = font;
  const width = Math.min(160, probe.measureText(text).width) + 12;
  const pen = canvas(width, 18);
  pen.fillStyle = paper;
  pen.beginPath();
  pen.roundRect(0, 0, width, 18, 5);
  pen.fill();
  pen.font = font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = ink;
  pen.fillText(text, width / 2, 9.5, width - 8);
  return done(pen);
}

/** The outline of a van's sign: a disc of this radius with a point ahead. */
function drop(pen: CanvasRenderingContext2D, radius: number, tip: number): void {
  pen.beginPath();
  pen.moveTo(0, -tip);
  pen.bezierCurveTo(radius * 0.3, -tip * 0.78, radius, -radius * 0.85, radius, 0);
  pen.arc(0, 0, radius, 0, Math.PI);
  pen.bezierCurveTo(-radius, -radius * 0.85, -radius * 0.3, -tip * 0.78, 0, -tip);
  pen.closePath();
}

/** A disc in the route's colour with a point ahead: which way it drives is seen at a glance. */
function van(color: string, stale: boolean): Picture {
  const pen = canvas(48, 48);
  const fill = stale ? "#7d8985" : color;
  pen.translate(24, 24);
  drop(pen, 14, 21.5);
  pen.shadowColor = "rgba(0,0,0,.45)";
  pen.shadowBlur = 5 * RATIO;
  pen.shadowOffsetY = RATIO;
  pen.fillStyle = "#ffffff";
  pen.fill();
  pen.shadowColor = "transparent";
  drop(pen, 11.4, 17.4);
  pen.fillStyle = fill;
  pen.fill();
  pen.fillStyle = inkOn(fill);
  pen.beginPath();
  pen.moveTo(0, -7);
  pen.lineTo(5.2, 5);
  pen.lineTo(0, 2.1);
  pen.lineTo(-5.2, 5);
  pen.closePath();
  pen.fill();
  return done(pen);
}

function depot(theme: string): Picture {
  const pen = canvas(36, 36);
  pen.fillStyle = theme === "dark" ? "#e9f0ec" : "#11221e";
  pen.strokeStyle = theme === "dark" ? "#0d1412" : "#ffffff";
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.roundRect(4, 4, 28, 28, 8);
  pen.fill();
  pen.stroke();
  pen.strokeStyle = theme === "dark" ? "#11221e" : "#5fd9b4";
  pen.lineWidth = 2;
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(10.5, 25.5);
  pen.lineTo(10.5, 16);
  pen.lineTo(18, 11);
  pen.lineTo(25.5, 16);
  pen.lineTo(25.5, 25.5);
  pen.moveTo(14.8, 25.5);
  pen.lineTo(14.8, 19.5);
  pen.lineTo(21.2, 19.5);
  pen.lineTo(21.2, 25.5);
  pen.stroke();
  return done(pen);
}

function arrow(color: string): Picture {
  const pen = canvas(12, 12);
  pen.strokeStyle = color;
  pen.lineWidth = 2;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(4, 2.5);
  pen.lineTo(8, 6);
  pen.lineTo(4, 9.5);
  pen.stroke();
  return done(pen);
}

/** The picture of that name; null when the name is not ours. */
export function draw(name: string): Picture | null {
  const [kind, first = "", ...rest] = name.split("|");
  const second = rest.join("|");
  switch (kind) {
    case "number":
      return number(first, second);
    case "label":
      return label(first, second);
    case "zone":
      return sign(second, first, inkOn(first));
    case "van":
      return van(first, second === "stale");
    case "depot":
      return depot(first);
    case "arrow":
      return arrow(first);
    default:
      return null;
  }
}
