import { type Refusal, refuse } from "@shouwang/contract";
import { readSheet, type SheetFailure, type SheetOptions, SheetRefusal } from "@shouwang/service-kit";

type Sent = { content: Buffer; isWorkbook: boolean };

/**
 * Looks at a file as it is sent: the day its data are of, its header and its first row. What is wrong with the file as such is answered at once.
 * @returns the file, or the refusal
 */
export async function checkFile<Key extends string>(
  upload: { content: Buffer } | undefined,
  limits: SheetOptions<Key>,
  dataDate: string,
  today: string,
): Promise<
  | { file: Sent; refusal?: undefined }
  | { file?: undefined; refusal: Refusal<"invalid-input" | "feed-columns-missing" | "feed-unreadable"> }
> {
  if (dataDate > today) {
    const error = {
      pointer: "/dataDate",
      rule: "not-in-future",
      zh: "数据日期不能晚于今天",
      en: "In the future",
      clause: "M-01",
    };
    return { refusal: refuse("invalid-input", { errors: [error] }) };
  }
  if (!upload) throw new Error("the kit calls an upload without its file");
  const { content } = upload;
  const failure = await headerFailure(content, limits);
  if (failure) return { refusal: failure.columns ? columnsMissing(failure.columns) : unreadable(failure) };
  return { file: { content, isWorkbook: content.toString("latin1", 0, 2) === "PK" } };
}

async function headerFailure<Key extends string>(content: Buffer, limits: SheetOptions<Key>): Promise<SheetFailure | undefined> {
  const sheet = await readSheet(content, limits);
  if (!sheet.ok) return sheet;
  try {
    for await (const _ of sheet.rows) return undefined;
  } catch (error) {
    if (error instanceof SheetRefusal) return error.failure;
    throw error;
  }
  return { ok: false, rule: "sheet-empty", zh: "表头下没有数据", en: "There is no row below the header" };
}

const columnsMissing = (columns: readonly string[]) =>
  refuse("feed-columns-missing", {
    errors: columns.map((title) => ({
      pointer: "/file",
      rule: "column-missing",
      zh: `缺少列:${title}`,
      en: `Column missing: ${title}`,
      clause: "M-01",
    })),
  });
const unreadable = ({ rule, zh, en }: SheetFailure) =>
  refuse("feed-unreadable", { errors: [{ pointer: "/file", rule, zh, en, clause: "M-01" }] });
