import { fail, type Refused, type RuleNote, refuseNumericCell, toHalfWidth } from "./identity-text.ts";

/** What kind of body a unified social credit code was given to, as far as its first two characters tell. */
export type OrganisationKind =
  | "state-organ"
  | "public-institution"
  | "social-organisation"
  | "private-non-enterprise"
  | "foundation"
  | "enterprise"
  | "sole-trader"
  | "farmer-cooperative"
  | "village-group-economy"
  | "village-economy"
  | "township-economy"
  | "other";

export type Checked = { ok: true; value: string };

const CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const KINDS: Record<string, OrganisationKind> = {
  "11": "state-organ",
  "12": "public-institution",
  "51": "social-organisation",
  "52": "private-non-enterprise",
  "53": "foundation",
  "91": "enterprise",
  "92": "sole-trader",
  "93": "farmer-cooperative",
  N1: "village-group-economy",
  N2: "village-economy",
  N3: "township-economy",
};

/**
 * Checks a unified social credit code (GB 32100-2015). Spaces, hyphens, full-width and small letters are put right first.
 * Refusals: `credit-code-empty`, `credit-code-scientific-notation`, `credit-code-length`, `credit-code-characters` (I, O, S,
 * V and Z are not used), `credit-code-check-digit`.
 */
export function checkCreditCode(text: string): (Checked & { kind: OrganisationKind }) | Refused {
  const value = compact(text).toUpperCase();
  if (value === "") return fail("credit-code-empty", "统一社会信用代码为空", "The unified social credit code is empty");
  const numericCell = refuseNumericCell("credit-code-scientific-notation", value);
  if (numericCell) return numericCell;
  if (value.length !== 18) return fail("credit-code-length", "统一社会信用代码应为18位", "The code must have 18 characters");
  const places = [...value].map((character) => CREDIT_ALPHABET.indexOf(character));
  if (places.includes(-1)) {
    return fail(
      "credit-code-characters",
      "统一社会信用代码只含数字和大写字母（不用I、O、S、V、Z）",
      "Only digits and capital letters other than I, O, S, V, Z",
    );
  }
  const sum = CREDIT_WEIGHTS.reduce((total, weight, at) => total + weight * (places[at] ?? 0), 0);
  if ((31 - (sum % 31)) % 31 !== places[17]) {
    return fail(
      "credit-code-check-digit",
      "统一社会信用代码校验码不正确，请核对是否录错",
      "The check character does not fit: a character is wrong",
    );
  }
  return { ok: true, value, kind: KINDS[value.slice(0, 2)] ?? "other" };
}

/**
 * Checks a bank account number: 12 to 21 digits. Cards (16 to 19 digits) normally satisfy the Luhn sum but passbooks and
 * corporate accounts do not, so a failing sum only warns (`account-luhn`). Refusals: `account-empty`,
 * `account-scientific-notation`, `account-characters`, `account-length`.
 */
export function checkBankAccount(text: string): (Checked & { warnings: RuleNote[] }) | Refused {
  const value = compact(text);
  if (value === "") return fail("account-empty", "银行账号为空", "The account number is empty");
  const numericCell = refuseNumericCell("account-scientific-notation", value);
  if (numericCell) return numericCell;
  if (!/^\d+$/.test(value)) return fail("account-characters", "银行账号只能是数字", "An account number consists of digits");
  if (value.length < 12 || value.length > 21)
    return fail("account-length", "银行账号应为12至21位", "An account number has 12 to 21 digits");
  const suspect = value.length >= 16 && value.length <= 19 && luhnSum(value) % 10 !== 0;
  const warning = {
    rule: "account-luhn",
    zh: "不符合银行卡校验规则，如为银行卡请核对是否录错",
    en: "Not a valid card number: check it if it is a card",
  };
  return { ok: true, value, warnings: suspect ? [warning] : [] };
}

/**
 * Checks a mobile number: 11 digits from 13 to 19. Spaces, hyphens and a leading +86 are removed. Refusals: `mobile-empty`,
 * `mobile-scientific-notation`, `mobile-form`.
 */
export function checkMobile(text: string): Checked | Refused {
  const value = compact(text).replace(/^(?:\+|00)86(?=1)/, "");
  if (value === "") return fail("mobile-empty", "手机号码为空", "The mobile number is empty");
  const numericCell = refuseNumericCell("mobile-scientific-notation", value);
  if (numericCell) return numericCell;
  if (!/^1[3-9]\d{9}$/.test(value))
    return fail("mobile-form", "手机号码应为11位，以13至19开头", "A mobile number has 11 digits and begins with 13 to 19");
  return { ok: true, value };
}

function compact(text: string): string {
  return toHalfWidth(text).replace(/^'/, "").replaceAll(/[\s-]/g, "");
}

function luhnSum(digits: string): number {
  return [...digits].reverse().reduce((total, digit, at) => {
    const doubled = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
}
