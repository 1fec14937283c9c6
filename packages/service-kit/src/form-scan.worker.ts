import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import { PDFiumLibrary } from "@hyzyla/pdfium";
import { prepareZXingModule, type ReaderOptions, readBarcodes } from "zxing-wasm/reader";

/** Pages looked at of a PDF, and the longer side of a page in pixels: what a QR of three centimetres on A4 needs, three times over. */
const pagesMost = 20;
const pixels = 2_400;
const options: ReaderOptions = { formats: ["QRCode"], tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: 8 };

const reader = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
// Without its own bytes the library would ask the network for them.
const reading = prepareZXingModule({
  overrides: { wasmBinary: new Uint8Array(readFileSync(reader)).buffer },
  fireImmediately: true,
});
const drawing = PDFiumLibrary.init();

type Given = { content: Uint8Array<ArrayBuffer>; isPdf: boolean };

async function textsIn({ content, isPdf }: Given): Promise<string[]> {
  await reading;
  if (!isPdf) return (await readBarcodes(content, options)).filter(({ isValid }) => isValid).map(({ text }) => text);
  const document = await (await drawing).loadDocument(content);
  try {
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
  } finally {
    document.destroy();
  }
}

// One at a time: form-scan.ts, which alone starts this file, sends the next when it has heard of the last.
parentPort?.on("message", (given: Given) => {
  void textsIn(given)
    .catch(() => [])
    .then((texts) => parentPort?.postMessage(texts));
});
