import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import PDFDocument from "pdfkit";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import { type FormMark, printedCode, qrTextOf } from "./form-code.ts";

/** A part of a form: facts side by side, a table, a paragraph, or cells left for the hand. */
export type PaperPart =
  | { part: "facts"; rows: readonly (readonly [label: string, value: string])[] }
  | { part: "table"; columns: readonly { title: string; share: number }[]; rows: readonly (readonly string[])[] }
  | { part: "text"; text: string }
  | { part: "cells"; labels: readonly string[] };

export type Paper = {
  title: string;
  /** Beneath the title: the place. */
  place: string;
  parts: readonly PaperPart[];
  /** Who signs: each gets a cell for the signature or thumbprint and one for the day. */
  signers: readonly string[];
  /** Small print at the foot of each page: who printed it, when. */
  foot: string;
  /** Stands pale across each page: whose copy it is, should a picture of it turn up somewhere. */
  watermark?: string;
};

const { resolve: pathOfPackage } = createRequire(import.meta.url);
const font = join(dirname(pathOfPackage("@embedpdf/fonts-sc")), "../fonts/NotoSansHans-Regular.otf");
const margin = 48;
const pageWidth = 595.28;
const width = pageWidth - 2 * margin;
const bottom = 841.89 - 64;
const qrSize = 84;
/** Stands for a character the font lacks; the foot then asks to write it in by hand. */
const lacking = "〓";

let qrWriter: Promise<unknown> | undefined;
async function qrPicture(text: string): Promise<Buffer> {
  // Without its own bytes the library would ask the network for them.
  qrWriter ??= prepareZXingModule({
    overrides: { wasmBinary: new Uint8Array(readFileSync(pathOfPackage("zxing-wasm/writer/zxing_writer.wasm"))).buffer },
    fireImmediately: true,
  });
  await qrWriter;
  const written = await writeBarcode(text, { format: "QRCode", ecLevel: "Q", scale: 8 });
  if (!written.image) throw new Error(`no QR was written: ${written.error}`);
  return Buffer.from(await written.image.arrayBuffer());
}

/** A form and the mark its QR carries. */
export type MarkedPaper = { paper: Paper; mark: FormMark };

/** A form as a PDF of A4 pages with its QR and code on each; the font's used characters are embedded, so it prints the same anywhere. */
export const drawPaper = async (paper: Paper, mark: FormMark): Promise<Buffer> =>
  await drawPapers(paper.title, [{ paper, mark }]);

/** Forms one after another in one PDF, each beginning a page, drawn as they come: no more than one of them is held at a time, besides the file itself. */
export async function drawPapers(title: string, papers: Iterable<MarkedPaper> | AsyncIterable<MarkedPaper>): Promise<Buffer> {
  const doc = new PDFDocument({
    size: "A4",
    margins: { top: margin, left: margin, right: margin, bottom: 40 },
    autoFirstPage: false,
    info: { Title: title },
  });
  const chunks: Buffer[] = [];
  doc.on("data", (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => doc.on("end", () => resolve()).on("error", reject));
  doc.registerFont("han", font).font("han");
  // Others have their turn between two forms: the picture of a QR is waited for.
  for await (const { paper, mark } of papers) drawOne(doc, paper, mark, await qrPicture(qrTextOf(mark)));
  doc.end();
  await done;
  return Buffer.concat(chunks);
}

function drawOne(doc: PDFKit.PDFDocument, paper: Paper, mark: FormMark, qr: Buffer): void {
  const pen = penFor(doc);

  const newPage = () => {
    doc.addPage();
    if (paper.watermark !== undefined) {
      doc
        .save()
        .fillOpacity(0.08)
        .fontSize(20)
        .rotate(-30, { origin: [pageWidth / 2, 440] });
      doc.text(pen.known(paper.watermark), margin, 440, { width, align: "center", lineBreak: false }).restore();
    }
    doc.image(qr, pageWidth - margin - qrSize, 30, { width: qrSize });
    doc.fontSize(8).text(`编号 ${printedCode(mark.code)}`, pageWidth - margin - qrSize - 20, 30 + qrSize, {
      width: qrSize + 40,
      align: "center",
    });
    doc.y = 30 + qrSize + 22;
    doc.x = margin;
  };
  const room = (height: number) => {
    if (doc.y + height > bottom) newPage();
  };

  newPage();
  doc.fontSize(18).text(pen.known(paper.title), margin, 58, { width: width - qrSize - 24 });
  doc.fontSize(10).text(pen.known(paper.place), { width: width - qrSize - 24 });
  doc.y = Math.max(doc.y, 30 + qrSize) + 22;
  for (const part of paper.parts) {
    if (part.part === "text") {
      doc.fontSize(10.5);
      room(doc.heightOfString(pen.known(part.text), { width }));
      doc.text(pen.known(part.text), margin, doc.y, { width, lineGap: 3 });
    } else if (part.part === "table") {
      const shares = part.columns.map(({ share }) => share);
      for (const [n, cells] of [part.columns.map(({ title }) => title), ...part.rows].entries())
        pen.row(cells, shares, room, { head: n === 0 });
    } else if (part.part === "facts") {
      for (const [label, value] of part.rows) pen.row([label, value], [1, 3], room, {});
    } else for (const label of part.labels) pen.row([label, ""], [1, 3], room, { least: 34 });
    doc.y += 10;
  }
  for (const signer of paper.signers)
    pen.row([`${signer}(签字或捺印)`, "", "日期", "    年   月   日"], [3, 4, 1, 3], room, { least: 40 });
  doc.fontSize(8);
  const foot = pen.known(paper.foot);
  doc.text(pen.lacked() ? `${foot}。“${lacking}”为字库外的字,请手写补上` : foot, margin, doc.y + 8, { width });
}

/** Draws rows of cells, and knows which characters the font has. */
function penFor(doc: PDFKit.PDFDocument) {
  let lacks = false;
  const known = (text: string): string =>
    [...text]
      .map((character) => {
        // Safe: the types leave out what pdfkit keeps of the font that is set; an unknown shape takes every character for known.
        const glyphs = (doc as unknown as { _font?: { font?: { hasGlyphForCodePoint?(point: number): boolean } } })._font?.font;
        if (character === "\n" || (glyphs?.hasGlyphForCodePoint?.(character.codePointAt(0) ?? 0) ?? true)) return character;
        lacks = true;
        return lacking;
      })
      .join("");
  const row = (
    cells: readonly string[],
    shares: readonly number[],
    room: (height: number) => void,
    how: { head?: boolean; least?: number },
  ): void => {
    doc.fontSize(10);
    const total = shares.reduce((sum, share) => sum + share, 0);
    const widths = shares.map((share) => (width * share) / total);
    const texts = cells.map(known);
    const height = Math.max(
      how.least ?? 22,
      ...texts.map((text, n) => doc.heightOfString(text, { width: (widths[n] ?? 0) - 10 }) + 8),
    );
    room(height);
    const top = doc.y;
    let left = margin;
    for (const [n, text] of texts.entries()) {
      const cell = widths[n] ?? 0;
      if (how.head) doc.rect(left, top, cell, height).fill("#eeeeee").fillColor("black");
      doc.lineWidth(0.6).rect(left, top, cell, height).stroke();
      doc.text(text, left + 5, top + 4, { width: cell - 10 });
      left += cell;
    }
    doc.x = margin;
    doc.y = top + height;
  };
  return { known, row, lacked: () => lacks };
}
