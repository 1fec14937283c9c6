import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskAccount, maskIdentityNumber, maskName, maskPhone, nameForPosting, surnameOf } from "./identity-mask.ts";

describe("masks", () => {
  test.each([
    ["451024197503050016", "451024********0016"],
    ["11010519491231002X", "110105********002X"],
    ["45102419750305001643", "451024********0016"],
    ["45102419750305001611B1", "451024********0016"],
    ["451024750305001", "451024*****5001"],
    ["45102475", "****"],
    ["", "****"],
  ])("identity number %s shows as %s", (number, shown) => expect(maskIdentityNumber(number)).toBe(shown));

  test.each([
    ["13800138000", "138****8000"],
    ["0771-2345678", "****78"],
    ["110", "****"],
  ])("phone %s shows as %s", (number, shown) => expect(maskPhone(number)).toBe(shown));

  test.each([
    ["6228480402564890018", "****0018"],
    ["6228 4804 0256 4890 018", "****0018"],
    ["1234", "****"],
  ])("account %s shows as %s", (number, shown) => expect(maskAccount(number)).toBe(shown));

  test.each([
    ["覃明", "覃*"],
    ["韦小明", "韦*明"],
    ["欧阳小明", "欧**明"],
    ["𠮷明", "𠮷*"],
    ["韦", "*"],
    ["", "*"],
  ])("name %s shows as %s", (name, shown) => expect(maskName(name)).toBe(shown));

  test("hide everything between the sixth and the last four characters of an identity number", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 15, maxLength: 22, unit: fc.constantFrom(..."0123456789") }), (number) => {
        const shown = maskIdentityNumber(number);
        expect(shown.slice(6, -4)).toMatch(/^\*{5,8}$/);
      }),
    );
  });
});

describe("a public posting", () => {
  test.each([
    ["覃明", "覃*"],
    ["韦小明", "韦**"],
    ["欧阳小明", "欧阳**"],
    ["欧阳", "欧*"],
    ["韦", "韦*"],
  ])("names %s as %s", (name, shown) => expect(nameForPosting(name, { minor: false })).toBe(shown));

  test("does not name a minor", () => expect(nameForPosting("韦小明", { minor: true })).toBe("未成年人"));
});

test.each([
  ["韦小明", "韦"],
  ["上官云", "上官"],
  ["司马", "司"],
  ["", ""],
])("the surname of %s is %s", (name, surname) => expect(surnameOf(name)).toBe(surname));
