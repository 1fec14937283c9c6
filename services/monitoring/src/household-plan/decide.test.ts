import { type MeasureCategory, Refusal, type Risk } from "@shouwang/contract";
import { parseBusinessDate } from "@shouwang/service-kit/calendar";
import { describe, expect, test } from "vitest";
import { approvePlan, deliverItem, type HouseholdPlan, type PlanItem, submitPlan, unansweredRisks } from "./decide.ts";

/** The plan that came of it; a refusal fails the test. */
const must = (answer: HouseholdPlan | Refusal): HouseholdPlan => {
  if (answer instanceof Refusal) throw new Error(answer.code);
  return answer;
};

const today = parseBusinessDate("2022-08-12");
const item = (risk: Risk, category: MeasureCategory, more: Partial<PlanItem> = {}): PlanItem => ({
  id: `${risk}-${category}`,
  risk,
  category,
  dueOn: "2022-09-30",
  status: "planned",
  ...more,
});
const about = { planId: "plan", caseId: "case", householdId: "household", region: "451228100003" };
const submit = (present: HouseholdPlan | undefined, items: PlanItem[], risks: Risk[] = ["illness", "unstable-work"]) =>
  submitPlan(present, { about, items, risks, today, by: "helper" });
const plan: HouseholdPlan = {
  id: "plan",
  caseId: "case",
  householdId: "household",
  region: "451228100003",
  status: "submitted",
  revision: 1,
  submittedBy: "helper",
  approvedBy: null,
  approvedOn: null,
  version: 1,
  items: [item("illness", "health"), item("unstable-work", "job")],
};

describe("every risk needs an item of a fitting kind", () => {
  test.each<[Risk, MeasureCategory, boolean]>([
    ["illness", "health", true],
    ["illness", "social-help", true],
    ["illness", "safety-net", true],
    ["illness", "job", false],
    ["schooling", "compulsory-schooling", true],
    ["schooling", "other-schooling", true],
    ["schooling", "social-help", true],
    ["schooling", "safety-net", false],
    ["unsafe-housing", "housing", true],
    ["unsafe-housing", "relocation", true],
    ["unsafe-housing", "living-conditions", false],
    ["unsafe-water", "drinking-water", true],
    ["unsafe-water", "infrastructure", false],
    ["unstable-work", "industry", true],
    ["disability", "infrastructure", true],
  ])("%s answered by %s: %s", (risk, category, fits) => {
    expect(unansweredRisks([risk], [item(risk, category)]).length === 0).toBe(fits);
  });

  test("an item for another risk, or a cancelled one, answers nothing", () => {
    expect(unansweredRisks(["illness"], [item("schooling", "social-help")])).toHaveLength(1);
    expect(unansweredRisks(["illness"], [item("illness", "health", { status: "cancelled" })])).toHaveLength(1);
  });

  test("approval lists each risk that lacks an item, with the kinds that would do", () => {
    const approval = approvePlan(
      { ...plan, items: [item("unstable-work", "job")] },
      { risks: ["illness", "unstable-work", "unsafe-water"], by: "township", today },
    );
    expect(approval).toMatchObject({
      code: "plan-incomplete",
      reasons: [
        {
          code: "risk-unanswered",
          clause: "M-04b",
          en: expect.stringContaining("illness; one of health, social-help, safety-net"),
        },
        { code: "risk-unanswered", en: expect.stringContaining("unsafe-water; one of drinking-water") },
      ],
    });
  });
});

describe("a plan's way", () => {
  test("submitted, approved, changed: the change is a revision to be approved again and keeps the day of the last approval", () => {
    const approved = approvePlan(plan, { risks: ["illness"], by: "township", today });
    expect(approved).toMatchObject({ status: "approved", approvedOn: "2022-08-12", version: 2 });
    const changed = submit(must(approved), [item("illness", "safety-net")]);
    expect(changed).toMatchObject({ id: "plan", status: "submitted", revision: 2, version: 3, approvedOn: "2022-08-12" });
  });

  test("what was delivered stays in a new revision, what was only planned gives way", () => {
    const delivered = must(deliverItem(plan, "illness-health", "health"));
    const changed = must(submit(delivered, [item("unstable-work", "industry")]));
    expect(changed.items.map(({ id, status }) => [id, status])).toEqual([
      ["illness-health", "done"],
      ["unstable-work-industry", "planned"],
    ]);
  });

  test("an approved plan is not approved again, a closed one takes no change", () => {
    expect(approvePlan({ ...plan, status: "approved" }, { risks: [], by: "x", today })).toMatchObject({ code: "plan-state" });
    expect(submit({ ...plan, status: "closed" }, [item("illness", "health")])).toMatchObject({ code: "plan-state" });
  });

  test("an item names a risk of the case and a day still to come, today included", () => {
    expect(submit(undefined, [item("illness", "health", { dueOn: "2022-08-12" })])).toMatchObject({ revision: 1, version: 1 });
    const wrong = submit(undefined, [item("schooling", "social-help"), item("illness", "health", { dueOn: "2022-08-11" })]);
    expect(wrong).toMatchObject({ code: "invalid-input", errors: [{ pointer: "/items/0/risk" }, { pointer: "/items/1/dueOn" }] });
  });

  test("at most fifty items, those delivered among them", () => {
    const delivered = { ...plan, items: [item("illness", "health", { status: "done" })] };
    const many = (n: number) => Array.from({ length: n }, (_, index) => item("illness", "health", { id: `new-${index}` }));
    expect(submit(delivered, many(49))).toMatchObject({ revision: 2 });
    expect(submit(delivered, many(50))).toMatchObject({ errors: [{ pointer: "/items", rule: "too-many" }] });
  });

  test("a measure does the item of its own kind, once", () => {
    expect(deliverItem(plan, "illness-health", "job")).toMatchObject({ errors: [{ rule: "category-of-the-item" }] });
    const done = must(deliverItem(plan, "illness-health", "health"));
    expect(done.version).toBe(2);
    expect(deliverItem(done, "illness-health", "health")).toBe(done);
    expect(deliverItem(plan, "unknown", "health")).toMatchObject({ code: "plan-not-found" });
  });
});
