import { randomInt } from "node:crypto";

/** Crockford's letters and digits: no I, L, O or U, so that nothing a hand writes down is mistaken for something else. */
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const drawn = 11;

/** A position's weight is odd, so that any one wrong character changes the sum, and differs from its neighbours', so that most swaps do too. */
const checkOf = (characters: string): string =>
  letters.charAt([...characters].reduce((sum, character, at) => sum + letters.indexOf(character) * (2 * at + 1), 0) % 32);

/** A new code of a form: eleven characters at random (55 bits) and one that checks them. It says nothing of anybody. */
export function newFormCode(): string {
  const characters = Array.from({ length: drawn }, () => letters.charAt(randomInt(32))).join("");
  return characters + checkOf(characters);
}

/** The code as it is printed: three groups of four. */
export const printedCode = (code: string): string => code.replace(/(.{4})(?=.)/g, "$1-");

/** A code as somebody typed it from paper, in one form: case, blanks, hyphens and the letters taken for digits are forgiven. @returns undefined when it is none */
export function readFormCode(typed: string): string | undefined {
  const code = typed
    .normalize("NFKC")
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  if (code.length !== drawn + 1 || [...code].some((character) => !letters.includes(character))) return undefined;
  return checkOf(code.slice(0, drawn)) === code.slice(drawn) ? code : undefined;
}

export type FormMark = { code: string; layout: number };

/** What the QR holds: whose mark it is, the code, and the version of the form's layout. */
export const qrTextOf = ({ code, layout }: FormMark): string => `SHOUWANG:${code}:${layout}`;

/** Reads a QR's text; undefined when it is not one of ours (a payment code on the same table, a poster behind it). */
export function readQrText(text: string): FormMark | undefined {
  const parts = /^SHOUWANG:([0-9A-Z]{12}):(\d{1,4})$/.exec(text);
  const code = parts?.[1] === undefined ? undefined : readFormCode(parts[1]);
  return code === undefined ? undefined : { code, layout: Number(parts?.[2]) };
}
