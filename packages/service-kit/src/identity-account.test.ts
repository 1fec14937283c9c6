import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBankAccount, checkCreditCode, checkMobile } from "./identity-account.ts";

describe("a unified social credit code", () => {
  test.each([
    ["91110000802100433B", "enterprise"],
    ["914403001922038216", "enterprise"],
    ["91440300708461136T", "enterprise"],
    ["12100000400010275N", "public-institution"],
  ])("%s is that of a %s", (code, kind) => {
    expect(checkCreditCode(code)).toEqual({ ok: true, value: code, kind });
  });

  test.each([
    [" 91110000 802100433b ", "91110000802100433B"],
    ["９１１１００００８０２１００４３３Ｂ", "91110000802100433B"],
  ])("%j is read as %s", (text, value) => {
    expect(checkCreditCode(text)).toMatchObject({ ok: true, value });
  });

  test.each([
    [" ", "credit-code-empty"],
    ["9.14403E+17", "credit-code-scientific-notation"],
    ["91110000802100433", "credit-code-length"],
    ["9111000080210O433B", "credit-code-characters"],
    ["91110000802100433C", "credit-code-check-digit"],
  ])("%j is refused as %s", (text, rule) => {
    expect(checkCreditCode(text)).toMatchObject({ ok: false, rule });
  });

  test("with any one character changed is refused", () => {
    const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    fc.assert(
      fc.property(
        fc.constantFrom("91110000802100433B", "91440300708461136T", "12100000400010275N"),
        fc.nat(17),
        fc.constantFrom(...alphabet),
        (code, at, other) => {
          fc.pre(code.charAt(at) !== other);
          expect(checkCreditCode(code.slice(0, at) + other + code.slice(at + 1))).toMatchObject({
            ok: false,
            rule: "credit-code-check-digit",
          });
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("a bank account", () => {
  test.each([
    ["6228480402564890018", "6228480402564890018", []],
    ["6228 4804 0256 4890 018", "6228480402564890018", []],
    ["6228480402564890019", "6228480402564890019", ["account-luhn"]],
    ["123456789012", "123456789012", []],
    ["20015101040012345678", "20015101040012345678", []],
  ])("%s is accepted as %s with warnings %j", (text, value, rules) => {
    const answer = checkBankAccount(text);
    expect(answer).toMatchObject({ ok: true, value });
    expect(answer.ok && answer.warnings.map((warning) => warning.rule)).toEqual(rules);
  });

  test.each([
    ["", "account-empty"],
    ["6.22848E+18", "account-scientific-notation"],
    ["62284804025648900IB", "account-characters"],
    ["12345678901", "account-length"],
    ["1234567890123456789012", "account-length"],
  ])("%j is refused as %s", (text, rule) => {
    expect(checkBankAccount(text)).toMatchObject({ ok: false, rule });
  });

  test("of a card with any one digit changed is warned about", () => {
    fc.assert(
      fc.property(fc.nat(18), fc.integer({ min: 1, max: 9 }), (at, shift) => {
        const card = "6228480402564890018";
        const changed = card.slice(0, at) + ((Number(card.charAt(at)) + shift) % 10) + card.slice(at + 1);
        expect(checkBankAccount(changed)).toMatchObject({ ok: true, warnings: [{ rule: "account-luhn" }] });
      }),
    );
  });
});

describe("a mobile number", () => {
  test.each([
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "+86 13800138000",
    "008613800138000",
    "１３８００１３８０００",
    "'13800138000",
  ])("%s is read", (text) => {
    expect(checkMobile(text)).toEqual({ ok: true, value: "13800138000" });
  });

  test.each([
    ["", "mobile-empty"],
    ["1.38001E+10", "mobile-scientific-notation"],
    ["12800138000", "mobile-form"],
    ["1380013800", "mobile-form"],
    ["138001380000", "mobile-form"],
    ["0771-2345678", "mobile-form"],
  ])("%j is refused as %s", (text, rule) => {
    expect(checkMobile(text)).toMatchObject({ ok: false, rule });
  });
});
