import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { PDFiumLibrary } from "@hyzyla/pdfium";
import { prepareZXingModule, type ReaderOptions, readBarcodes } from "zxing-wasm/reader";

/** Pages looked at of a PDF, and the longer side of a page in pixels: what a QR of three centimetres on A4 needs, three times over. */
const pagesMost = 20;
const pixels = 2_400;
const options: ReaderOptions = { formats: ["QRCode"], tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: 8 };

async function textsIn(content: Uint8Array<ArrayBuffer>, isPdf: boolean): Promise<string[]> {
  const file = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  const wasmBinary = new Uint8Array(readFileSync(file)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  if (!isPdf) return (await readBarcodes(content, options)).filter(({ isValid }) => isValid).map(({ text }) => text);
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(content);
  const texts: string[] = [];
  for (let n = 0; n < Math.min(document.getPageCount(), pagesMost); n++) {
    const page = document.getPage(n);
    const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
    const picture = await page.render({ scale: pixels / Math.max(width, height), render: "bitmap" });
    const image = {
      data: new Uint8ClampedArray(picture.data),
      width: picture.width,
      height: picture.height,
      colorSpace: "srgb" as const,
    };
    texts.push(...(await readBarcodes(image, options)).filter(({ isValid }) => isValid).map(({ text }) => text));
  }
  return texts;
}

// Safe: form-scan.ts alone starts this file, with these two.
const given = workerData as { content: Uint8Array<ArrayBuffer>; isPdf: boolean };
parentPort?.postMessage(await textsIn(given.content, given.isPdf).catch(() => []));
