import { describe, expect, test } from "vitest";
import { answer, type Move, mayOffer } from "./decide.ts";

const move: Move = {
  id: "01825a10-7c00-7000-8000-000000000001",
  householdId: "01825a10-7c00-7000-8000-000000000002",
  fromRegion: "451228100003",
  toRegion: "451229100001",
  status: "offered",
  reason: "work",
  document: null,
  summary: { head: "韦*明", headcount: 2, ableWorkers: 2, householdKind: "lifted-household", monitored: false },
  offeredAt: new Date("2022-08-15T01:00:00Z"),
  expiresOn: "2022-09-14",
  answeredAt: null,
  declinedBecause: null,
  appliedAt: null,
  version: 1,
};

describe("M-01: where and when a household may be offered", () => {
  test.each([
    ["to another county", "451229100001", undefined, undefined],
    ["to its own village", "451228100003", undefined, "invalid-input"],
    ["to a township", "451229100000", undefined, "invalid-input"],
    ["to nowhere", "451299999999", undefined, "unknown-division"],
    ["while its village posts the case", "451229100001", "posted", "move-blocked"],
    ["while clearance is under way", "451229100001", "clearance-proposed", "move-blocked"],
    ["while it is helped", "451229100001", "helping", undefined],
  ])("%s", (_, to, caseStatus, code) => {
    expect(mayOffer({ from: "451228100003", to, caseStatus })?.code).toBe(code);
  });
});

test.each(["accepted", "declined", "withdrawn", "expired", "done"] as const)(
  "an offer that was %s takes no other answer",
  (status) => {
    for (const to of ["accepted", "declined", "withdrawn", "expired"] as const)
      expect(answer({ ...move, status }, to, { now: move.offeredAt })).toMatchObject({ code: "move-state" });
    expect(answer(move, "accepted", { now: move.offeredAt })).toMatchObject({ status: "accepted", version: 2 });
  },
);
