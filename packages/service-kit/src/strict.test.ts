import { describe, expect, test } from "vitest";
import { z } from "zod";
import { strictly } from "./strict.ts";

const Member = z.object({ name: z.string() });
const schema = strictly(
  z
    .object({
      one: Member,
      list: z.array(Member).optional(),
      maybe: Member.nullable().default(null),
      either: z.union([Member, z.object({ code: z.string() })]).optional(),
      loose: z.looseObject({ name: z.string() }).optional(),
      trimmed: z.string().trim().max(3).optional(),
    })
    .refine(({ one }) => one.name !== "nobody"),
);
const good = { one: { name: "a" } };

describe("a strict schema", () => {
  test.each([
    ["at the top", { ...good, more: 1 }],
    ["in an object", { one: { name: "a", more: 1 } }],
    ["in a list", { ...good, list: [{ name: "a" }, { name: "b", more: 1 }] }],
    ["in what may be null", { ...good, maybe: { name: "a", more: 1 } }],
    ["in every choice of several", { ...good, either: { name: "a", more: 1 } }],
  ])("refuses a field that nobody declared %s", (_, value) => {
    expect(schema?.safeParse(value).success).toBe(false);
  });

  test("takes what is declared, converts it as before, and keeps every rule", () => {
    expect(schema?.parse({ ...good, list: [], either: { code: "x" }, trimmed: " ab " })).toEqual({
      one: { name: "a" },
      list: [],
      maybe: null,
      either: { code: "x" },
      trimmed: "ab",
    });
    expect(schema?.safeParse({ one: { name: "nobody" } }).success).toBe(false);
    expect(schema?.safeParse({ ...good, trimmed: "abcd" }).success).toBe(false);
  });

  test("leaves alone an object that says itself that it takes more", () => {
    expect(schema?.parse({ ...good, loose: { name: "a", more: 1 } })).toMatchObject({ loose: { more: 1 } });
  });
});
