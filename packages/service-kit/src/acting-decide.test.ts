import { Refusal } from "@shouwang/contract";
import { describe, expect, test } from "vitest";
import { type ActingAppointment, actingAs, isInForce, mayAppoint } from "./acting-decide.ts";
import { parseBusinessDate } from "./calendar.ts";
import type { Principal } from "./principal.ts";

const today = parseBusinessDate("2022-08-15");
const county: Principal = { issuer: "i", subject: "head", roles: ["county-officer"], region: "451228" };
const asked = {
  role: "township-officer" as const,
  region: "451228100000",
  acting: "i|a",
  actingFor: "i|b",
  from: "2022-08-15",
  until: "2022-09-15",
  document: "都组〔2022〕8号",
};
const appointed = (more: Partial<Omit<ActingAppointment, "id" | "endedOn">>, by: Principal = county) => {
  const refused = mayAppoint({ ...asked, ...more }, { by, today });
  return refused instanceof Refusal ? `${refused.code}${refused.errors.map(({ rule }) => ` ${rule}`).join("")}` : "appointed";
};

describe("an acting officer is appointed", () => {
  test.each<[string, string, Parameters<typeof appointed>]>([
    ["by the county for a township", "appointed", [{}]],
    [
      "by the township for a village",
      "appointed",
      [
        { role: "village-officer", region: "451228100003" },
        { ...county, roles: ["township-officer"], region: "451228100" },
      ],
    ],
    [
      "by the city for a county",
      "appointed",
      [
        { role: "county-officer", region: "451228000000" },
        { ...county, roles: ["city-officer"], region: "4512" },
      ],
    ],
    [
      "by the region for a city",
      "appointed",
      [
        { role: "city-officer", region: "451200000000" },
        { ...county, roles: ["region-officer"], region: "45" },
      ],
    ],
    ["never by the same level", "acting-not-allowed", [{}, { ...county, roles: ["township-officer"], region: "451228100" }]],
    ["never by two levels up", "acting-not-allowed", [{}, { ...county, roles: ["city-officer"], region: "4512" }]],
    ["never by another county", "outside-area", [{}, { ...county, region: "451229" }]],
    ["never by whoever acts himself", "acting-not-allowed", [{}, { ...county, actingFor: "i|other" }]],
    ["never by and for oneself", "acting-not-allowed", [{ acting: "i|head" }]],
    ["never for oneself", "acting-not-allowed", [{ acting: "i|b" }]],
    ["never for a division of another level", "invalid-input level-of-office", [{ region: "451228100003" }]],
    ["never for a division that there is not", "unknown-division", [{ region: "451228999000" }]],
    ["never with an end before its start", "invalid-input not-past", [{ from: "2022-09-02", until: "2022-09-01" }]],
    ["never for a time that has passed", "invalid-input not-past", [{ from: "2022-08-01", until: "2022-08-14" }]],
    ["for one day, which is today", "appointed", [{ until: "2022-08-15" }]],
  ])("%s", (_, answer, given) => {
    expect(appointed(...given)).toBe(answer);
  });
});

test.each([
  ["on its first day", "2022-08-15", null, true],
  ["on its last day", "2022-09-15", null, true],
  ["not before", "2022-08-14", null, false],
  ["not after", "2022-09-16", null, false],
  ["not once it was ended", "2022-08-20", "2022-08-20", false],
])("an appointment is in force %s", (_, day, endedOn, inForce) => {
  expect(isInForce({ ...asked, endedOn }, day)).toBe(inForce);
});

test("whoever acts has that office's area and role and nothing of his own, under his own name", () => {
  const person: Principal = {
    issuer: "i",
    subject: "a",
    roles: ["city-officer"],
    region: "4512",
    department: "x",
    counties: ["451228"],
  };
  expect(actingAs(person, asked)).toEqual({
    issuer: "i",
    subject: "a",
    roles: ["township-officer"],
    region: "451228100",
    actingFor: "i|b",
  });
});
