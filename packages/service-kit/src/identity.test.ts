import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, daysBetween, parseBusinessDate } from "./calendar.ts";
import { checkIdentityNumber, makeIdentityNumber } from "./identity.ts";

const today = parseBusinessDate("2022-08-01");
const check = (text: string) => checkIdentityNumber(text, today);

/** A number of someone born on any day from 1900 up to today. */
const anyNumber = fc
  .record({
    prefix: fc.stringMatching(/^\d{6}$/),
    days: fc.integer({ min: 0, max: daysBetween(parseBusinessDate("1900-01-01"), today) }),
    serial: fc.integer({ min: 0, max: 999 }),
  })
  .map(({ prefix, days, serial }) => {
    const birthDate = addDays(parseBusinessDate("1900-01-01"), days);
    return { birthDate, serial, number: makeIdentityNumber(prefix, birthDate, serial) };
  });

describe("an identity number", () => {
  test.each([
    ["11010519491231002X", "1949-12-31", "female"],
    ["451024197503050016", "1975-03-05", "male"],
    ["452626196808121024", "1968-08-12", "female"],
    ["452729197011051232", "1970-11-05", "male"],
    ["452128196501010034", "1965-01-01", "male"],
  ])("%s was born on %s and is %s", (number, birthDate, sex) => {
    expect(check(number)).toEqual({ ok: true, value: number, personKey: number, birthDate, sex });
  });

  test.each([
    ["space around and between", "  110105 19491231 002X ", "11010519491231002X"],
    ["a small x", "11010519491231002x", "11010519491231002X"],
    ["full-width characters", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"],
    ["a spreadsheet's apostrophe", "'451024197503050016", "451024197503050016"],
    ["an ideographic space", "　451024197503050016　", "451024197503050016"],
  ])("is read through %s", (_name, text, value) => {
    expect(check(text)).toMatchObject({ ok: true, value });
  });

  test.each([
    ["", "identity-empty"],
    ["'", "identity-empty"],
    ["4.51024E+17", "identity-scientific-notation"],
    ["4.5102419750305e17", "identity-scientific-notation"],
    ["451024750305001", "identity-old-form"],
    ["45102419750305001", "identity-length"],
    ["4510241975030500161", "identity-length"],
    ["45102419750305001612345", "identity-length"],
    ["45102419750305O016", "identity-characters"],
    ["X51024197503050016", "identity-characters"],
    ["无", "identity-length"],
    ["451024197502300016", "identity-birth-date"],
    ["451024189912310016", "identity-birth-date"],
    ["451024197503050017", "identity-check-digit"],
    ["11010519491231002110", "identity-disability-certificate"],
    ["45102419750305001681", "identity-disability-certificate"],
    ["45102419750305001645", "identity-disability-certificate"],
    ["45102419750305001643C1", "identity-disability-certificate"],
  ])("%j is refused as %s, in words that do not repeat it", (text, rule) => {
    const answer = check(text);
    expect(answer).toMatchObject({ ok: false, rule });
    if (text.length > 1) expect(JSON.stringify(answer)).not.toContain(text);
  });

  test("a child born today is accepted, one born tomorrow is not", () => {
    expect(check(makeIdentityNumber("450103", today, 7))).toMatchObject({ ok: true });
    expect(check(makeIdentityNumber("450103", addDays(today, 1), 7))).toMatchObject({ ok: false, rule: "identity-birth-date" });
  });

  test.each([
    ["45102419750305001643", { kind: 4, grade: 3 }],
    ["45102419750305001611B1", { kind: 1, grade: 1 }],
    ["11010519491231002x74b2", { kind: 7, grade: 4 }],
  ])("on disability certificate %s names the person and the disability", (text, disability) => {
    expect(check(text)).toMatchObject({
      ok: true,
      value: text.toUpperCase(),
      personKey: text.slice(0, 18).toUpperCase(),
      disability,
    });
  });

  test("made for any region, birth date and serial is accepted and tells them back", () => {
    fc.assert(
      fc.property(anyNumber, ({ number, birthDate, serial }) => {
        expect(check(number)).toMatchObject({ ok: true, birthDate, sex: serial % 2 === 1 ? "male" : "female" });
      }),
    );
  });

  test("with any one character changed is refused", () => {
    fc.assert(
      fc.property(anyNumber, fc.nat(17), fc.constantFrom(..."0123456789X"), ({ number }, at, other) => {
        fc.pre(number.charAt(at) !== other);
        expect(check(number.slice(0, at) + other + number.slice(at + 1)).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test("with any two neighbours swapped is refused", () => {
    fc.assert(
      fc.property(anyNumber, fc.nat(15), ({ number }, at) => {
        fc.pre(number.charAt(at) !== number.charAt(at + 1));
        expect(check(number.slice(0, at) + number.charAt(at + 1) + number.charAt(at) + number.slice(at + 2)).ok).toBe(false);
      }),
    );
  });

  test("any text gets an answer", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => typeof check(text).ok === "boolean"));
  });

  test("is not made from a wrong prefix or serial", () => {
    expect(() => makeIdentityNumber("45102", today, 1)).toThrow(RangeError);
    expect(() => makeIdentityNumber("451024", today, 1000)).toThrow(RangeError);
    expect(() => makeIdentityNumber("451024", today, 1.5)).toThrow(RangeError);
  });
});
