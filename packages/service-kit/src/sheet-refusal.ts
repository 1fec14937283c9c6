import type { Refused } from "./identity-text.ts";

/** Why a file cannot be used; `columns` are the missing ones' titles. */
export type SheetFailure = Refused & { columns?: string[] };

/**
 * Thrown while rows are being read, when it is too late to answer with a value: the file turned out too large or broken. The
 * failure says what its owner should hear; the rows read so far must not be kept.
 */
export class SheetRefusal extends Error {
  override name = "SheetRefusal";
  readonly failure: SheetFailure;
  constructor(failure: SheetFailure) {
    super(failure.rule);
    this.failure = failure;
  }
}

export function tooLarge(zh: string, en: string): SheetFailure {
  return {
    ok: false,
    rule: "sheet-too-large",
    zh: `文件过大：${zh}，请拆分后上传`,
    en: `The file is too large: ${en}; split it`,
  };
}

export function missingColumns(columns: string[]): SheetFailure {
  const named = columns.join("、");
  return {
    ok: false,
    rule: "sheet-missing-columns",
    zh: `表头缺少列：${named}`,
    en: `Columns missing in the header: ${named}`,
    columns,
  };
}

export function unreadable(): SheetFailure {
  return {
    ok: false,
    rule: "sheet-unreadable",
    zh: "文件无法读取，请另存为xlsx或csv（不加密）后上传",
    en: "The file cannot be read: save it as xlsx or csv without a password",
  };
}
