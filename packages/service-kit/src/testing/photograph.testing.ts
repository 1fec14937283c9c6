import { PDFiumLibrary } from "@hyzyla/pdfium";
import jpeg from "jpeg-js";

export type Picture = { width: number; height: number; data: Uint8Array };
/** The text that can be copied from a PDF. */
export async function textOf(pdf: Buffer): Promise<string> {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(pdf);
  const texts = [...document.pages()].map((page) => page.getText());
  document.destroy();
  library.destroy();
  return texts.join("").replaceAll(/\s/g, "");
}

/** A PDF as pictures of its pages. */
export async function picturesOf(pdf: Buffer): Promise<Picture[]> {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(pdf);
  const pictures: Picture[] = [];
  for (const page of document.pages()) {
    const { width, height, data } = await page.render({ scale: 1.4, render: "bitmap" });
    pictures.push({ width, height, data });
  }
  document.destroy();
  library.destroy();
  return pictures;
}

/** The page as a telephone sees it: turned by degrees, on a grey table, darker to one side, with grain. */
export function photographed({ width, height, data }: Picture, degrees: number): Buffer {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const size = Math.ceil(Math.hypot(width, height));
  const seen = Buffer.alloc(size * size * 4, 255);
  let grain = 7;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [x - size / 2, y - size / 2];
      const [fromX, fromY] = [Math.round(dx * cos + dy * sin + width / 2), Math.round(dy * cos - dx * sin + height / 2)];
      const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
      grain = (grain * 1_103_515_245 + 12_345) % 2_147_483_648;
      const light =
        (inside ? (data[(fromY * width + fromX) * 4] ?? 0) : 120) * (0.55 + (0.4 * x) / size) +
        (grain / 2_147_483_648 - 0.5) * 50 +
        15;
      const at = (y * size + x) * 4;
      seen[at] = seen[at + 1] = seen[at + 2] = Math.max(0, Math.min(255, light));
    }
  return jpeg.encode({ width: size, height: size, data: seen }, 55).data;
}

/** Two pages on one table. */
export function together(left: Picture, right: Picture): Picture {
  const [width, height] = [left.width + right.width, Math.max(left.height, right.height)];
  const data = new Uint8Array(width * height * 4).fill(255);
  for (const [page, at] of [
    [left, 0],
    [right, left.width],
  ] as const)
    for (let y = 0; y < page.height; y++)
      data.set(page.data.subarray(y * page.width * 4, (y + 1) * page.width * 4), (y * width + at) * 4);
  return { width, height, data };
}
