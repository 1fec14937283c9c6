import { Worker } from "node:worker_threads";
import { refuse } from "@shouwang/contract";
import { imageSize } from "image-size";
import { z } from "zod";
import type { Upload } from "./declare.ts";
import { maxFileBytes } from "./file.ts";
import { type FormMark, readQrText } from "./form-code.ts";

/** What the first bytes say a scan is; what the client says is not asked. */
const signatures = [
  { mediaType: "image/jpeg", ending: "jpg", starts: Buffer.from([0xff, 0xd8, 0xff]) },
  { mediaType: "image/png", ending: "png", starts: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  { mediaType: "application/pdf", ending: "pdf", starts: Buffer.from("%PDF-") },
] as const;
/** A picture is unpacked to see it: fifty million pixels are more than a telephone takes, and less than what a small file could blow up to. */
const pixelsMost = 50_000_000;
/** Longest a scan is looked at. */
const patienceMs = 20_000;

export type Scan = { mediaType: string; ending: string; content: Buffer };

/** An upload as a scan: a JPEG, PNG or PDF by its own bytes, of a size that may be kept and looked at. */
export function scanOf(upload: Upload | undefined) {
  if (!upload) return refuse("unsupported-media-type");
  const { content } = upload;
  const kind = signatures.find(({ starts }) => content.subarray(0, starts.length).equals(starts));
  if (!kind)
    return refuse("unsupported-media-type", {
      detail: { zh: "请上传 JPEG、PNG 图片或 PDF", en: "Send a JPEG or PNG picture, or a PDF" },
    });
  if (content.length > maxFileBytes) return refuse("body-too-large");
  if (kind.ending !== "pdf" && !fits(content))
    return refuse("body-too-large", {
      detail: { zh: "图片像素过大或已损坏", en: "The picture has too many pixels, or is damaged" },
    });
  return { mediaType: kind.mediaType, ending: kind.ending, content } satisfies Scan;
}

function fits(content: Buffer): boolean {
  try {
    const { width, height } = imageSize(content);
    return width * height <= pixelsMost;
  } catch {
    return false;
  }
}

let eye: Worker | undefined;
let turn: Promise<unknown> = Promise.resolve();

/**
 * The marks of our forms that a scan shows, each once; other QR codes are passed by. Scans are looked at one after another in a thread of their own: a large
 * picture keeps no other request waiting, and one that takes too long or too much memory is given up as showing nothing, the thread with it.
 */
export async function marksIn(scan: Scan): Promise<FormMark[]> {
  const mine = turn.then(() => look(scan));
  turn = mine.catch(() => {});
  const texts = z.array(z.string()).parse(await mine);
  const marks = texts.flatMap((text) => readQrText(text) ?? []);
  return [...new Map(marks.map((mark) => [mark.code, mark])).values()];
}

async function look(scan: Scan): Promise<unknown> {
  eye ??= new Worker(new URL("./form-scan.worker.ts", import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 512 } });
  const worker = eye;
  // It waits for the next scan without keeping the process from ending.
  worker.unref();
  const lost = Symbol("lost");
  let timer: NodeJS.Timeout | undefined;
  const seen = await new Promise<unknown>((resolve) => {
    const giveUp = () => resolve(lost);
    timer = setTimeout(giveUp, patienceMs);
    worker.removeAllListeners();
    worker.once("message", resolve).once("error", giveUp);
    worker.once("exit", () => {
      if (eye === worker) eye = undefined;
      giveUp();
    });
    worker.postMessage({ content: new Uint8Array(scan.content), isPdf: scan.ending === "pdf" });
  });
  clearTimeout(timer);
  if (seen !== lost) return seen;
  if (eye === worker) eye = undefined;
  await worker.terminate();
  return [];
}
