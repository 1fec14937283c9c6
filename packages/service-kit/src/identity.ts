import { type BusinessDate, parseBusinessDate } from "./calendar.ts";
import { fail, type Refused, refuseNumericCell, toHalfWidth } from "./identity-text.ts";

/** What the number itself says about its holder. `personKey` (18 characters) is one to one with a person. */
export type IdentityNumber = {
  ok: true;
  /** The normalised number: 18 characters, or the 20 or 22 of a disability certificate. */
  value: string;
  personKey: string;
  birthDate: BusinessDate;
  sex: "male" | "female";
  /** Only on a disability certificate: kind 1 sight, 2 hearing, 3 speech, 4 limbs, 5 intellect, 6 mind, 7 several; grade 1 is the gravest. */
  disability?: { kind: number; grade: number };
};

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = "10X98765432";
const RESIDENT = /^\d{17}[\dX]$/;
const CERTIFICATE_TAIL = /^([1-7])([1-4])(?:B\d)?$/;

/**
 * Checks an identity number (GB 11643-1999) or disability certificate number (whose first 18 characters are one) and reads
 * birth date and sex from it. Space around, full-width characters, a small x and a spreadsheet's leading apostrophe are put
 * right first. The six digits of the region are never judged: old cards carry abolished prefectures.
 *
 * Refusals: `identity-empty`, `identity-scientific-notation`, `identity-old-form` (15 digits: to be brought up to date),
 * `identity-length`, `identity-characters`, `identity-disability-certificate`, `identity-birth-date` (no such day, before
 * 1900, or after `today`), `identity-check-digit`. No refusal repeats the number.
 */
export function checkIdentityNumber(text: string, today: BusinessDate): IdentityNumber | Refused {
  const value = toHalfWidth(text).replace(/^'/, "").replaceAll(/\s/g, "").toUpperCase();
  if (value === "") return fail("identity-empty", "证件号码为空", "The identity number is empty");
  const numericCell = refuseNumericCell("identity-scientific-notation", value);
  if (numericCell) return numericCell;
  if (/^\d{15}$/.test(value))
    return fail(
      "identity-old-form",
      "15位旧身份证号码，需更新为18位",
      "A 15-digit number of the old form: ask for the 18-digit one",
    );
  if (![18, 20, 22].includes(value.length)) {
    return fail(
      "identity-length",
      "证件号码应为18位（残疾人证为20或22位）",
      "The number must have 18 characters (20 or 22 on a disability certificate)",
    );
  }
  const personKey = value.slice(0, 18);
  if (!RESIDENT.test(personKey))
    return fail("identity-characters", "证件号码前17位应为数字，第18位应为数字或X", "17 digits and a digit or X are expected");
  const certificate = CERTIFICATE_TAIL.exec(value.slice(18));
  if (value.length > 18 && !certificate) {
    return fail(
      "identity-disability-certificate",
      "残疾人证号码的类别、等级或补发编码不正确",
      "Kind, grade or reissue mark of the disability certificate is wrong",
    );
  }
  const birthDate = findBirthDate(personKey);
  if (!birthDate || birthDate < "1900-01-01" || birthDate > today) {
    return fail(
      "identity-birth-date",
      "证件号码中的出生日期不存在或晚于今天",
      "The birth date in the number does not exist or is in the future",
    );
  }
  if (checkCharacter(personKey) !== personKey.at(17))
    return fail(
      "identity-check-digit",
      "证件号码校验码不正确，请核对是否录错",
      "The check character does not fit: a character is wrong",
    );
  const sex = Number(personKey.charAt(16)) % 2 === 1 ? "male" : "female";
  const disability = certificate ? { disability: { kind: Number(certificate[1]), grade: Number(certificate[2]) } } : {};
  return { ok: true, value, personKey, birthDate, sex, ...disability };
}

/**
 * A well-formed identity number for synthetic data and tests. `prefix` is a six-digit region, `serial` 0 to 999 (odd is male).
 * Throws RangeError when one of them is not.
 */
export function makeIdentityNumber(prefix: string, birthDate: BusinessDate, serial: number): string {
  if (!/^\d{6}$/.test(prefix)) throw new RangeError("prefix must be six digits");
  if (!Number.isInteger(serial) || serial < 0 || serial > 999) throw new RangeError("serial must be 0 to 999");
  const body = prefix + birthDate.replaceAll("-", "") + String(serial).padStart(3, "0");
  return body + checkCharacter(body);
}

function checkCharacter(number: string): string {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(number.charAt(at)), 0);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

function findBirthDate(number: string): BusinessDate | undefined {
  try {
    return parseBusinessDate(`${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`);
  } catch {
    return undefined;
  }
}
