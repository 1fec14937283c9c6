import { Refusal } from "@shouwang/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Erasure, grounds, mayDecide, mayErase, type Standing } from "./decide.ts";
import { gone, patternOf, redact } from "./redact.ts";

const standing: Standing = { status: "left", since: "2017-08-31", erasedOn: null, openCases: 0, openLeads: 0, openReferrals: 0 };
// Safe: a calendar date as the kit gives it.
const today = "2022-08-31" as Parameters<typeof mayErase>[2]["today"];
const given = { today, keepMonths: 60, document: "桂档发〔2022〕1号" };

describe("who a person was may be destroyed", () => {
  test.each([
    ["the term is over to the day", {}, "term-reached", undefined],
    ["a day before", { since: "2017-09-01" }, "term-reached", ["keep-term"]],
    ["the end of a shorter month counts", { since: "2022-02-28" }, "person-asked", ["keep-term"]],
    ["entered by mistake, yesterday", { since: "2022-08-30" }, "entered-by-mistake", undefined],
    ["by mistake, but a lead is open", { openLeads: 1 }, "entered-by-mistake", ["open-lead"]],
    [
      "everything at once",
      { since: "2022-08-30", openCases: 1, openLeads: 2, openReferrals: 1 },
      "person-asked",
      ["open-case", "open-lead", "open-referral", "keep-term"],
    ],
    ["a court is obeyed", { since: "2022-08-30", openCases: 1, openReferrals: 1 }, "court-order", undefined],
    ["the dead", { status: "died" }, "term-reached", undefined],
  ] as const)("%s", (_, more, ground, held) => {
    const no = mayErase({ ...standing, ...more }, ground, given);
    expect(no?.code).toBe(held === undefined ? undefined : "erasure-held");
    expect(no?.reasons.map(({ code }) => code)).toEqual(held);
  });

  test("never of a member, whatever the ground", () => {
    for (const ground of grounds)
      expect(mayErase({ ...standing, status: "member" }, ground, given)?.code).toBe("person-still-member");
  });
});

test("a request is decided once, and not by whoever made it", () => {
  const erasure = { status: "asked", askedBy: "issuer|one" } as Erasure; // Safe: the rule looks at these two alone.
  expect(mayDecide(erasure, "issuer|one")).toBeInstanceOf(Refusal);
  expect(mayDecide(erasure, "issuer|two")).toBeUndefined();
  expect(mayDecide({ ...erasure, status: "approved" }, "issuer|two")?.code).toBe("erasure-state");
});

test("a record keeps its shape and what it counts, and none of the values, whatever signs they hold", () => {
  const record = { note: "韦大明(13800138000)说,覃小花在家", visits: 3, at: ["韦大明", null, true] };
  expect(redact(record, patternOf(["韦大明", "13800138000"]), false)).toEqual({
    note: `${gone}(${gone})说,覃小花在家`,
    visits: 3,
    at: [gone, null, true],
  });
  expect(redact(record, patternOf([]), false)).toEqual(record);
  expect(redact(record, undefined, true)).toEqual({ note: gone, visits: 3, at: [gone, null, true] });
  fc.assert(
    fc.property(fc.string({ minLength: 2, maxLength: 8 }), fc.string(), fc.string(), (value, before, after) => {
      fc.pre(!gone.includes(value));
      const text = String(redact(`${before}${value}${after}`, patternOf([value]), false));
      // Where it is put together anew by chance of what stood around, it was not taken over.
      expect(text.split(gone).some((part) => part.toLowerCase().includes(value.toLowerCase()))).toBe(false);
    }),
  );
});
