/** A "no" with a stable kebab-case code and its sentence for people. Never repeats the value it refuses. */
export type RuleNote = { rule: string; zh: string; en: string };
export type Refused = { ok: false } & RuleNote;

/** Builds a refusal value. */
export function fail(rule: string, zh: string, en: string): Refused {
  return { ok: false, rule, zh, en };
}

/** Full-width letters, digits and signs become their ASCII twins and the ideographic space a space; space around is cut. */
export function toHalfWidth(text: string): string {
  return text
    .replaceAll(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll("\u3000", " ")
    .trim();
}

/**
 * Refuses `4.51024E+17`: the cell held a number, of which a spreadsheet keeps 15 digits, so the rest is lost and cannot be
 * guessed. The text must already be half-width.
 */
export function refuseNumericCell(rule: string, text: string): Refused | undefined {
  if (!/^\d+(?:\.\d*)?E\+?\d+$/i.test(text)) return undefined;
  return fail(
    rule,
    "单元格为数值格式，号码已失真，请改为文本格式后重新录入",
    "The cell is numeric and has lost digits: make it text and enter the number again",
  );
}
