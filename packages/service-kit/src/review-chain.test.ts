import { Refusal } from "@shouwang/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseBusinessDate } from "./calendar.ts";
import { type Database, openDatabase } from "./database.ts";
import { addObjection, answerObjections, hasRun, lockPosting, openPosting } from "./posting.ts";
import { type Principal, system } from "./principal.ts";
import { isSecondByOne, reviewChain, stepsOf, takeStep } from "./review-chain.ts";
import { clinic } from "./testing/clinic.testing.ts";
import { type WardDatabase, wardDatabase } from "./testing/ward.testing.ts";

let database: WardDatabase;
let db: Database<Record<never, never>>;
beforeAll(async () => {
  database = await wardDatabase(clinic, "kit_clinic");
  db = openDatabase(database.url);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const chain = reviewChain("test", [
  { step: "review", roles: ["village-officer"] },
  { step: "check", roles: ["township-officer", "village-officer"] },
  { step: "approve", roles: ["county-officer", "township-officer"] },
  { step: "publish", roles: ["county-officer"], mayFollowOwnStep: true },
]);
const person = (subject: string, ...roles: Principal["roles"]): Principal => ({ issuer: "i", subject, roles, region: "451228" });
type Step = "review" | "check" | "approve" | "publish";
const take = async (entityId: string, step: Step, actor: Principal, round = 1, at = new Date()) => {
  const about = { entity: "claim", entityId, region: "451228100003", round };
  const refusal = await db.withTx(actor, (tx) => takeStep(tx, chain, about, step, { actor, at, outcome: "passed" }));
  return refusal instanceof Refusal ? refusal.code : "taken";
};

describe("a review", () => {
  test("refuses an office that the step is not for", async () => {
    expect(await take("office", "approve", person("v", "village-officer"))).toBe("role-not-allowed");
  });

  test("refuses the same person twice in a row, unless the step allows it, and begins anew with each round", async () => {
    const both = person("v", "village-officer", "township-officer");
    const county = person("c", "county-officer");
    expect(await take("twice", "review", both)).toBe("taken");
    expect(await take("twice", "check", both)).toBe("same-person-twice");
    expect(await take("twice", "check", person("t", "township-officer"))).toBe("taken");
    expect(await take("twice", "approve", county)).toBe("taken");
    expect(await take("twice", "publish", county)).toBe("taken");
    expect(await take("twice", "check", county, 2)).toBe("role-not-allowed");
    expect(await take("twice", "review", both, 2)).toBe("taken");
  });

  test("takes the order in which steps were recorded, not when their transactions began", async () => {
    const township = person("t", "township-officer");
    expect(await take("clock", "review", person("v", "village-officer"), 1, new Date(2_000))).toBe("taken");
    expect(await take("clock", "check", township, 1, new Date(1_000))).toBe("taken");
    expect(await take("clock", "approve", township, 1, new Date(3_000))).toBe("same-person-twice");
    const steps = await db.withTx(township, (tx) => stepsOf(tx, "test", "clock"));
    expect(steps.map((step) => step.step)).toEqual(["review", "check"]);
  });
});

describe("who acts for another", () => {
  test("is recorded with whoever it was done for, and stays one person in every office", async () => {
    const own = person("w", "township-officer");
    const acting: Principal = { ...own, roles: ["county-officer"], actingFor: "i|county-head" };
    expect(await take("acting", "review", person("v", "village-officer"))).toBe("taken");
    expect(await take("acting", "check", own)).toBe("taken");
    expect(await take("acting", "approve", acting)).toBe("same-person-twice");
    expect(await take("acting", "approve", { ...acting, subject: "x" })).toBe("taken");
    const steps = await db.withTx(own, (tx) => stepsOf(tx, "test", "acting"));
    expect(steps.map(({ actor, actingFor }) => [actor, actingFor])).toEqual([
      ["i|v", null],
      ["i|w", null],
      ["i|x", "i|county-head"],
    ]);
  });
});

describe("whoever has decided", () => {
  const steps = reviewChain("deciding", [
    { step: "propose", roles: [], begins: true, decides: true },
    { step: "compare", roles: [] },
    { step: "review", roles: [], mayFollowOwnStep: true, decides: true },
    { step: "post", roles: [], mayFollowOwnStep: true },
    { step: "check", roles: [], decides: true },
    { step: "approve", roles: [], decides: true },
  ]);
  test.each<[string, boolean, [string, string][], string, string]>([
    [
      "takes no later step that decides, whatever lies between",
      true,
      [
        ["check", "a"],
        ["post", "b"],
      ],
      "approve",
      "a",
    ],
    [
      "nor one that the proposal of his led to",
      true,
      [
        ["propose", "a"],
        ["review", "b"],
        ["post", "b"],
      ],
      "check",
      "a",
    ],
    [
      "though another may",
      false,
      [
        ["check", "a"],
        ["post", "b"],
      ],
      "approve",
      "c",
    ],
    ["may himself put up what he reviewed", false, [["review", "a"]], "post", "a"],
    ["may review what he proposed", false, [["propose", "a"]], "review", "a"],
    [
      "while whoever only compared may check later",
      false,
      [
        ["compare", "a"],
        ["post", "b"],
      ],
      "check",
      "a",
    ],
    ["but not next, since nobody takes two in a row", true, [["compare", "a"]], "check", "a"],
    ["and nobody stands in the way of the first step", false, [], "check", "a"],
  ])("%s", (_, second, taken, step, actor) => {
    expect(
      isSecondByOne(
        steps,
        taken.map(([name, who]) => ({ step: name, actor: who })),
        step,
        actor,
      ),
    ).toBe(second);
  });
});

describe("a posting of five days put up on the 1st", () => {
  const day = (text: string) => parseBusinessDate(`2022-08-${text}`);
  const post = (entityId: string) =>
    db.withTx(system("test"), async (tx) => {
      const about = { kind: "list", clause: "M-09", entity: "case", entityId, region: "451228100003" };
      await openPosting(tx, { ...about, levels: ["village"], body: { name: "韦*明" }, startsOn: day("01"), days: 5 });
    });
  const has = (entityId: string, today: string) =>
    db.withTx(system("test"), async (tx) => {
      const posting = await lockPosting(tx, "case", entityId);
      return posting && hasRun(posting, day(today));
    });

  test("runs to the end of the 6th", async () => {
    await post("edges");
    expect([await has("edges", "01"), await has("edges", "06"), await has("edges", "07")]).toEqual([false, false, true]);
  });

  test("is held up by an objection until it is answered", async () => {
    await post("objected");
    await db.withTx(system("test"), async (tx) => {
      const postingId = (await lockPosting(tx, "case", "objected"))?.id ?? "";
      await addObjection(tx, {
        id: postingId,
        postingId,
        region: "451228100003",
        content: Buffer.from("sealed"),
        raisedBy: "x",
        at: new Date(),
      });
    });
    expect(await has("objected", "07")).toBe(false);
    await db.withTx(system("test"), async (tx) => {
      expect(await answerObjections(tx, (await lockPosting(tx, "case", "objected"))?.id ?? "", false, new Date())).toBe(1);
    });
    expect(await has("objected", "07")).toBe(true);
  });
});
