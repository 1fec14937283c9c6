import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newFormCode, printedCode, qrTextOf, readFormCode, readQrText } from "./form-code.ts";

const codes = fc.constant(null).map(newFormCode);

test("a code is read back as it was printed, however it is typed", () => {
  fc.assert(
    fc.property(codes, (code) => {
      for (const typed of [
        code,
        printedCode(code),
        printedCode(code).toLowerCase(),
        ` ${printedCode(code).replaceAll("-", " – ")} `,
      ])
        expect(readFormCode(typed)).toBe(code);
      expect(readFormCode(code.replaceAll("0", "o").replaceAll("1", "l"))).toBe(code);
    }),
  );
});

test("one wrong character is noticed", () => {
  fc.assert(
    fc.property(codes, fc.nat(11), fc.integer({ min: 1, max: 31 }), (code, at, by) => {
      const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
      const wrong = letters.charAt((letters.indexOf(code.charAt(at)) + by) % 32);
      expect(readFormCode(code.slice(0, at) + wrong + code.slice(at + 1))).toBeUndefined();
    }),
  );
});

describe("what is no code", () => {
  test.each(["", "ABC", "AAAA-BBBB-CCC", "UUUU-UUUU-UUUU", "０００".repeat(40)])("%s", (typed) => {
    expect(readFormCode(typed)).toBeUndefined();
  });
});

test("a QR holds the code and the layout and nothing else; other QRs are not ours", () => {
  const mark = { code: newFormCode(), layout: 3 };
  expect(readQrText(qrTextOf(mark))).toEqual(mark);
  expect(qrTextOf(mark)).toMatch(/^SHOUWANG:[0-9A-Z]{12}:3$/);
  for (const other of ["https://example.test/pay", "SHOUWANG:AAAAAAAAAAAB:1", `${qrTextOf(mark)}x`, "SHOUWANG::1"])
    expect(readQrText(other)).toBeUndefined();
});
