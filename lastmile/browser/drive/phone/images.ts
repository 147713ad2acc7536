// Pictures from the camera, made small enough for a weak connection before they are kept.
import type { OutUpload } from "../store/db";
import { newId, saveUpload } from "../store/outbox";

const SIDE = 1600;
const QUALITY = 0.82;

async function decoded(file: Blob): Promise<ImageBitmap | HTMLImageElement> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // Some phones decode their own format (HEIC) in an <img> only.
    const url = URL.createObjectURL(file);
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      return image;
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}

function blobOf(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("This picture cannot be drawn"))), type, QUALITY);
  });
}

/** A JPEG of at most 1600 pixels a side, without what the camera wrote into it (place, time, device). */
async function shrunk(file: Blob): Promise<Blob> {
  const picture = await decoded(file);
  const { width, height } = picture instanceof HTMLImageElement ? { width: picture.naturalWidth, height: picture.naturalHeight } : picture;
  const scale = Math.min(1, SIDE / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser cannot draw");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if ("close" in picture) picture.close();
  return blobOf(canvas, "image/jpeg");
}

async function kept(blob: Blob, kind: OutUpload["kind"], driver: string): Promise<string> {
  const id = newId();
  await saveUpload({ id, driver, kind, state: "draft", mime: blob.type, bytes: await blob.arrayBuffer() });
  return id;
}

/** Keep a photo on the phone as part of an open form; its id. */
export async function keepPhoto(file: Blob, driver: string): Promise<string> {
  return kept(await shrunk(file), "photo", driver);
}

export async function keepSignature(canvas: HTMLCanvasElement, driver: string): Promise<string> {
  return kept(await blobOf(canvas, "image/png"), "signature", driver);
}
