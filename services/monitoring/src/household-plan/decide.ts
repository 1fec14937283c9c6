import { type MeasureCategory, type Reason, type Refusal, type Risk, refuse } from "@shouwang/contract";
import type { BusinessDate } from "@shouwang/service-kit/calendar";

type PlanItemStatus = "planned" | "doing" | "done" | "confirmed" | "cancelled";
export type PlanItem = { id: string; risk: Risk; category: MeasureCategory; dueOn: string; status: PlanItemStatus };

export type HouseholdPlan = {
  id: string;
  caseId: string;
  householdId: string;
  region: string;
  status: "submitted" | "approved" | "closed";
  /** Every submission is a revision of its own, approved by itself. */
  revision: number;
  submittedBy: string;
  approvedBy: string | null;
  /** Day of the latest approval. */
  approvedOn: string | null;
  version: number;
  /** The items of the present revision. */
  items: PlanItem[];
};

/** Which kinds of help answer a risk, where not any kind does. */
const fitting: Partial<Record<Risk, readonly MeasureCategory[]>> = {
  illness: ["health", "social-help", "safety-net"],
  schooling: ["compulsory-schooling", "other-schooling", "social-help"],
  "unsafe-housing": ["housing", "relocation"],
  "unsafe-water": ["drinking-water"],
};

const fits = (item: Pick<PlanItem, "risk" | "category" | "status">, risk: Risk): boolean =>
  item.risk === risk && item.status !== "cancelled" && (fitting[risk]?.includes(item.category) ?? true);

/** M-04b: one reason for each risk of the case that no item of a fitting kind answers; none when the plan is complete. */
export function unansweredRisks(
  risks: readonly Risk[],
  items: readonly Pick<PlanItem, "risk" | "category" | "status">[],
): Reason[] {
  return risks
    .filter((risk) => !items.some((item) => fits(item, risk)))
    .map((risk) => {
      const kinds = fitting[risk];
      return {
        code: "risk-unanswered",
        clause: "M-04b",
        zh: kinds ? `风险“${risk}”缺少对应措施,可选:${kinds.join("、")}` : `风险“${risk}”没有计划措施`,
        en: kinds ? `No fitting item for the risk ${risk}; one of ${kinds.join(", ")}` : `No item for the risk ${risk}`,
        facts: [
          { name: { zh: "风险", en: "Risk" }, value: risk },
          {
            name: { zh: "该风险计划措施数", en: "Items for this risk" },
            value: items.filter((item) => item.risk === risk).length,
          },
        ],
      };
    });
}

/** A plan holds at most this many items, those already delivered among them. */
export const maxItems = 50;

/**
 * Submits a plan, or a change of it. What was delivered stays in the new revision; what was only planned gives way to the new items. The plan is to be approved
 * (again), and a closed plan takes no more changes.
 */
export function submitPlan(
  present: HouseholdPlan | undefined,
  given: {
    about: { planId: string; caseId: string; householdId: string; region: string };
    items: readonly PlanItem[];
    risks: readonly Risk[];
    today: BusinessDate;
    by: string;
  },
): HouseholdPlan | Refusal<"plan-state" | "invalid-input"> {
  if (present?.status === "closed") return planState(present);
  const errors = given.items.flatMap((item, index) => [
    ...(given.risks.includes(item.risk)
      ? []
      : [
          {
            pointer: `/items/${index}/risk`,
            rule: "risk-of-the-case",
            zh: "该户认定的风险中没有此项",
            en: "The case does not have this risk",
            clause: "M-04b",
          },
        ]),
    ...(item.dueOn >= given.today
      ? []
      : [
          {
            pointer: `/items/${index}/dueOn`,
            rule: "not-in-past",
            zh: "计划完成日不能早于今天",
            en: "What is planned cannot be due in the past",
            clause: "M-04b",
          },
        ]),
  ]);
  const delivered = (present?.items ?? []).filter((item) => item.status === "done" || item.status === "confirmed");
  if (delivered.length + given.items.length > maxItems) {
    errors.push({
      pointer: "/items",
      rule: "too-many",
      zh: `连同已落实的,措施不超过${maxItems}项`,
      en: `At most ${maxItems} items, those delivered included`,
      clause: "M-04b",
    });
  }
  if (errors.length > 0) return refuse("invalid-input", { errors });
  const { planId, ...about } = given.about;
  return {
    ...about,
    id: present?.id ?? planId,
    status: "submitted",
    revision: (present?.revision ?? 0) + 1,
    submittedBy: given.by,
    approvedBy: present?.approvedBy ?? null,
    approvedOn: present?.approvedOn ?? null,
    version: (present?.version ?? 0) + 1,
    items: [...delivered, ...given.items],
  };
}

/** The township approves a plan that answers every risk of the case (M-04b). */
export function approvePlan(
  plan: HouseholdPlan,
  given: { risks: readonly Risk[]; by: string; today: BusinessDate },
): HouseholdPlan | Refusal<"plan-state" | "plan-incomplete"> {
  if (plan.status !== "submitted") return planState(plan);
  const reasons = unansweredRisks(given.risks, plan.items);
  if (reasons.length > 0) return refuse("plan-incomplete", { reasons });
  return { ...plan, status: "approved", approvedBy: given.by, approvedOn: given.today, version: plan.version + 1 };
}

/** An item whose measure has reached the household. Delivered twice is delivered. */
export function deliverItem(
  plan: HouseholdPlan,
  itemId: string,
  category: MeasureCategory,
): HouseholdPlan | Refusal<"plan-not-found" | "plan-state" | "invalid-input"> {
  const item = plan.items.find((one) => one.id === itemId);
  if (!item) return refuse("plan-not-found");
  if (plan.status === "closed" || item.status === "cancelled") return planState(plan);
  if (item.category !== category) {
    return refuse("invalid-input", {
      errors: [
        {
          pointer: "/category",
          rule: "category-of-the-item",
          zh: `与户策该项措施类型不一致:${item.category}`,
          en: `The plan's item is of another kind: ${item.category}`,
          clause: "M-03",
        },
      ],
    });
  }
  if (item.status === "done" || item.status === "confirmed") return plan;
  return {
    ...plan,
    version: plan.version + 1,
    items: plan.items.map((one) => (one.id === itemId ? { ...one, status: "done" } : one)),
  };
}

const planState = (plan: HouseholdPlan): Refusal<"plan-state"> =>
  refuse("plan-state", { detail: { zh: `一户一策当前状态:${plan.status}`, en: `The plan is ${plan.status}` } });
