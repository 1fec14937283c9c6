import { fromBufferPromise } from "yauzl";
import { SheetRefusal, tooLarge } from "./sheet-refusal.ts";

const maxInflatedBytes = 256 * 2 ** 20;

/**
 * Whether a file holds any of these values in clear: a text or CSV (UTF-8 or GB18030) as it stands, a workbook in any of its parts. What is drawn (a picture, a
 * compressed page) is not read. A workbook that cannot be read counts as holding them: who asks wants to be sure.
 */
export async function fileMentions(content: Buffer, values: readonly string[]): Promise<boolean> {
  if (values.length === 0) return false;
  if (content.subarray(0, 4).toString("latin1") !== "PK\u0003\u0004") return mentions(content, values);
  try {
    const zip = await fromBufferPromise(content);
    let inflated = 0;
    for await (const entry of zip.eachEntry()) {
      inflated += entry.uncompressedSize;
      if (inflated > maxInflatedBytes) throw new SheetRefusal(tooLarge("解压后超过限制", "it inflates beyond the limit"));
      if (await streamMentions(await zip.openReadStreamPromise(entry), values)) return true;
    }
    return false;
  } catch {
    return true;
  }
}

/** Looks piece by piece, with the end of the piece before, so that a value across two pieces is seen. */
async function streamMentions(stream: AsyncIterable<Buffer>, values: readonly string[]): Promise<boolean> {
  const longest = Math.max(...values.map((value) => Buffer.byteLength(value)));
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of stream) {
    const seen = Buffer.concat([rest, piece]);
    if (mentions(seen, values)) return true;
    rest = seen.subarray(Math.max(0, seen.length - longest));
  }
  return false;
}

const gb18030 = new TextDecoder("gb18030");

function mentions(bytes: Buffer, values: readonly string[]): boolean {
  if (values.some((value) => bytes.includes(value))) return true;
  const text = gb18030.decode(bytes);
  return values.some((value) => text.includes(value));
}
